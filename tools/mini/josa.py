"""Korean particles (josa) that agree with the word before them."""

HANGUL_FIRST, HANGUL_LAST, FINALS = 0xAC00, 0xD7A3, 28
RIEUL = 8  # index of the final consonant ㄹ

# (after a final consonant, after a vowel)
PAIRS = {
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "으로": ("으로", "로"),
    "이에요": ("이에요", "예요"),
    "이야": ("이야", "야"),
}
# Names of digits and Latin letters as Koreans read them: the final consonant of "일", "엘" ...
READ_AS = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True)) | {"L": "엘", "M": "엠", "N": "엔", "R": "알"}


def final_consonant(word: str) -> int:
    """Index of the final consonant that `word` is pronounced with; 0 where it ends in a vowel.

    Closing brackets, quotes and spaces after the last sound are passed over.
    """
    for letter in reversed(word):
        letter = READ_AS.get(letter.upper(), letter)
        if HANGUL_FIRST <= ord(letter) <= HANGUL_LAST:
            return (ord(letter) - HANGUL_FIRST) % FINALS
        if letter.isalnum():
            return 0
    return 0


def with_josa(word: str, josa: str) -> str:
    """`word` followed by the form of `josa` (a key of `PAIRS`) that fits it.

    Raises:
        KeyError: `josa` is not a particle that changes.
    """
    after_consonant, after_vowel = PAIRS[josa]
    final = final_consonant(word)
    if josa == "으로" and final == RIEUL:
        return word + after_vowel
    return word + (after_consonant if final else after_vowel)


class Word(str):
    """A string that takes its josa as a format specification: ``f"{Word('우산'):은}"`` is ``"우산은"``."""

    def __format__(self, spec: str) -> str:
        return with_josa(str(self), spec) if spec else str(self)
