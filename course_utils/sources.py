"""From a name to files: the bundled model, a folder, a .gguf file, the Hub's cache or the Hub."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from course_utils import checkpoint_files, hub
from course_utils.errors import CourseError
from course_utils.known_models import KNOWN_MODELS, MINI, MINI_FOLDER, known
from course_utils.loading_errors import broken_files, missing_path, unknown_model

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+", re.ASCII)
_HUB_FILE = re.compile(r"(?P<id>[^:]+/[^:/]+):(?P<file>[^:]+\.gguf)", re.IGNORECASE)
_HUB_PAGE = re.compile(r"https?://(www\.)?huggingface\.co/")


@dataclass(frozen=True)
class Source:
    """A model found: what ``from_pretrained`` is called with. ``download`` is set while files are still missing."""

    name: str
    location: str
    parameters: int
    gguf_file: str | None = None
    cached: bool = False
    download: hub.HubModel | None = None


def find(name: str) -> Source:
    """The source of a model that is not ``"auto"``. Local files are checked; only a missing Hub model asks the Hub.

    Raises:
        UnknownModelError: no such name or path.
        BrokenFilesError: the folder, file or cache is not whole.
        HubError: the model is not here and the Hub cannot be asked.
    """
    name = _HUB_PAGE.sub("", name).rstrip("/") or name  # an address copied from the browser
    row = known(name)
    if row is MINI:
        return _folder(MINI.name, MINI_FOLDER)
    path = existing_path(name)
    if row is None and path is not None:
        return _local(name, path)
    if row is None and looks_like_path(name):
        raise missing_path(name)
    if row is None and not is_hub_id(name):
        raise unknown(name)
    hub_id = row.hub_id if row and row.hub_id else name
    found = hub.look_up(hub_id)
    if isinstance(found, Path):
        return Source(hub_id, hub_id, checkpoint_files.count_parameters(found), cached=True)
    return Source(hub_id, hub_id, found.parameters, cached=True, download=found)


def existing_path(name: str) -> Path | None:
    """The path that ``name`` is, when something is there."""
    try:
        path = Path(name).expanduser()
        return path if name and path.exists() else None
    except (OSError, RuntimeError, ValueError):  # too long, forbidden, nobody's home, a NUL in it: no path to read
        return None


def hub_file(name: str) -> re.Match[str] | None:
    """The parts ``id`` and ``file`` of ``"owner/name:file.gguf"``; None for any other name."""
    return _HUB_FILE.fullmatch(name)


def is_hub_id(name: str) -> bool:
    """Whether the Hub could have a model of this name; it is not asked."""
    from huggingface_hub.utils import HFValidationError, validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return bool(_HUB_ID.fullmatch(name))


def unknown(name: str) -> CourseError:
    """The error for a ``name`` that is no model, with the names that are."""
    return unknown_model(name, ["auto", *(row.name for row in KNOWN_MODELS)])


def looks_like_path(name: str) -> bool:
    """Whether somebody who wrote ``name`` meant a path, though nothing is there."""
    return name.endswith(".gguf") or name.startswith(("/", ".", "~")) or "\\" in name or name.count("/") > 1


def _local(name: str, path: Path) -> Source:
    file = checkpoint_files.find_gguf(path)
    if file is not None:
        return Source(file.name, str(file.parent), _gguf_parameters(file), gguf_file=file.name)
    if path.is_file():
        raise unknown(name)
    return _folder(path.resolve().name, path)


def _folder(name: str, folder: Path) -> Source:
    checkpoint_files.check_folder(folder)
    return Source(name, str(folder), checkpoint_files.count_parameters(folder))


def _gguf_parameters(file: Path) -> int:
    try:
        return checkpoint_files.gguf_parameters(file)
    except (ValueError, IndexError, KeyError, OSError) as error:
        raise broken_files(str(file), "GGUF 파일이 잘렸거나 깨졌습니다", cached=False) from error
