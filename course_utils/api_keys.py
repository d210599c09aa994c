"""API keys: where they are found, whether they can be right, and how they are asked for without being shown."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import Any

from course_utils.errors import CourseError, CourseValueError
from course_utils.key_shapes import find_keys

KEY_VARIABLE = "OPENAI_API_KEY"
KEY_PAGE = "https://platform.openai.com/api-keys"

_PLACEHOLDER = re.compile(
    r"여기|입력|키를|발급|your[-_ ]|\.\.\.|…|x{5,}|\*{3,}|[<>\[\]{}]|placeholder|change[-_ ]?me"
    r"|^(?:my[-_ ]?)?(?:openai[-_ ]?)?(?:api[-_ ]?)?key$|^sk-?(?:proj-?)?$",
    re.IGNORECASE,
)
# Beginnings of keys that belong to somebody else's service.
_OTHERS = {"hf_": "Hugging Face", "AIza": "Google", "gsk_": "Groq", "sk-ant-": "Anthropic", "ghp_": "GitHub"}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True)
class FoundKey:
    """A key and where it was found, in words. Its text form never shows the key."""

    value: str
    source: str

    def __repr__(self) -> str:
        return f"FoundKey(source={self.source!r})"


def clean_key(text: str) -> str:
    """``text`` without what is copied along with keys: spaces, quotes, ``Bearer``, ``OPENAI_API_KEY=``."""
    text = str(text).translate(_INVISIBLE).strip()
    text = re.sub(rf"^(?:export\s+|set\s+)?{KEY_VARIABLE}\s*=\s*", "", text)
    return re.sub(r"^Bearer\s+", "", text.strip("\"'`“”‘’ \t"), flags=re.IGNORECASE).strip("\"'` \t")


def checked_key(text: str, source: str, *, openai: bool = True) -> str:
    """``text`` as a clean key. ``openai``: the key is for OpenAI itself; a class server's keys may look like anything.

    Raises:
        CourseValueError: it cannot be a key; the message names ``source`` and the way out, never the key.
    """
    key = clean_key(text)
    found = f"API 키({source})"
    if not key:
        raise CourseValueError(f"{found}가 비어 있습니다. 키를 다시 넣어 주십시오.")
    if _PLACEHOLDER.search(key):
        raise CourseValueError(
            f"{found} 자리에 예시 글자가 그대로 있습니다. 발급받은 키를 넣어 주십시오. {_get_one(openai)}"
        )
    if not key.isascii() or re.search(r"\s", key) or not key.isprintable():
        raise CourseValueError(
            f"{found}에 한글, 공백, 줄바꿈처럼 키에 쓰이지 않는 글자가 있습니다. 키만 다시 복사해 넣어 주십시오."
        )
    owner = next((name for start, name in _OTHERS.items() if key.startswith(start)), None)
    if openai and owner:
        raise CourseValueError(f"{found}는 OpenAI가 아니라 {owner}에서 발급한 키로 보입니다. {_get_one(openai)}")
    return key


def _get_one(openai: bool) -> str:
    if openai:
        return f'OpenAI 키는 {KEY_PAGE} 에서 만듭니다. 키 없이 하려면 openai_client(where="local")을 써 주십시오.'
    return "수업 서버의 키는 강사에게 문의해 주십시오."


def key_in_environment() -> str | None:
    """What the variable ``OPENAI_API_KEY`` holds; None when it is not set or blank."""
    return os.environ.get(KEY_VARIABLE, "").strip() or None


def secret_in_colab(name: str = KEY_VARIABLE) -> tuple[str | None, str]:
    """The Colab secret of that name and, when there is one that cannot be had, why (else empty)."""
    if "google.colab" not in sys.modules:  # Colab's kernel has loaded it; elsewhere the package means nothing
        return None, ""
    try:
        from google.colab import userdata

        secret = (userdata.get(name) or "").strip()
    except Exception as error:  # known by name: the package exists on Colab only
        return None, _why_no_secret(type(error).__name__, name)
    return (secret, "") if secret else (None, f"코랩 비밀 {name}의 값이 비어 있습니다.")


def _why_no_secret(error: str, name: str) -> str:
    if error == "SecretNotFoundError":  # the ordinary case: nobody put one there
        return ""
    if error == "NotebookAccessError":
        return (
            f"코랩 비밀 {name}: 이 노트북이 접근하도록 허용되지 않았습니다. "
            "왼쪽 열쇠 아이콘에서 '노트북 액세스'를 켠 뒤 이 셀을 다시 실행하면 그 값을 씁니다."
        )
    if error in {"TimeoutException", "MessageError"}:
        return f"코랩 비밀 {name}: 제때 받지 못했습니다. 브라우저에 이 노트북을 띄워 둔 채 다시 실행해 주십시오."
    return "코랩 비밀을 읽을 수 없습니다."


def ask_for_key() -> None:
    """Ask for a key without showing it, and keep it in the environment of this session only.

    Nothing is returned, because a notebook shows what the last line of a cell returns.

    Raises:
        CourseError: nothing can be typed here, or not unseen.
        CourseValueError: what was typed cannot be a key.
    """
    openai = not os.environ.get("OPENAI_BASE_URL", "").strip()
    key = checked_key(_typed_unseen(), "방금 입력한 것", openai=openai)
    os.environ[KEY_VARIABLE] = key
    print(
        "키를 이 세션의 환경 변수 OPENAI_API_KEY에 넣었습니다. 노트북에는 저장되지 않고, 커널을 끄면 사라집니다. "
        "이어서 openai_client()를 실행해 주십시오."
    )


def _typed_unseen() -> str:
    import getpass
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # given before it would read with echo
            return getpass.getpass("API 키를 붙여 넣고 Enter를 눌러 주십시오(입력한 글자는 보이지 않습니다): ")
    except getpass.GetPassWarning as warning:
        raise CourseError(
            "이 터미널에서는 입력한 글자를 숨길 수 없어 키를 묻지 않았습니다. "
            "실행하기 전에 환경 변수 OPENAI_API_KEY에 키를 넣어 주십시오."
        ) from warning
    except (EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise CourseError(
            "이곳에서는 키를 입력받을 수 없습니다. 환경 변수 OPENAI_API_KEY나 코랩 비밀에 키를 넣어 주십시오."
        ) from error


_warned: set[int] = set()


def warn_about_typed_keys(argument: str | None = None) -> None:
    """Say what to do about keys that stand in a cell's text, or came as ``argument``; once for each key."""
    written = {key for cell in _cells() for kind, key in find_keys(cell) if kind in {"OpenAI", "assigned"}}
    new = {hash(key) for key in written} - _warned
    if new:
        print("주의: API 키로 보이는 글자가 셀에 있습니다. 저장한 노트북에 남아 파일과 함께 퍼집니다.")
    elif argument and hash(argument) not in _warned:
        print("주의: key=에 키를 직접 적으면 저장한 노트북에 남아 파일과 함께 퍼집니다.")
    else:
        return
    _warned.update(new, {hash(argument)})
    print(
        "  1. 셀에서 키를 지우고 노트북을 저장합니다.\n"
        f"  2. 이미 공유했다면 {KEY_PAGE} 에서 키를 폐기하고 새로 만듭니다.\n"
        "  3. 다음부터는 ask_for_key()로 입력하거나 환경 변수, 코랩 비밀에 넣습니다."
    )


def _cells() -> list[str]:
    """The text of the cells that ran in this session; none outside IPython."""
    if "IPython" not in sys.modules:
        return []
    from IPython import get_ipython

    shell: Any = get_ipython()
    return [str(cell) for cell in shell.user_ns.get("In", [])] if shell is not None else []
