"""``explain()``: what an error of the ``openai`` library means and what to do next, in Korean, without any key."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

from course_utils.api_refusals import FILTERED, OPENAI_HOST, RANGES, host_of, is_loopback, refusal, their_words
from course_utils.asked_checks import half_letter
from course_utils.errors import CourseError, first_line
from course_utils.key_shapes import hide_keys

if TYPE_CHECKING:
    from openai import OpenAI

NOT_AN_API = (
    "서버의 답이 API의 형식(JSON)이 아닙니다. 주소가 API 서버인지(/v1로 끝나는지), "
    "와이파이 로그인 화면이 대신 온 것은 아닌지 확인해 주십시오."
)


def explain(error: BaseException, client: OpenAI | None = None) -> str:
    """One or two Korean sentences: what happened, and the next step.

    ``client`` is asked which models there are when the error is about a model's name. Keys are never in the text,
    not even the parts of them that servers quote.
    """
    import openai

    if isinstance(error, CourseError):
        return str(error)
    for kind, words in (
        (openai.APITimeoutError, _timeout),
        (openai.APIConnectionError, _connection),
        (openai.APIStatusError, refusal),
        (openai.APIResponseValidationError, _not_json),
        (openai.LengthFinishReasonError, _length),
        (openai.ContentFilterFinishReasonError, _filtered),
        (openai.APIError, _in_the_stream),
        (openai.OpenAIError, _client_setup),
        (json.JSONDecodeError, _not_json),
        (UnicodeEncodeError, _letters),
        (TypeError, _type),
    ):
        if isinstance(error, kind):
            return words(error, client)
    if isinstance(error, AttributeError) and "_set_private_attributes" in str(error):
        return NOT_AN_API  # a web page where the library expects a list of models
    if from_transport(error):
        return _timeout(error, client) if "Timeout" in type(error).__name__ else _connection(error, client)
    return f"예상하지 못한 오류입니다({type(error).__name__}). {their_words(error)}".strip()


def from_transport(error: BaseException) -> bool:
    """Whether the HTTP library below ``openai`` (httpx or httpx2) raised it: while streaming they come unwrapped."""
    return type(error).__module__.split(".")[0].rstrip("2") in {"httpx", "httpcore"}


def _place(error: Any) -> str:
    """Which server it was, in words."""
    host = host_of(error)
    if host == OPENAI_HOST:
        return "OpenAI 서버"
    return "이 컴퓨터의 서버" if is_loopback(host) else f"서버({host})" if host else "서버"


def _timeout(error: Any, client: Any) -> str:
    return (
        f"{_place(error)}가 정해진 시간 안에 답하지 않았습니다(시간 초과, time-out). 서버가 바쁘거나 답이 깁니다. "
        "잠시 뒤에 다시 묻거나, max_completion_tokens를 줄이거나, timeout을 늘려 주십시오."
    )


def _chain(error: BaseException) -> str:
    """Names and messages of the error and its causes, in which the real reason of a lost connection is found."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    return " | ".join(f"{type(one).__name__}: {one}" for one in seen)


def _connection(error: Any, client: Any) -> str:
    reasons, host, place = _chain(error), host_of(error), _place(error)
    if "UnsupportedProtocol" in reasons or "Invalid URL" in reasons:
        return "서버 주소가 http:// 또는 https://로 시작하지 않습니다. OPENAI_BASE_URL이나 base_url을 고쳐 주십시오."
    if "UnicodeEncodeError" in reasons or "LocalProtocolError" in reasons:
        return "API 키에 한글, 공백, 줄바꿈처럼 키에 쓰이지 않는 글자가 있습니다. 키를 다시 복사해 넣어 주십시오."
    if "CERTIFICATE_VERIFY" in reasons:
        return (
            f"{place}의 보안 인증서를 확인하지 못했습니다. "
            "학교나 회사의 보안 프로그램이 원인일 수 있으니 담당자에게 문의해 주십시오."
        )
    if "WRONG_VERSION_NUMBER" in reasons or "record layer" in reasons:
        return "암호화를 쓰지 않는 서버에 https로 접속했습니다. 주소의 https://를 http://로 바꿔 주십시오."
    if is_loopback(host) and "refused" in reasons.lower():
        return (
            "이 컴퓨터의 서버가 꺼져 있습니다. 커널을 다시 시작했거나 서버가 멈추면 이 오류가 납니다. "
            "client = openai_client()가 있는 셀을 다시 실행해 주십시오."
        )
    if re.search(r"getaddrinfo|Name or service|name resolution|nodename nor servname|No address", reasons):
        way_out = "인터넷 연결" if host == OPENAI_HOST else "주소의 철자(OPENAI_BASE_URL)와 네트워크 연결"
        return f"{place}의 주소를 찾지 못했습니다. {way_out}을 확인해 주십시오."
    if "refused" in reasons.lower():
        return f"{place}가 연결을 받지 않습니다. 주소와 포트가 맞는지, 서버가 켜져 있는지 강사에게 확인해 주십시오."
    if is_loopback(host):
        return (
            "이 컴퓨터의 서버와 연결이 끊겼습니다. 다시 물어 보고, 또 끊기면 "
            "client = openai_client()가 있는 셀을 다시 실행해 주십시오."
        )
    way_out = "인터넷 연결" if host == OPENAI_HOST else "서버 주소와 네트워크 연결"
    return f"{place}와 연결이 끊겼거나 연결하지 못했습니다. {way_out}을 확인하고 다시 실행해 주십시오."


def _length(error: Any, client: Any) -> str:
    return "답이 길이 제한에 걸려 중간에 끝났습니다(finish_reason: length). max_completion_tokens를 늘려 주십시오."


def _filtered(error: Any, client: Any) -> str:
    return FILTERED


def _not_json(error: Any, client: Any) -> str:
    return NOT_AN_API


def _in_the_stream(error: Any, client: Any) -> str:
    return f"서버가 답을 보내다가 오류를 알렸습니다. 다시 물어 주십시오. {their_words(error)}".strip()


def _client_setup(error: Any, client: Any) -> str:
    if "api_key" in str(error):
        return (
            "API 키가 없습니다. 클라이언트는 openai_client()로 만들어 주십시오. 키가 없으면 이 컴퓨터의 서버를 씁니다."
        )
    return f"openai 라이브러리가 요청을 보내지 못했습니다. {their_words(error)}".strip()


def _letters(error: Any, client: Any) -> str:
    return half_letter(error)


def _type(error: Any, client: Any) -> str:
    unknown = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    if unknown:
        near = difflib.get_close_matches(unknown[1], [*RANGES, "model", "stream", "tools", "timeout"], n=1)
        hint = f"이름이 비슷한 매개변수: {near[0]}." if near else "이름의 철자를 확인해 주십시오."
        return f"함수가 모르는 매개변수입니다: {unknown[1]}. {hint}"
    return f"함수에 넘긴 값이 맞지 않습니다. {hide_keys(first_line(error))[:200]}"
