"""Addresses of servers: mended where people mistype them, reached past proxies, waited for only so long."""

from __future__ import annotations

import ipaddress
import re
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from course_utils.errors import CourseValueError

CLASS_SECONDS = 5.0  # how long a class server may take to say which models it has
_Result = TypeVar("_Result")


def class_address(text: str) -> str:
    """``OPENAI_BASE_URL`` as the library needs it: with ``http://`` and ``/v1``, without what was copied along.

    Raises:
        CourseValueError: it is no address.
    """
    # Messengers add letters that nobody sees; sentences add brackets and full stops.
    url = "".join(letter for letter in text if letter.isprintable()).strip("\"'`“”‘’<>.,; ")
    if not re.match(r"[a-z][a-z0-9+.-]*://", url, re.IGNORECASE):
        url = "http://" + url.lstrip("/")
    try:
        parts = urlsplit(url)
        good = parts.hostname and re.fullmatch(r"[A-Za-z0-9._:-]+", parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.scheme.lower() not in {"http", "https"} or parts.username:
        raise CourseValueError(
            "환경 변수 OPENAI_BASE_URL이 서버의 주소가 아닙니다. 강사가 알려 준 주소를 "
            "http://192.168.0.10:8000/v1 과 같은 모양으로 넣어 주십시오."
        )
    path = re.sub(r"/(?:chat/completions|completions|responses|models)$", "", parts.path.rstrip("/"))
    return f"{parts.scheme.lower()}://{parts.netloc}{path or '/v1'}"


def host_of(url: str) -> str:
    """Host name in ``url``, in lower case."""
    return (urlsplit(url).hostname or "").lower()


def is_nearby(host: str) -> bool:
    """Whether ``host`` is this machine or stands in the same building: a loopback or private address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def direct_http(url: str) -> Any:
    """An HTTP client that goes straight to a nearby ``url``, past a school's proxy; None (the library's) otherwise."""
    if not is_nearby(host_of(url)):
        return None
    from openai import DefaultHttpxClient

    class DirectClient(DefaultHttpxClient):
        """Closes its connections when it is no longer used, as the library's own does."""

        def __del__(self) -> None:
            try:
                self.close()
            except Exception:  # at the end of the interpreter anything may be gone already
                pass

    return DirectClient(trust_env=False)


def within(seconds: float, function: Callable[[], _Result]) -> _Result:
    """``function()``, if it ends in time. Looking up a host name knows no time limit, so it is left behind in a thread.

    Raises:
        TimeoutError: it took longer.
    """
    done: list[tuple[bool, Any]] = []

    def work() -> None:
        try:
            done.append((True, function()))
        except BaseException as error:  # handed to the caller
            done.append((False, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if not done:
        raise TimeoutError
    good, value = done[0]
    if not good:
        raise value
    return value
