"""``openai_client()``: the ``openai`` library's own client, pointed at a class server, at OpenAI or at this machine."""

from __future__ import annotations

import atexit
import os
import threading
from datetime import date
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from course_utils.api_address import CLASS_SECONDS, class_address, direct_http, host_of, within
from course_utils.api_errors import explain
from course_utils.api_keys import (
    KEY_PAGE,
    FoundKey,
    checked_key,
    key_in_environment,
    secret_in_colab,
    warn_about_typed_keys,
)
from course_utils.api_refusals import OPENAI_HOST
from course_utils.errors import CourseError, CourseValueError

if TYPE_CHECKING:
    from openai import OpenAI

    from course_utils.serving import LocalServer

OPENAI_URL = f"https://{OPENAI_HOST}/v1"
# The material's model until OpenAI shuts it down, then the one that OpenAI names as its successor
# (https://developers.openai.com/api/docs/deprecations, October 2026).
DEFAULT_MODEL, SHUTDOWN, SUCCESSOR = "gpt-4o-mini", date(2027, 1, 14), "gpt-6-luna"
ADDRESS_VARIABLE, MODEL_VARIABLE = "OPENAI_BASE_URL", "OPENAI_MODEL"
WHERE = ("auto", "local", "openai", "class")

_local: LocalServer | None = None
_starting = threading.Lock()
_first_models: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def openai_client(where: str = "auto", *, key: str | None = None) -> OpenAI:
    """An ``openai.OpenAI`` client; prints one line that says where it points, never a key.

    Args:
        where: ``"class"`` is the server at ``OPENAI_BASE_URL`` with ``OPENAI_API_KEY``; ``"openai"`` is OpenAI itself
            with ``OPENAI_API_KEY`` or the Colab secret of that name; ``"local"`` is a server on this machine with the
            bundled model, started once and kept until the end of the process. ``"auto"`` takes the first of these for
            which there is an address or a key. On Colab both may also be secrets of these names.
        key: the key to use; better not typed into a cell, where it is saved.

    Raises:
        CourseError: no key, a key that cannot be right, or a class server that does not answer.
    """
    if where not in WHERE:
        raise CourseValueError(f"where에는 {', '.join(map(repr, WHERE))} 가운데 하나를 적어 주십시오: {where!r}")
    warn_about_typed_keys(key)
    if where == "local":
        return _local_client("")
    address, unread = _class_address() if where in ("auto", "class") else ("", "")
    if where == "class" or address:
        return _class_client(address, key)
    found, why_not = _key(key)
    if found and unread:  # going on might send the class's key to OpenAI
        raise CourseError(unread)
    if found:
        return _openai_client(found)
    if where == "openai":
        raise CourseError(
            f"OpenAI의 API 키가 없습니다. {why_not + ' ' if why_not else ''}ask_for_key()로 입력하거나 환경 변수 "
            f"OPENAI_API_KEY, 코랩 비밀에 넣어 주십시오. 키는 {KEY_PAGE} 에서 만듭니다."
        )
    return _local_client(why_not)


def _class_address() -> tuple[str, str]:
    """What ``OPENAI_BASE_URL`` says, or the Colab secret of that name; and why a secret could not be read."""
    address, why_not = os.environ.get(ADDRESS_VARIABLE, "").strip(), ""
    if not address:
        secret, why_not = secret_in_colab(ADDRESS_VARIABLE)
        address = secret or ""
    return address, why_not


def _key(given: str | None, *, openai: bool = True) -> tuple[FoundKey | None, str]:
    """The key, or the reason why there is none; ``openai``: it is for OpenAI itself, not for a class server."""
    if given is not None:
        value, source = given, "매개변수 key"
    elif from_environment := key_in_environment():
        value, source = from_environment, "환경 변수 OPENAI_API_KEY"
    else:
        secret, why_not = secret_in_colab()
        if not secret:
            return None, why_not
        value, source = secret, "코랩 비밀 OPENAI_API_KEY"
    return FoundKey(checked_key(value, source, openai=openai), source), ""


def _openai_client(key: FoundKey) -> OpenAI:
    from openai import OpenAI

    client = OpenAI(base_url=OPENAI_URL, api_key=key.value)
    print(f"OpenAI({OPENAI_HOST})에 묻습니다. 키: {key.source}. 모델: {model_name(client)}. 요청마다 요금이 듭니다.")
    return client


def _local_client(remark: str) -> OpenAI:
    from openai import OpenAI

    server = _local_server()
    client = OpenAI(base_url=server.base_url, api_key=server.api_key, http_client=direct_http(server.base_url))
    _first_models[client] = server.model
    print(f"이 컴퓨터의 서버에 묻습니다. 모델: {model_name(client)}. 키도 인터넷도 필요 없습니다. {remark}".strip())
    return client


def _local_server() -> LocalServer:
    """The one local server of this process: started when first needed, started again when it has died."""
    from course_utils.serving import local_server

    global _local
    with _starting:
        if _local is None:
            _local = local_server("mini")
            atexit.register(_local.stop)
        return _local.start()


def _class_client(address: str, given: str | None) -> OpenAI:
    from openai import OpenAI

    url = class_address(address) if address else ""
    itself = host_of(url) == OPENAI_HOST
    found, why_not = _key(given, openai=itself)
    if not url or not found:
        missing = [name for name, value in ((ADDRESS_VARIABLE, url), ("OPENAI_API_KEY", found)) if not value]
        raise CourseError(
            f"수업 서버를 쓰려면 환경 변수 두 개가 필요합니다: OPENAI_BASE_URL(주소), OPENAI_API_KEY(키). "
            f"지금 없는 것: {', '.join(missing)}. {why_not + ' ' if why_not else ''}강사가 알려 준 값을 넣거나, "
            '이 컴퓨터에서 하려면 openai_client(where="local")을 써 주십시오.'
        )
    if itself:
        return _openai_client(found)
    client = OpenAI(base_url=url, api_key=found.value, http_client=direct_http(url))
    names = _models_of(client, url)
    wanted = os.environ.get(MODEL_VARIABLE, "").strip()
    if wanted and wanted not in names:
        raise CourseError(
            f"환경 변수 OPENAI_MODEL에 적힌 모델이 수업 서버에 없습니다: {wanted!r}. 있는 모델: {', '.join(names)}. "
            "OPENAI_MODEL을 고치거나 지워 주십시오."
        )
    _first_models[client] = names[0]
    print(f"수업 서버({url.split('://')[1].split('/')[0]})에 묻습니다. 모델: {model_name(client)}.")
    return client


def _models_of(client: OpenAI, url: str) -> list[str]:
    """Names of the models that the class server has; asked within seconds, so that a wrong address is told at once."""
    from openai import AuthenticationError

    quick = client.with_options(timeout=CLASS_SECONDS, max_retries=0)
    way_out = (
        f"주소({url})와 키를 강사에게 확인하고 다시 실행하거나, 이 컴퓨터에서 하려면 "
        'openai_client(where="local")을 써 주십시오.'
    )
    try:
        names = [model.id for model in within(CLASS_SECONDS, lambda: quick.models.list().data)]
    except TimeoutError as error:
        raise CourseError(f"수업 서버가 {CLASS_SECONDS:g}초 안에 답하지 않았습니다. {way_out}") from error
    except AuthenticationError as error:
        raise CourseError(f"수업 서버가 키를 받아들이지 않았습니다(401). {way_out}") from error
    except Exception as error:
        raise CourseError(f"수업 서버를 쓸 수 없습니다. {explain(error)} {way_out}") from error
    if not names:
        raise CourseError(f"수업 서버에 모델이 없습니다. {way_out}")
    return names


def model_name(client: OpenAI) -> str:
    """The model to name in requests of ``client``: ``OPENAI_MODEL``, else for OpenAI gpt-4o-mini (its successor once
    that is shut down), else the server's first.

    Raises:
        CourseError: the server does not tell its models.
    """
    if wanted := os.environ.get(MODEL_VARIABLE, "").strip():
        return wanted
    if host_of(str(client.base_url)) == OPENAI_HOST:
        return DEFAULT_MODEL if date.today() < SHUTDOWN else SUCCESSOR
    if client not in _first_models:
        try:
            _first_models[client] = client.models.list().data[0].id
        except IndexError as error:
            raise CourseError("서버에 모델이 없습니다. 서버를 연 사람에게 확인해 주십시오.") from error
        except Exception as error:
            raise CourseError(explain(error)) from error
    return _first_models[client]
