"""What a server's refusal means (its status code, the error's code and parameter) and what to do next, in Korean."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any
from urllib.parse import urlsplit

from course_utils.errors import first_line
from course_utils.key_shapes import hide_keys

OPENAI_HOST = "api.openai.com"
QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_MODELS_SHOWN = 5
FILTERED = "안전 필터(content filter)가 답을 막았습니다. 질문을 다른 말로 바꿔 주십시오."

# Parameter -> what OpenAI documents for it (API reference, "Create chat completion").
RANGES = {
    "temperature": "0에서 2 사이의 수를 넣어 주십시오.",
    "top_p": "0에서 1 사이의 수를 넣어 주십시오.",
    "presence_penalty": "-2에서 2 사이의 수를 넣어 주십시오.",
    "frequency_penalty": "-2에서 2 사이의 수를 넣어 주십시오.",
    "max_tokens": "1 이상의 정수를 넣어 주십시오.",
    "max_completion_tokens": "1 이상의 정수를 넣어 주십시오.",
    "max_output_tokens": "1 이상의 정수를 넣어 주십시오.",
    "n": "받을 답의 수이며 1 이상의 정수입니다. 서버마다 한 번에 받을 수 있는 수가 정해져 있습니다.",
    "seed": "정수를 넣어 주십시오.",
    "stop": "글자 하나 이상의 문자열이나, 그런 문자열이 네 개까지 든 리스트를 넣어 주십시오.",
    "logprobs": "True나 False를 넣어 주십시오.",
    "top_logprobs": "0에서 20 사이의 정수를 넣고 logprobs=True도 함께 적어 주십시오.",
    "messages": '{"role": ..., "content": ...} 모양의 딕셔너리가 하나 이상 든 리스트를 넣어 주십시오. '
    "role은 system, user, assistant 가운데 하나입니다.",
}
_TOO_LONG = re.compile(r"context(?:_| )(?:length|size|window)|maximum context|exceeds the available context", re.I)


def is_out_of_quota(error: BaseException) -> bool:
    """Whether a 429 says that the account has no credit left, which no waiting mends."""
    return bool(QUOTA_CODES & {getattr(error, "code", None), getattr(error, "type", None)})


def their_words(error: Any) -> str:
    """What the server itself said, shortened, without keys."""
    body = getattr(error, "body", None)
    said = (body.get("message") if isinstance(body, dict) else None) or first_line(error)
    said = hide_keys(str(said)).strip()
    return f"서버의 메시지: {said[:200]}" if said else ""


def host_of(error: Any) -> str:
    """Host of the request that failed; empty when unknown."""
    try:
        return urlsplit(str(error.request.url)).hostname or ""
    except (AttributeError, RuntimeError, ValueError):  # httpx raises RuntimeError where no request is attached
        return ""


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine."""
    return host in {"localhost", "::1"} or host.startswith("127.")


def refusal(error: Any, client: Any) -> str:
    """What an ``openai.APIStatusError`` means; ``client``, if any, is asked for the models there are."""
    words = {400: _bad_request, 401: _wrong_key, 403: _forbidden, 404: _not_found, 422: _bad_request, 429: _too_many}
    if error.status_code in words:
        return words[error.status_code](error, client)
    if error.status_code == 413:
        return "요청이 너무 큽니다(413). 메시지를 줄여 주십시오."
    if error.status_code == 503:
        return "서버에 요청이 몰렸습니다(503). 보낸 요청에는 잘못이 없으니 잠시 뒤에 다시 물어 주십시오."
    if error.status_code >= 500:
        what = f"서버 안에서 오류가 났습니다({error.status_code})."
        return f"{what} 보낸 요청에는 잘못이 없으니 잠시 뒤에 다시 물어 주십시오."
    return f"서버가 요청을 거절했습니다({error.status_code}). {their_words(error)}".strip()


def _wrong_key(error: Any, client: Any) -> str:
    if host_of(error) == OPENAI_HOST:
        return (
            "OpenAI가 API 키를 받아들이지 않았습니다(401). 키를 끝까지 복사했는지, 폐기한 키가 아닌지 확인하고 "
            "https://platform.openai.com/api-keys 에서 새로 만들어 주십시오. "
            "수업 서버의 키라면 OPENAI_BASE_URL에 서버의 주소도 넣어야 합니다."
        )
    if is_loopback(host_of(error)):
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
    return f"이 키로는 할 수 없는 요청입니다(403). 키의 권한을 확인해 주십시오. {their_words(error)}".strip()


def _not_found(error: Any, client: Any) -> str:
    name = _sent(error).get("model")
    if error.code != "model_not_found" and (name is None or "model" not in str(error).lower()):
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
        return FILTERED
    if code in {"unsupported_value", "unsupported_parameter"}:
        return head + _unsupported(param, said)
    unknown = re.search(r"(?:Unrecognized request argument supplied|Unknown parameter): '?([\w.]+)", said)
    if unknown:
        return f"{head}서버가 모르는 매개변수입니다: {unknown[1]}. 이름의 철자를 확인해 주십시오."
    name = re.split(r"[.\[]", param)[0] or next((p for p in RANGES if f"'{p}'" in said or f"`{p}`" in said), "")
    if name in RANGES:
        value = _sent(error).get(name)
        shown = f"{name}={value!r}" if name != "messages" and value is not None else name
        return f"{head}값이 잘못되었습니다: {hide_keys(shown)[:80]}. {RANGES[name]}"
    return (head + (f"매개변수: {param}. " if param else "") + their_words(error)).strip()


def _unsupported(param: str, said: str) -> str:
    if param == "max_tokens" and "max_completion_tokens" in said:
        return "이 모델은 max_tokens 대신 max_completion_tokens를 씁니다. 이름을 바꿔 주십시오."
    return (
        f"이 모델은 다음 설정을 바꿀 수 없습니다: {param}. 답하기 전에 따로 추론하는 모델(reasoning model)은 "
        "온도 같은 샘플링 설정을 스스로 정합니다. 그 설정을 빼고 물어 주십시오."
    )
