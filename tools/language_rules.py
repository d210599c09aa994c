"""The language gate: `python -m tools.language_rules` reads every Korean text of the course, says what breaks a rule.

Each rule takes a `Text` and returns what breaks it, as short quotations; none when all is well. They are kept to what
can be told without a dictionary, so that a finding is worth reading. What is quoted is not the course's own voice.
"""

import re
import sys
from collections.abc import Iterable

from course_utils.glossary import terms
from tools.language_josa import wrong_josa
from tools.language_texts import GAP, HANGUL, Text, every_text

# A sentence that ends in plain style: "...한다.", "...이다!", but not "...합니다." or "...합시다.".
PLAIN_ENDING = re.compile(r"[가-힣]*[가-힣](?<![니시])다(?=[.!][\s*_)]|[.!]$)", re.MULTILINE)
# Questions may end in -나요, -가요 and -까요, as a teacher asks a class; 필요, 중요 ... are nouns.
_HAEYO = re.compile(
    r"(?<![가-힣])(?!안녕하세요)[가-힣]*(?:[가-힣](?<![나까가은로필중수개주동소강])요|죠)(?=[.!?~)\s*|]|$)",
    re.MULTILINE,
)

_UNITS = "개|번|명|줄|자|분|시간|장|쪽|가지|바이트|비트|차원|달러|원"
_OTHER_UNITS = "초|위|점|배|토큰"  # with a particle they may be other words: "8 초과", "### 9.1 토큰이 돈입니다"
_SPACING = {
    "two spaces": re.compile(r"(?<=[^\s|])(?<![-.:])  +(?=[^\s|#/])"),
    "space before a mark": re.compile(r"(?<=[가-힣]) +[,.!?;:](?=\s|$)"),
    "no space after a mark": re.compile(r"[가-힣][,.!?][가-힣]"),
    "space inside parentheses": re.compile(r"(?<=[가-힣])\( |(?<=[가-힣]) \)"),
    "space before a gloss": re.compile(r"[가-힣] \([a-z]+(?:[ -][a-z]+)*\)"),
    "space before a counter": re.compile(rf"\d (?:(?:{_UNITS})[을를이가은는의씩]?|{_OTHER_UNITS})(?![가-힣])"),
}
_DASHES = re.compile(r"[—–―]|\.{4,}|[가-힣]\.{2}(?!\.)|。|、|·{2,}")
_CURLED = re.compile(r"[“”‘’«»]")

# wrong form -> the form to write
SPELLING = {
    r"몇일": "며칠",
    r"[됬됐]서|되서|됬": "돼서, 됐",
    r"(?<![가-힣])안되(?=[는면고어]|$)|안돼(?=[요는]|$)|안됩니다": "안 되, 안 됩니다",
    r"되요(?![가-힣])|돼는|돼고|돼면|돼지만": "돼요, 되는",
    r"(?:최대|최소|기대|절대|초기|고유|대표|임계|근사|결과)값": "최댓값, 기댓값, 절댓값 ...",
    r"갯수|댓수|횟 수": "개수, 대수, 횟수",
    r"촛점": "초점",
    r"꼭지점": "꼭짓점",
    r"[할될쓸볼줄킬릴]수 (?:있|없)|수(?:있|없)(?:습|는|다|으)": "할 수 있습니다",
    r"것 입니다|뿐 입니다|때문 입니다": "것입니다",
    r"뿐만아니라": "뿐만 아니라",
    r"하는데로|는데로": "하는 대로",
    r"않되|않돼": "안 되",
    r"왠만|웬지|왠 ": "웬만, 왠지, 웬",
    r"역활": "역할",
    r"금새": "금세",
    r"일일히|깨끗히|틈틈히|번번히|가까히|곰곰히|솔직이|꼼꼼이": "-이, -히",
    r"어떻해": "어떡해",
    r"할려고|볼려고|쓸려고|갈려고": "하려고",
    r"바램(?=[이을은])": "바람",
    r"설레임": "설렘",
    r"띄워쓰기|뛰어쓰기": "띄어쓰기",
    r"메세지|컨텐츠|디렉토리|데이타|어플리케이션|리더쉽|캐쉬|레포지토리|알고리듬|싸이트|컨셉|넌센스": "외래어 표기법",
    r"(?:사람|학생|강사|모델|손님|봇|값)으?로써": "로서",
    r"[함됨음씀]으로서": "함으로써",
    r"(?<![가-힣])(?:윈도우|쥬피터|쥬피터랩)": "윈도, 주피터",
    r"[가-힣]에 대하여서|으로 인하여|에 있어서": "짧게",
    r"(?:되어|보여|쓰여|잊혀|나뉘어)[지진집졌]|불리[우워운웠]": "되, 보이, 쓰이",
}
_SPELLING = [(re.compile(wrong), right) for wrong, right in SPELLING.items()]
HYPE = re.compile(
    r"혁신적|획기적|놀라운|놀랍게|강력한|압도적|최첨단|최고의|완벽하게|완벽한|손쉽게|마법 ?같|환상적|무궁무진|파격|!!"
)


def _quoted(pattern: re.Pattern, text: str, why: str = "") -> list[str]:
    """Each place where `pattern` matches, with some letters around it."""
    return [
        f"{why}...{text[max(0, m.start() - 15) : m.end() + 10]}".replace("\n", " ").replace(GAP, "`")
        for m in pattern.finditer(text)
    ]


def plain_style(text: Text) -> list[str]:
    """합니다체 throughout: no sentence ends in "-한다."."""
    return _quoted(PLAIN_ENDING, text.own_words) if text.own_voice else []


def friendly_style(text: Text) -> list[str]:
    """합니다체 throughout: no sentence ends in "-해요", and nobody is asked with "-해 주세요"."""
    return _quoted(_HAEYO, text.own_words) if text.own_voice else []


def avoided_terms(text: Text) -> list[str]:
    """One form for each word: the glossary's."""
    return _quoted(_avoided(), text.own_words)


def _avoided() -> re.Pattern:
    forms = sorted((form for term in terms() for form in term.avoid), key=len, reverse=True)
    # Short forms may be part of another word: 인자 of 쓰인자.
    parts = [(r"(?<![가-힣])" if len(form) < 4 else "") + re.escape(form) for form in forms]
    return re.compile("|".join(parts))


def spacing(text: Text) -> list[str]:
    """One space between words, none before a mark or a counter, one after a mark, a gloss close to its word."""
    # Strings in a lesson's code may be columns of its output, or samples with the very fault that it is about.
    return (
        [found for why, pattern in _SPACING.items() for found in _quoted(pattern, text.prose, f"{why}: ")]
        if text.own_voice
        else []
    )


def marks(text: Text) -> list[str]:
    """Straight quotes, no dashes in place of a sentence's structure, three dots or none."""
    return _quoted(_DASHES, text.prose) + _quoted(_CURLED, text.prose)


def josa(text: Text) -> list[str]:
    """Particles agree with the word before them, also after Latin words, digits and code; never "은(는)"."""
    return wrong_josa(text.with_code)


def spelling(text: Text) -> list[str]:
    """Common slips that no compiler sees."""
    return [found for pattern, right in _SPELLING for found in _quoted(pattern, text.own_words, f"{right}: ")]


def hype(text: Text) -> list[str]:
    """No advertising."""
    return _quoted(HYPE, text.own_words) if text.own_voice else []


RULES = [plain_style, friendly_style, avoided_terms, spacing, marks, josa, spelling, hype]

# rule, where the text stands (its beginning), words of the finding -> why it may stay
ALLOWED: dict[tuple[str, str, str], str] = {
    ("spacing", "course_utils/diagram_model.py", "(×:"): "columns of a caption inside a drawing",
    ("friendly_style", "course_utils/leaderboard_facts.py", "좋아요"): "the name of the Hub's button",
}


def problems(texts: Iterable[Text]) -> list[str]:
    """What breaks a rule in `texts`, each as one line: place, rule, words."""
    found = []
    for text in texts:
        if HANGUL.search(text.source):
            for rule in RULES:
                found += [
                    f"{text.where}: {rule.__name__}: {words}"
                    for words in rule(text)
                    if not any(
                        rule.__name__ == name and text.where.startswith(place) and part in words
                        for name, place, part in ALLOWED
                    )
                ]
    return found


def main() -> int:
    found = problems(every_text())
    print(*found, f"{len(found)} problems", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
