"""One large file from the Hub that goes on where it broke off, also after the program ended.

Newer versions of huggingface_hub (1.27, 2.4) throw an unfinished file away when they stop. Here what came stays in the
Hub's own cache, beside the place of the whole file; huggingface_hub then finds the whole file there and only adds its
name. Should a version keep its files elsewhere, it downloads as usual.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_SHA256 = re.compile(r"[0-9a-f]{64}")  # how the Hub names large files
_PIECE = 1 << 24  # bytes
_PATIENCE = 0.5  # seconds


def resumed_download(hub_id: str, file: str) -> Path:
    """The path of ``file`` of a repository in the Hub's cache; what an earlier call fetched is not fetched again.

    Two programs that fetch the same file would mix their bytes: call it inside ``alone``.

    Raises:
        OSError: what came is not what the Hub announced; it is thrown away.
        Exception: whatever huggingface_hub raises.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    url = hf_hub_url(hub_id, file)
    facts = get_hf_file_metadata(url)
    if facts.etag and facts.size:
        blob = Path(HF_HUB_CACHE) / repo_folder_name(repo_id=hub_id, repo_type="model") / "blobs" / facts.etag
        blob.parent.mkdir(parents=True, exist_ok=True)
        if not blob.exists():
            _fetch(url, facts, blob, file)
    return Path(hf_hub_download(hub_id, file))


@contextmanager
def alone(hub_id: str) -> Iterator[None]:
    """Only one program downloads this model at a time; whoever waits is told why nothing moves.

    Of a whole model, as huggingface_hub takes a file's name away for a moment when a second program fetches the same
    file; a notebook that has all files and reads them just then would not find one.
    """
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name
    from huggingface_hub.utils import WeakFileLock

    lock = Path(HF_HUB_CACHE) / ".locks" / repo_folder_name(repo_id=hub_id, repo_type="model") / "course.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(WeakFileLock(lock, timeout=_PATIENCE))
        except TimeoutError:
            print(f"다른 노트북이 같은 모델({hub_id})을 받고 있습니다. 다 받으면 이어서 불러옵니다.", flush=True)
            held.enter_context(WeakFileLock(lock))
        yield


@contextmanager
def told_again() -> Iterator[None]:
    """While it runs, huggingface_hub's warnings that the line broke and is tried again are one Korean line each."""
    log = logging.getLogger("huggingface_hub.file_download")
    log.addFilter(_tell_again)
    try:
        yield
    finally:
        log.removeFilter(_tell_again)


def _tell_again(record: logging.LogRecord) -> bool:
    if not str(record.msg).startswith("Error while downloading"):
        return True
    if "Trying to resume" in str(record.msg):
        print("연결이 끊겼거나 응답이 없어, 받은 곳부터 이어서 다시 받습니다.", flush=True)
    return False


def _fetch(url: str, facts: Any, blob: Path, name: str) -> None:
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    headers = build_hf_headers()
    if urlsplit(facts.location).netloc != urlsplit(url).netloc:
        headers.pop("authorization", None)  # the token is for the Hub, not for the storage that it names
    part = blob.with_name(f"{blob.name}.course.part")
    with open(part, "ab") as opened:
        here = opened.tell()
        if here < facts.size:
            http_get(
                facts.location,
                opened,
                resume_size=here,
                headers=headers,
                expected_size=facts.size,
                displayed_filename=name,
            )
    if not _is_right(part, facts):
        part.unlink()
        raise OSError(f"{name}: the file is not the one that the Hub announced")
    os.replace(part, blob)


def _is_right(part: Path, facts: Any) -> bool:
    if part.stat().st_size != facts.size:
        return False
    if not _SHA256.fullmatch(facts.etag):
        return True
    digest = hashlib.sha256()
    with open(part, "rb") as opened:
        while piece := opened.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest() == facts.etag
