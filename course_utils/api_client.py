"""``openai_client()``: the ``openai`` library's own client, pointed at a class server, at OpenAI or at this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_utils.serving import LocalServer, local_server

if TYPE_CHECKING:
    from openai import OpenAI

_server: LocalServer | None = None


def openai_client() -> OpenAI:
    """An ``openai.OpenAI`` client; prints one line that says where it points."""
    from openai import OpenAI

    global _server
    if _server is None:
        _server = local_server("mini")
    _server.start()
    print(f"이 컴퓨터의 서버(모델 {_server.model})에 연결했습니다.")
    return OpenAI(base_url=_server.base_url, api_key=_server.api_key)


def model_name(client: OpenAI) -> str:
    """The model to name in requests of ``client``."""
    return client.models.list().data[0].id
