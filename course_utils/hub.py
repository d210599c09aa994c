"""Models from the Hugging Face Hub: look in the cache first, ask the Hub only for what is missing.

A room full of learners with one bad line works as soon as the files are on the disk: a complete cache is used
without any request.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from course_utils.checkpoint_files import find_fault
from course_utils.known_models import BYTES_PER_VALUE, known
from course_utils.loading_errors import HubError, broken_download, broken_files, hub_error, not_enough_disk
from course_utils.resumed_download import alone, resumed_download, told_again
from course_utils.stopping import AnswerStopped
from course_utils.tables import gigabytes

_CONFIGURATION = ["*.json", "*.jinja", "*.model", "*.txt"]
_TIMEOUT = 10.0


@dataclass(frozen=True)
class HubModel:
    """What the Hub says about a model: its parameters (estimated when it does not say) and its size in bytes.

    ``weights``: its large files. ``broken``: a damaged file in the cache, to be replaced by a new copy.
    """

    hub_id: str
    parameters: int
    size: int
    patterns: list[str]
    weights: list[str] = field(default_factory=list)
    broken: Path | None = None


def cached_folder(hub_id: str) -> Path | None:
    """The model's folder in the local cache, whole or not, or None. Makes no request."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(hub_id, local_files_only=True, allow_patterns=["config.json"]))
    except LocalEntryNotFoundError:
        return None


def look_up(hub_id: str) -> HubModel | Path:
    """The folder of a model that is wholly in the cache, or else what the Hub says about it.

    Raises:
        BrokenFilesError: a file in the cache cannot be read, and no new copy would help.
        HubError: something has to be downloaded, and the Hub cannot be asked.
    """
    folder = cached_folder(hub_id)
    fault = find_fault(folder) if folder else None
    if folder and not fault:
        return folder
    if folder and fault and not fault.missing and fault.file is None:
        raise broken_files(str(folder.parents[1]), fault.what, cached=True)
    try:
        return replace(ask_hub(hub_id), broken=fault.file if fault else None)
    except HubError as error:
        if fault:
            state = "내려받기가 끝나지 않았습니다" if fault.missing else "내려받은 파일이 온전하지 않습니다"
            raise HubError(f"모델 '{hub_id}'의 {state}: {fault.what}.\n{error}") from error
        raise


def ask_hub(hub_id: str) -> HubModel:
    """Number of parameters and size of a model, from the Hub.

    Raises:
        HubError: unreachable, offline mode, no such model, gated, server trouble.
    """
    from huggingface_hub import HfApi

    try:
        info = HfApi().model_info(hub_id, files_metadata=True, timeout=_TIMEOUT)
    except Exception as error:
        raise hub_error(error, hub_id) or error from error
    names = [file.rfilename for file in info.siblings or []]
    weights = "*.safetensors" if any(name.endswith(".safetensors") for name in names) else "*.bin"
    sizes = [file.size or 0 for file in info.siblings or [] if _wanted(file.rfilename, weights)]
    large = [name for name in names if "/" not in name and name.endswith(weights[1:])]
    row = known(hub_id)
    parameters = row.parameters if row else (info.safetensors.total if info.safetensors else 0)
    guess = sum(sizes) // BYTES_PER_VALUE["float16"]  # most models are stored in 16 bits
    return HubModel(hub_id, parameters or guess, sum(sizes), [*_CONFIGURATION, weights], large)


def _wanted(name: str, weights: str) -> bool:
    # Sub-folders (original/, onnx/, ...) hold other formats of the same weights.
    return "/" not in name and any(name.endswith(pattern[1:]) for pattern in [*_CONFIGURATION, weights])


def cached_file(hub_id: str, file: str) -> Path | None:
    """A file of a repository in the local cache, or None. Makes no request."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(hub_id, file)
    return Path(found) if isinstance(found, str) else None


def cached_files(hub_id: str, pattern: str) -> list[Path]:
    """The files of a repository that are in the local cache and fit ``pattern``, by name. Makes no request."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = snapshot_download(hub_id, local_files_only=True, allow_patterns=[pattern])
    except LocalEntryNotFoundError:
        return []
    return sorted(Path(folder).glob(pattern))


def file_sizes(hub_id: str) -> dict[str, int]:
    """Name and bytes of every file of a repository, from the Hub.

    Raises:
        HubError: as ``ask_hub``.
    """
    from huggingface_hub import HfApi

    try:
        info = HfApi().model_info(hub_id, files_metadata=True, timeout=_TIMEOUT)
    except Exception as error:
        raise hub_error(error, hub_id) or error from error
    return {file.rfilename: file.size or 0 for file in info.siblings or []}


def download_file(hub_id: str, file: str, size: int) -> Path:
    """Fetch one file of ``size`` bytes into the Hub's cache, with a progress bar, and return its path.

    A download that broke off goes on where it stopped.

    Raises:
        HubError: no room on the disk, or the download breaks off.
    """
    _announce(f"{hub_id}의 {file}", size)
    with _told(hub_id), alone(hub_id):
        return resumed_download(hub_id, file)


@contextmanager
def _told(hub_id: str) -> Iterator[None]:
    """What goes wrong in a download, in Korean."""
    try:
        with told_again():
            yield
    except KeyboardInterrupt as pressed:
        raise AnswerStopped(
            "내려받기를 멈추었습니다. 받은 부분은 남아 있으니, 이어서 받으려면 셀을 다시 실행해 주십시오."
        ) from pressed
    except Exception as error:
        if told := hub_error(error, hub_id):
            raise told from error
        if isinstance(error, OSError):
            raise broken_download(error, hub_id, _cache()) from error
        raise


def forget(file: Path) -> None:
    """Take a damaged file out of the Hub's cache, so that the next download brings a new copy; says so."""
    print(f"내려받은 파일이 잘렸거나 깨져 있어 지우고 다시 받습니다: {file.name}", flush=True)
    with suppress(OSError):  # another notebook may be quicker
        file.resolve().unlink()
        file.unlink(missing_ok=True)


def download(model: HubModel) -> None:
    """Fetch the model into the Hub's cache with huggingface_hub's own progress bars; the size is said beforehand.

    Raises:
        HubError: no room on the disk, or the download breaks off (it goes on where it stopped next time).
    """
    from huggingface_hub import snapshot_download

    if model.broken is not None:
        forget(model.broken)
    _announce(model.hub_id, model.size)
    with _told(model.hub_id), alone(model.hub_id):
        for file in model.weights:  # the library itself would begin a broken-off file again
            resumed_download(model.hub_id, file)
        snapshot_download(model.hub_id, allow_patterns=model.patterns, ignore_patterns=["*/*"])


def _cache() -> Path:
    from huggingface_hub.constants import HF_HUB_CACHE

    return Path(HF_HUB_CACHE)


def _announce(what: str, size: int) -> None:
    place = _cache()
    free = shutil.disk_usage(_existing(place)).free
    if free < size:
        raise not_enough_disk(what, size, place, free)
    print(f"모델 {what}, {gigabytes(size)}를 내려받습니다. 다음부터는 바로 불러옵니다.", flush=True)
    _show_progress_bars()


def _existing(path: Path) -> Path:
    return next(folder for folder in [path, *path.parents] if folder.is_dir())


def _show_progress_bars() -> None:
    # Only a learner's own environment variable keeps them hidden.
    from huggingface_hub.utils import are_progress_bars_disabled, enable_progress_bars

    if are_progress_bars_disabled() and "HF_HUB_DISABLE_PROGRESS_BARS" not in os.environ:
        enable_progress_bars()
