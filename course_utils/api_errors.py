"""``explain()``: what an error of the ``openai`` library means and what to do next, in Korean, without any key."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from course_utils.errors import CourseError, first_line
from course_utils.key_shapes import hide_keys

if TYPE_CHECKING:
    from openai import OpenAI

OPENAI_HOST = "api.openai.com"
QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_MODELS_SHOWN = 5
NOT_AN_API = (
    "서버의 답이 API의 형식(JSON)이 아닙니다. 주소가 API 서버인지(/v1로 끝나는지), "
    "와이파이 로그인 화면이 대신 온 것은 아닌지 확인해 주십시오."
)

# Parameter -> what OpenAI documents for it (API reference, "Create chat completion").
_RANGES = {
    "temperature": "0에서 2 사이의 수를 넣어 주십시오.",
    "top_p": "0에서 1 사이의 수를 넣어 주십시오.",
    "presence_penalty": "-2에서 2 사이의 수를 넣어 주십시오.",
    "frequency_penalty": "-2에서 2 사이의 수를 넣어 주십시오.",
    "max_tokens": "1 이상의 정수를 넣어 주십시오.",
    "max_completion_tokens": "1 이상의 정수를 넣어 주십시오.",
    "max_output_tokens": "1 이상의 정수를 넣어 주십시오.",
    "n": "받을 답의 수이며 1 이상의 정수입니다. 서버마다 한 번에 받을 수 있는 수가 정해져 있습니다.",
    "seed": "정수를 넣어 주십시오.",
    "stop": "글자 하나 이상의 문자열이나, 그런 문자열 네 개까지의 목록을 넣어 주십시오.",
    "logprobs": "True나 False를 넣어 주십시오.",
    "top_logprobs": "0에서 20 사이의 정수를 넣고 logprobs=True도 함께 적어 주십시오.",
    "messages": '{"role": ..., "content": ...} 모양의 사전이 하나 이상 든 목록을 넣어 주십시오. '
    "role은 system, user, assistant 가운데 하나입니다.",
}
_TOO_LONG = re.compile(r"context(?:_| )(?:length|size|window)|maximum context|exceeds the available context", re.I)


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
        (openai.APIStatusError, _status),
        (openai.APIResponseValidationError, _not_json),
        (openai.LengthFinishReasonError, _length),
        (openai.ContentFilterFinishReasonError, _filtered),
        (openai.APIError, _in_the_stream),
        (openai.OpenAIError, _client_setup),
        (json.JSONDecodeError, _not_json),
        (TypeError, _type),
    ):
        if isinstance(error, kind):
            return words(error, client)
    if from_transport(error):
        return _timeout(error, client) if "Timeout" in type(error).__name__ else _connection(error, client)
    return f"예상하지 못한 오류입니다({type(error).__name__}). {_their_words(error)}".strip()


def from_transport(error: BaseException) -> bool:
    """Whether the HTTP library below ``openai`` (httpx or httpx2) raised it: while streaming they come unwrapped."""
    return type(error).__module__.split(".")[0].rstrip("2") in {"httpx", "httpcore"}


def is_out_of_quota(error: BaseException) -> bool:
    """Whether a 429 says that the account has no credit left, which no waiting mends."""
    return bool(QUOTA_CODES & {getattr(error, "code", None), getattr(error, "type", None)})


def _their_words(error: Any) -> str:
    """What the server itself said, shortened, without keys."""
    body = getattr(error, "body", None)
    said = (body.get("message") if isinstance(body, dict) else None) or first_line(error)
    said = hide_keys(str(said)).strip()
    return f"서버의 말: {said[:200]}" if said else ""


def host_of(error: Any) -> str:
    """Host of the request that failed; empty when unknown."""
    try:
        return urlsplit(str(error.request.url)).hostname or ""
    except (AttributeError, RuntimeError, ValueError):  # httpx raises RuntimeError where no request is attached
        return ""


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


def _place(error: Any) -> str:
    """Which server it was, in words."""
    host = host_of(error)
    if host == OPENAI_HOST:
        return "OpenAI 서버"
    return "이 컴퓨터의 서버" if _is_loopback(host) else f"서버({host})" if host else "서버"


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
            "학교나 회사의 보안 프로그램이 원인일 수 있으니 담당자에게 물어 주십시오."
        )
    if "WRONG_VERSION_NUMBER" in reasons or "record layer" in reasons:
        return "암호화되지 않은 서버에 https로 접속했습니다. 주소의 https://를 http://로 바꿔 주십시오."
    if _is_loopback(host):
        return (
            "이 컴퓨터의 서버와 연결이 끊겼습니다. 서버가 꺼졌거나 커널을 다시 시작했을 때 생깁니다. "
            "client = openai_client()가 있는 셀을 다시 실행해 주십시오."
        )
    if re.search(r"getaddrinfo|Name or service|name resolution|nodename nor servname|No address", reasons):
        way_out = "인터넷 연결" if host == OPENAI_HOST else "주소의 철자(OPENAI_BASE_URL)와 네트워크 연결"
        return f"{place}의 주소를 찾지 못했습니다. {way_out}을 확인해 주십시오."
    if "refused" in reasons.lower():
        return f"{place}가 연결을 받지 않습니다. 주소와 포트가 맞는지, 서버가 켜져 있는지 강사에게 확인해 주십시오."
    way_out = "인터넷 연결" if host == OPENAI_HOST else "네트워크 연결과 서버 주소"
    return f"{place}와 연결이 끊겼거나 연결하지 못했습니다. {way_out}을 확인하고 다시 실행해 주십시오."


def _status(error: Any, client: Any) -> str:
    words = {400: _bad_request, 401: _wrong_key, 403: _forbidden, 404: _not_found, 422: _bad_request, 429: _too_many}
    if error.status_code in words:
        return words[error.status_code](error, client)
    if error.status_code == 413:
        return "요청이 너무 큽니다(413). 메시지를 줄여 주십시오."
    if error.status_code == 503:
        return "서버에 요청이 몰렸습니다(503). 잠시 뒤에 다시 물어 주십시오. 잘못 보낸 것은 없습니다."
    if error.status_code >= 500:
        return f"서버 안에서 오류가 났습니다({error.status_code}). 잘못 보낸 것은 없으니 잠시 뒤에 다시 물어 주십시오."
    return f"서버가 요청을 거절했습니다({error.status_code}). {_their_words(error)}".strip()


def _wrong_key(error: Any, client: Any) -> str:
    if host_of(error) == OPENAI_HOST:
        return (
            "OpenAI가 API 키를 받아들이지 않았습니다(401). 키를 끝까지 복사했는지, 폐기한 키가 아닌지 확인하고 "
            "https://platform.openai.com/api-keys 에서 새로 만들어 주십시오."
        )
    if _is_loopback(host_of(error)):
        return (
            "이 컴퓨터의 서버가 키를 받아들이지 않았습니다(401). 다른 서버의 키로 물었습니다. "
            "client = openai_client()가 있는 셀을 다시 실행해 주십시오."
        )
    return (
        "서버가 키를 받아들이지 않았습니다(401). OPENAI_API_KEY에 강사가 알려 준 키를 그대로 넣었는지 확인해 주십시오."
    )


def _forbidden(error: Any, client: Any) -> str:
    if error.code == "unsupported_country_region_territory":
        return "OpenAI를 쓸 수 없는 지역에서 접속했습니다(403). VPN을 쓰고 있다면 끄고 다시 시도해 주십시오."
    if error.code == "model_not_found":
        return "이 키로는 그 모델을 쓸 수 없습니다(403). 다른 모델을 고르거나 프로젝트의 모델 권한을 확인해 주십시오."
    return f"이 키로는 할 수 없는 요청입니다(403). 키의 권한을 확인해 주십시오. {_their_words(error)}".strip()


def _not_found(error: Any, client: Any) -> str:
    name = _sent(error).get("model")
    if error.code != "model_not_found" and "model" not in str(error).lower():
        return (
            "서버에 그런 주소가 없습니다(404). base_url이 /v1로 끝나는지, 서버가 이 기능을 제공하는지 확인해 주십시오."
        )
    return f"서버에 그런 모델이 없습니다(404): {name!r}. {_models_there(str(name), client)}"


def _models_there(wanted: str, client: Any) -> str:
    names: list[str] = []
    if client is not None:
        try:
            names = [model.id for model in client.with_options(timeout=3, max_retries=0).models.list().data]
        except Exception:  # a hint only: whatever fails here must not hide the error that is explained
            names = []
    if len(names) > _MODELS_SHOWN:
        names = difflib.get_close_matches(wanted, names, n=_MODELS_SHOWN, cutoff=0.3) or names[:_MODELS_SHOWN]
        return f"이름이 비슷한 모델: {', '.join(names)}."
    if names:
        return f"쓸 수 있는 모델: {', '.join(names)}."
    return "이름의 철자를 확인해 주십시오. model_name(client)가 쓸 수 있는 모델의 이름을 알려 줍니다."


def _too_many(error: Any, client: Any) -> str:
    if is_out_of_quota(error):
        return (
            "계정에 남은 사용 한도가 없습니다(429, insufficient_quota). 기다려도 풀리지 않습니다. "
            "https://platform.openai.com/settings/organization/billing 에서 결제와 한도를 확인해 주십시오."
        )
    return (
        "짧은 시간에 요청이 너무 많아 서버가 받지 못했습니다(429, 속도 제한). 잠시 기다렸다가 다시 물어 주십시오. "
        "ask()는 스스로 기다렸다가 다시 묻습니다."
    )


def _sent(error: Any) -> dict[str, Any]:
    """The body of the request that failed; empty when it cannot be read."""
    try:
        body = json.loads(error.request.content)
    except Exception:  # no request, a streamed body, no JSON: the explanation does without
        return {}
    return body if isinstance(body, dict) else {}


def _bad_request(error: Any, client: Any) -> str:
    said, code, param = str(error), error.code, str(error.param or "")
    head = f"서버가 요청을 받아들이지 않았습니다({error.status_code}). "
    if code == "context_length_exceeded" or error.type == "exceed_context_size_error" or _TOO_LONG.search(said):
        return f"{head}대화가 모델이 한 번에 읽을 수 있는 길이(컨텍스트)보다 깁니다. 오래된 메시지를 덜어 내 주십시오."
    if code in {"content_filter", "content_policy_violation"}:
        return _filtered(error, client)
    if code in {"unsupported_value", "unsupported_parameter"}:
        return head + _unsupported(param, said)
    unknown = re.search(r"(?:Unrecognized request argument supplied|Unknown parameter): '?([\w.]+)", said)
    if unknown:
        return f"{head}서버가 모르는 매개변수입니다: {unknown[1]}. 이름의 철자를 확인해 주십시오."
    name = re.split(r"[.\[]", param)[0] or next((p for p in _RANGES if f"'{p}'" in said or f"`{p}`" in said), "")
    if name in _RANGES:
        value = _sent(error).get(name)
        shown = f"{name}={value!r}" if name != "messages" and value is not None else name
        return f"{head}값이 잘못되었습니다: {hide_keys(shown)[:80]}. {_RANGES[name]}"
    return (head + (f"매개변수: {param}. " if param else "") + _their_words(error)).strip()


def _unsupported(param: str, said: str) -> str:
    if param == "max_tokens" and "max_completion_tokens" in said:
        return "이 모델은 max_tokens 대신 max_completion_tokens를 씁니다. 이름을 바꿔 주십시오."
    return (
        f"이 모델은 다음 설정을 바꿀 수 없습니다: {param}. 답하기 전에 따로 추론하는 모델(reasoning model)은 "
        "온도 같은 샘플링 설정을 스스로 정합니다. 그 설정을 빼고 물어 주십시오."
    )


def _length(error: Any, client: Any) -> str:
    return "답이 길이 제한에 걸려 중간에 끝났습니다(finish_reason: length). max_completion_tokens를 늘려 주십시오."


def _filtered(error: Any, client: Any) -> str:
    return "안전 필터(content filter)가 답을 막았습니다. 질문을 다른 말로 바꿔 주십시오."


def _not_json(error: Any, client: Any) -> str:
    return NOT_AN_API


def _in_the_stream(error: Any, client: Any) -> str:
    return f"서버가 답을 보내다가 오류를 알렸습니다. 다시 물어 주십시오. {_their_words(error)}".strip()


def _client_setup(error: Any, client: Any) -> str:
    if "api_key" in str(error):
        return (
            "API 키가 없습니다. 클라이언트는 openai_client()로 만들어 주십시오. 키가 없으면 이 컴퓨터의 서버를 씁니다."
        )
    return f"openai 라이브러리가 요청을 보내지 못했습니다. {_their_words(error)}".strip()


def _type(error: Any, client: Any) -> str:
    unknown = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    if unknown:
        near = difflib.get_close_matches(unknown[1], [*_RANGES, "model", "stream", "tools", "timeout"], n=1)
        hint = f"{near[0]}을(를) 쓰려고 했습니까?" if near else "이름의 철자를 확인해 주십시오."
        return f"함수가 모르는 매개변수입니다: {unknown[1]}. {hint}"
    return f"함수에 넘긴 값이 맞지 않습니다. {hide_keys(first_line(error))[:200]}"
