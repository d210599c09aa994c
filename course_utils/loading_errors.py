"""What can go wrong while a model is found and loaded, said in Korean with the way out."""

from __future__ import annotations

import difflib
import errno
import os
from collections.abc import Iterable
from pathlib import Path

from course_utils.errors import CourseError, first_line, is_disk_full
from course_utils.tables import gigabytes

MINI_CALL = 'load_pipeline("mini")'


class UnknownModelError(CourseError):
    """The name is neither in the catalogue nor a Hub id nor a path."""


class UnknownValueError(CourseError):
    """A device or dtype that does not exist or that this machine does not have."""


class HubError(CourseError):
    """The Hub cannot be reached or does not hand the model out."""


class BrokenFilesError(CourseError):
    """A model folder, file or cache that is not whole."""


class NotEnoughMemoryError(CourseError):
    """Neither the wanted device nor a split over devices has room for the model."""


def nearest(wanted: str, names: Iterable[str]) -> str:
    """A Korean hint at the name most like ``wanted``, or an empty string."""
    found = difflib.get_close_matches(wanted.lower(), list(names), n=1, cutoff=0.5)
    return f" 혹시 '{found[0]}' 아닌가요?" if found else ""


def unknown_model(name: str, names: Iterable[str]) -> UnknownModelError:
    """``name`` is no model: the nearest known name and all the others."""
    names = list(names)
    return UnknownModelError(
        f"이름이 '{name}'인 모델은 없습니다.{nearest(name, names)}\n"
        f"쓸 수 있는 이름: {', '.join(names)}, 허브 주소(예: LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct), "
        "모델 폴더나 .gguf 파일의 경로. 전체 표는 course_utils.catalogue()로 볼 수 있습니다."
    )


def unknown_architecture(model: str, architecture: str | None) -> UnknownModelError:
    """``config.json`` of ``model`` names an architecture (``model_type``) that transformers has no class for."""
    return UnknownModelError(
        f"모델({model})의 구조(model_type: {architecture})를 설치된 transformers가 모릅니다.\n"
        "새로 나온 구조라면 `pip install -U transformers`로 새 버전을 설치하고 커널을 다시 시작해 주십시오. "
        "모델 저장소의 코드를 실행해야 하는 모델(trust_remote_code)은 안전을 위해 이 강의에서 불러오지 않습니다."
    )


def missing_library(model: str, reason: str) -> CourseError:
    """Reading ``model`` needs a package that is not installed; ``reason`` is the loader's own first line."""
    return CourseError(
        f"모델({model})을 읽는 데 필요한 라이브러리가 없습니다: {reason}\n"
        "이름에 AWQ나 GPTQ가 붙은 양자화(quantization) 모델이라면 양자화하지 않은 원래 모델을 써 주십시오. "
        f"따로 설치할 것이 없는 모델은 {MINI_CALL}입니다."
    )


def missing_path(path: str) -> UnknownModelError:
    """``path`` looks like a path and nothing is there."""
    near = Path(os.path.expanduser(path)).parent  # unlike Path's own, it leaves an unknown ~user as it is
    return UnknownModelError(
        f"모델 경로가 없습니다: {path}\n"
        f"철자를 확인해 주십시오. 지금 작업 폴더는 {Path.cwd()}입니다."
        + ("" if near.is_dir() else f" 그 위의 폴더도 없습니다: {near}")
    )


def broken_files(where: str, what: str, cached: bool) -> BrokenFilesError:
    """``what`` is wrong with the files at ``where``; ``cached`` when the Hub's cache holds them."""
    if cached:
        way_out = (
            "내려받다가 끊긴 것일 수 있습니다. 인터넷에 연결한 뒤 위의 폴더를 지우고 다시 실행하면 새로 받습니다. "
            f"내려받기가 필요 없는 모델은 {MINI_CALL}입니다."
        )
    else:
        way_out = "모델 폴더를 만든 곳에서 파일을 다시 복사하거나 다시 내려받아 주십시오."
    return BrokenFilesError(f"모델 파일이 온전하지 않습니다: {what} (위치: {where})\n{way_out}")


def not_enough_memory(model: str, dtype: str, needed: int, where: str, free: int, way_out: str) -> NotEnoughMemoryError:
    """``needed`` and ``free`` in bytes."""
    return NotEnoughMemoryError(
        f"메모리가 모자라 모델({model})을 불러오지 않았습니다. dtype {dtype}에서 {gigabytes(needed)}가 필요한데 "
        f"{where}에 남은 메모리는 {gigabytes(free)}입니다.\n{way_out}\n"
        f"실행 중인 다른 노트북의 커널(kernel)을 끄거나, 작은 모델 {MINI_CALL}를 써도 됩니다."
    )


def no_room_for_gguf(model: str, needed: int, free: int) -> NotEnoughMemoryError:
    """Like ``not_enough_memory`` for llama.cpp on the CPU; ``needed`` and ``free`` in bytes."""
    return NotEnoughMemoryError(
        f"메모리가 모자라 모델({model})을 불러오지 않았습니다. llama.cpp로 실행하는 데 {gigabytes(needed)}가 필요한데 "
        f"남은 메모리는 {gigabytes(free)}입니다.\n"
        "실행 중인 다른 노트북의 커널(kernel)과 프로그램을 끄거나, GPU가 있는 컴퓨터(예: 코랩 T4)에서 실행해 주십시오. "
        f"작은 모델 {MINI_CALL}를 써도 됩니다."
    )


def only_llama_cpp(model: str, architecture: str) -> UnknownModelError:
    """A GGUF file that transformers cannot read."""
    return UnknownModelError(
        f"GGUF 파일({model})의 구조({architecture})를 transformers는 읽지 못합니다.\n"
        f'load_pipeline(..., engine="llama.cpp")로 불러오면 글을 만들 수 있습니다. 로짓(logit)이 필요하면 원래 모델 '
        f"폴더나 {MINI_CALL}를 써 주십시오."
    )


def out_of_memory(model: str) -> NotEnoughMemoryError:
    """Memory ran out in the middle of loading, although there was room when it was looked at."""
    return NotEnoughMemoryError(
        f"모델({model})을 불러오는 중에 메모리가 바닥났습니다. 그사이 다른 프로그램이 메모리를 썼을 수 있습니다.\n"
        f"다른 노트북의 커널(kernel)을 끄고 이 셀을 다시 실행하거나, 작은 모델 {MINI_CALL}를 써 주십시오. 그래도 "
        "모자라면 이 노트북의 커널을 다시 시작해 주십시오."
    )


def not_enough_disk(model: str, needed: int, where: Path, free: int) -> HubError:
    """``needed`` and ``free`` in bytes, on the disk that holds the Hub's cache."""
    return HubError(
        f"디스크 공간이 모자라 모델({model})을 내려받지 않았습니다. {gigabytes(needed)}가 필요한데 "
        f"'{where}'에 {gigabytes(free)}만 남아 있습니다.\n"
        "공간을 비우거나 환경 변수 HF_HOME으로 다른 디스크를 지정해 주십시오. "
        f"내려받기가 필요 없는 모델은 {MINI_CALL}입니다."
    )


def broken_download(error: OSError, model: str, where: Path) -> HubError:
    """A download into the Hub's cache at ``where`` that ended with ``error``: of the disk, or of the line."""
    again = "다시 실행해 주십시오. 이미 받은 부분은 다시 받지 않습니다."
    if is_disk_full(error):
        return HubError(
            f"모델({model})을 내려받는 도중에 디스크가 가득 찼습니다(위치: '{where}'). 그 디스크를 비우고 {again}\n"
            "비울 수 없으면 환경 변수 HF_HOME으로 다른 디스크를 지정하고 커널을 다시 시작해 주십시오. "
            f"내려받기가 필요 없는 모델은 {MINI_CALL}입니다."
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return HubError(
            f"모델({model})을 저장할 폴더에 쓸 수 없습니다(위치: '{where}').\n"
            "환경 변수 HF_HOME으로 쓸 수 있는 폴더를 지정하고 커널을 다시 시작해 주십시오. "
            f"내려받기가 필요 없는 모델은 {MINI_CALL}입니다."
        )
    return HubError(
        f"모델({model})을 내려받다가 끊겼습니다: {first_line(error)}\n인터넷 연결과 디스크 공간을 확인하고 {again}"
    )


def hub_error(error: BaseException, model: str) -> HubError | None:
    """The Korean error for what huggingface_hub raised about ``model``; None when it is not about the Hub.

    The HTTP library's own errors (httpx, httpx2) are told by their module's name: which one it is depends on the
    version of huggingface_hub.
    """
    from huggingface_hub import constants, errors

    page = f"https://huggingface.co/{model}"
    if isinstance(error, errors.GatedRepoError):
        return HubError(
            f"모델({model})은 이용 동의가 필요한 모델(gated model)입니다.\n"
            f"{page} 에서 로그인하고 이용 조건에 동의한 뒤, 터미널에서 `hf auth login`으로 토큰(token)을 등록하고 "
            f"다시 실행해 주십시오. 동의가 필요 없는 모델은 {MINI_CALL}입니다."
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return HubError(
            f"허깅페이스 허브(Hugging Face Hub)에 '{model}' 모델이 없거나, 비공개라서 볼 수 없습니다(오류 401/404).\n"
            f"주소의 철자를 {page} 에서 확인해 주십시오. 비공개 모델이면 `hf auth login`으로 로그인해 주십시오."
        )
    if isinstance(error, errors.OfflineModeIsEnabled) or constants.HF_HUB_OFFLINE:
        return HubError(
            f"오프라인 모드(HF_HUB_OFFLINE)가 켜져 있어 모델({model})을 내려받을 수 없습니다.\n"
            f"환경 변수 HF_HUB_OFFLINE을 지우고 커널을 다시 시작하거나, {MINI_CALL}를 써 주십시오."
        )
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.HfHubHTTPError) and status is not None:
        return HubError(
            f"허깅페이스 허브가 모델({model})을 보내 주지 않았습니다(HTTP 오류 {status}).\n"
            + (
                "요청이 너무 많습니다. 몇 분 뒤에 다시 실행하거나 `hf auth login`으로 로그인해 주십시오."
                if status == 429
                else f"잠시 뒤에 다시 실행해 주십시오. 그동안은 {MINI_CALL}를 쓸 수 있습니다."
            )
        )
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    if _is_timeout(error):
        return HubError(
            f"허깅페이스 허브({endpoint})의 응답이 너무 느려 모델({model})을 다 내려받지 못했습니다.\n"
            "연결이 나아지면 셀을 다시 실행해 주십시오. 이미 받은 부분은 다시 받지 않습니다. "
            f"인터넷 없이 쓸 수 있는 모델은 {MINI_CALL}입니다."
        )
    if _is_connection_problem(error):
        return HubError(
            f"허깅페이스 허브({endpoint})에 연결할 수 없어 모델({model})을 내려받지 못했습니다.\n"
            f"인터넷 연결과 프록시(proxy) 설정을 확인해 주십시오. 인터넷 없이 쓸 수 있는 모델은 {MINI_CALL}입니다."
        )
    return None


def _is_timeout(error: BaseException) -> bool:
    # Not a failed attempt to connect in time: there the line is dead rather than slow.
    return isinstance(error, TimeoutError) or type(error).__name__ == "ReadTimeout"


def _is_connection_problem(error: BaseException | None) -> bool:
    while error is not None:
        library = type(error).__module__.split(".")[0]
        if isinstance(error, (ConnectionError, TimeoutError)) or library.startswith(("httpx", "httpcore", "requests")):
            return True
        error = error.__cause__
    return False
