"""Models from the Hugging Face Hub: look in the cache first, ask the Hub only for what is missing.

A room full of learners with one bad line works as soon as the files are on the disk: a complete cache is used
without any request.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from course_utils.checkpoint_files import find_fault
from course_utils.known_models import BYTES_PER_VALUE, known
from course_utils.loading_errors import HubError, broken_files, hub_error, not_enough_disk
from course_utils.tables import gigabytes

_CONFIGURATION = ["*.json", "*.jinja", "*.model", "*.txt"]
_TIMEOUT = 10.0


@dataclass(frozen=True)
class HubModel:
    """What the Hub says about a model: its parameters (estimated when it does not say) and its size in bytes."""

    hub_id: str
    parameters: int
    size: int
    patterns: list[str]


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
        BrokenFilesError: a file in the cache is damaged; downloading again would not replace it.
        HubError: something has to be downloaded, and the Hub cannot be asked.
    """
    folder = cached_folder(hub_id)
    fault = find_fault(folder) if folder else None
    if folder and not fault:
        return folder
    if folder and fault and not fault.missing:
        raise broken_files(str(folder.parents[1]), fault.what, cached=True)
    try:
        return ask_hub(hub_id)
    except HubError as error:
        if fault:
            raise HubError(f"모델 '{hub_id}'의 내려받기가 끝나지 않았습니다: {fault.what}.\n{error}") from error
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
    row = known(hub_id)
    parameters = row.parameters if row else (info.safetensors.total if info.safetensors else 0)
    guess = sum(sizes) // BYTES_PER_VALUE["float16"]  # most models are stored in 16 bits
    return HubModel(hub_id, parameters or guess, sum(sizes), [*_CONFIGURATION, weights])


def _wanted(name: str, weights: str) -> bool:
    # Sub-folders (original/, onnx/, ...) hold other formats of the same weights.
    return "/" not in name and any(name.endswith(pattern[1:]) for pattern in [*_CONFIGURATION, weights])


def download(model: HubModel) -> None:
    """Fetch the model into the Hub's cache with huggingface_hub's own progress bars; the size is said beforehand.

    Raises:
        HubError: no room on the disk, or the download breaks off (it goes on where it stopped next time).
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_CACHE

    place = Path(HF_HUB_CACHE)
    free = shutil.disk_usage(_existing(place)).free
    if free < model.size:
        raise not_enough_disk(model.hub_id, model.size, place, free)
    print(f"모델 {model.hub_id}, {gigabytes(model.size)}를 내려받습니다. 다음부터는 바로 불러옵니다.", flush=True)
    _show_progress_bars()
    try:
        snapshot_download(model.hub_id, allow_patterns=model.patterns, ignore_patterns=["*/*"])
    except Exception as error:
        raise hub_error(error, model.hub_id) or error from error


def _existing(path: Path) -> Path:
    return next(folder for folder in [path, *path.parents] if folder.is_dir())


def _show_progress_bars() -> None:
    # Only a learner's own environment variable keeps them hidden.
    from huggingface_hub.utils import are_progress_bars_disabled, enable_progress_bars

    if are_progress_bars_disabled() and "HF_HUB_DISABLE_PROGRESS_BARS" not in os.environ:
        enable_progress_bars()
