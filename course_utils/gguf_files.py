"""From a model's name to a GGUF file that llama.cpp can run: converted, in the Hub's cache, downloaded or given."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_utils import checkpoint_files, hub, sources
from course_utils.convert_gguf import VERSION, to_gguf
from course_utils.errors import CourseError
from course_utils.gguf_header import read_header
from course_utils.known_models import MINI, MINI_FOLDER, known
from course_utils.loading_errors import HubError, UnknownModelError, broken_files
from course_utils.tables import listed
from course_utils.user_cache import cache_folder

_QUANTIZATION = "Q4_K_M"  # LG's recommendation for a CPU: a quarter of float16's bytes
_WHOLE_HASH = 64_000_000  # bytes; larger files count by size, time and beginning
_BEGINNING = 1_000_000
_STALE = 86_400.0  # seconds after which a half-written file is nobody's any more
_SPLIT = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)


@dataclass(frozen=True)
class GgufFile:
    """A model as one GGUF file: what to call it, where it lies, how many parameters it holds."""

    name: str
    path: Path
    parameters: int


def gguf_for(model: str | os.PathLike = "mini") -> GgufFile:
    """The GGUF file of a model. What is on the disk already is used without any request.

    Args:
        model: ``"mini"`` or ``"auto"`` (the bundled model, converted once and kept), ``"exaone"`` and the catalogue's
            other names (LG's own files, Q4_K_M), a Hub id of a GGUF repository, ``"owner/name:file.gguf"``, a .gguf
            file, a folder with one, or an EXAONE folder (converted once and kept).

    Raises:
        CourseError: no such model, it cannot be fetched, or its file is damaged; as ``load_pipeline``.
    """
    if not isinstance(model, (str, os.PathLike)):
        raise sources.unknown(repr(model))
    name = os.fspath(model).strip()
    row = known(MINI.name if name == "auto" else name)
    if row is MINI:
        return _converted(MINI.name, MINI_FOLDER)
    if row is not None:
        repository = f"{row.hub_id}-GGUF"
        path = _from_hub(repository, f"{row.hub_id.split('/')[1]}-{_QUANTIZATION}.gguf")
        return GgufFile(row.name, path, _parameters(path, cached=True))
    if parts := sources.hub_file(name):
        path = _from_hub(parts["id"], parts["file"])
        return GgufFile(path.stem, path, _parameters(path, cached=True))
    return _given(name)


def _given(name: str) -> GgufFile:
    path = sources.existing_path(name)
    if path is not None:
        file = checkpoint_files.find_gguf(path)
        if file is not None:
            return GgufFile(file.stem, file, _parameters(file, cached=False))
        if path.is_dir():
            return _converted(path.resolve().name, path)
    if path is not None or not sources.is_hub_id(name) or sources.looks_like_path(name):
        raise _not_found(name)
    path = _best_of_hub(name)
    return GgufFile(path.stem, path, _parameters(path, cached=True))


def _not_found(name: str) -> CourseError:
    """The same words as ``load_pipeline`` finds for it."""
    try:
        sources.find(name)
    except UnknownModelError as error:
        return error
    return sources.unknown(name)


# --- converted here ---


def cached_gguf(folder: Path, name: str) -> Path:
    """``to_gguf`` of an EXAONE folder in the course's cache, made when it is not there yet.

    Its name holds a digest of the folder's content and of the converter's version; older files of the same folder are
    removed. Several processes may do this at once: each writes a file of its own, and the last one stays.

    Raises:
        CourseError: as ``to_gguf``.
    """
    place = cache_folder("gguf")
    origin = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    plain = re.sub(r"[^\w.-]", "_", name)
    prefix = f"{plain}-{origin}-"
    target = place / f"{prefix}{_digest(folder)}.gguf"
    if not _is_whole(target):
        try:
            to_gguf(folder, target)
        except CourseError:
            if not _is_whole(target):  # Windows: another process was quicker and its server has the file open
                raise
        _remove_old(place, prefix, target)
    return target


def _converted(name: str, folder: Path) -> GgufFile:
    path = cached_gguf(folder, name)
    return GgufFile(name, path, _parameters(path, cached=False))


def _digest(folder: Path) -> str:
    digest = hashlib.sha256(f"version {VERSION}".encode())
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        facts = file.stat()
        digest.update(f"|{file.name}|{facts.st_size}|".encode())
        with open(file, "rb") as opened:
            if facts.st_size > _WHOLE_HASH:
                digest.update(f"{facts.st_mtime_ns}|".encode())
                digest.update(opened.read(_BEGINNING))
            else:
                digest.update(opened.read())
    return digest.hexdigest()[:16]


def _is_whole(file: Path) -> bool:
    try:
        read_header(file)
    except (OSError, ValueError):
        return False
    return True


def _remove_old(place: Path, prefix: str, kept: Path) -> None:
    now = time.time()
    for file in [*place.glob(f"{prefix}*.gguf"), *place.glob(f".{prefix}*.part")]:
        try:
            if file != kept and (file.suffix == ".gguf" or now - file.stat().st_mtime > _STALE):
                file.unlink()
        except OSError:  # in use (Windows) or removed by another process
            continue


# --- from the Hub ---


def _from_hub(hub_id: str, file: str) -> Path:
    def named(sizes: dict[str, int]) -> str:
        if file not in sizes:
            raise _no_file(hub_id, f"'{file}' 파일이 없습니다", sizes)
        return file

    return _whole_or_fetched(hub_id, hub.cached_file(hub_id, file), named)


def _best_of_hub(hub_id: str) -> Path:
    def best(sizes: dict[str, int]) -> str:
        found = _best(list(sizes))
        if found is None:
            raise _no_file(hub_id, "파일 하나로 된 GGUF 모델이 없습니다", sizes)
        return found

    cached = _best([str(path) for path in hub.cached_files(hub_id, "*.gguf")])
    return _whole_or_fetched(hub_id, Path(cached) if cached else None, best)


def _whole_or_fetched(hub_id: str, cached: Path | None, choose: Callable[[dict[str, int]], str]) -> Path:
    """The cached file when it is whole; else the one that ``choose`` picks from the Hub's names and sizes."""
    if cached is not None and _is_whole(cached):
        return cached
    try:
        sizes = hub.file_sizes(hub_id)
    except HubError as error:
        if cached is None:
            raise
        raise _broken(cached, cached=True) from error
    file = choose(sizes)
    if cached is not None:
        hub.forget(cached)
    return hub.download_file(hub_id, file, sizes[file])


def _best(names: list[str]) -> str | None:
    """Q4_K_M when there is one, else the first by name; files that are no whole language model are passed over."""
    whole = [name for name in sorted(names) if name.lower().endswith(".gguf")]
    whole = [name for name in whole if not _SPLIT.search(name) and "mmproj" not in name.lower()]
    return next((name for name in whole if _QUANTIZATION.lower() in name.lower()), next(iter(whole), None))


def _no_file(hub_id: str, what: str, names: dict[str, int]) -> CourseError:
    files = [name for name in names if name.lower().endswith(".gguf")]
    there = f"있는 GGUF 파일: {listed(files, shown=5)}" if files else "이 저장소에는 GGUF 파일이 하나도 없습니다."
    return CourseError(
        f"허브의 '{hub_id}' 저장소에 {what}.\n{there}\n"
        "이름이 -GGUF로 끝나는 저장소나 '저장소:파일.gguf'를 넣거나, 인터넷 없이 쓸 수 있는 \"mini\"를 써 주십시오."
    )


def _parameters(file: Path, cached: bool) -> int:
    try:
        return checkpoint_files.gguf_parameters(file)
    except (ValueError, OSError) as error:
        raise _broken(file, cached) from error


def _broken(file: Path, cached: bool) -> CourseError:
    where = str(file.parents[2]) if cached else str(file)
    return broken_files(where, f"GGUF 파일이 잘렸거나 깨졌습니다({file.name})", cached)
