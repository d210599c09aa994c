"""The lines that every notebook shares: the Colab badge and the bootstrap cell.

The tests hold each committed notebook to these exact texts, so a change here is followed by `make notebooks`,
which writes the new bootstrap cell. The repository's address alone is changed by tools/stamp_repository.py.
"""

from course_utils._repository import REPOSITORY

# Id of the bootstrap cell in every notebook: tools/run_notebooks.py and the tests find the cell by it.
BOOTSTRAP_ID = "bootstrap"

_BOOTSTRAP = """\
# 코랩(Colab)에서는 강의 패키지를 설치하고, 내 컴퓨터에서는 설치되어 있는지만 확인합니다.
import importlib.util
import sys

if importlib.util.find_spec("course_utils") is None:
    if "google.colab" not in sys.modules:
        raise ModuleNotFoundError("강의 패키지가 없습니다. README의 설치 명령(make lab)을 실행해 주십시오.")
    print("강의 패키지를 설치합니다. 1~2분 걸립니다.")
    %pip install -q git+https://github.com/{repository}
    importlib.invalidate_caches()
    if importlib.util.find_spec("course_utils") is None:
        raise ModuleNotFoundError(
            "강의 패키지를 설치하지 못했습니다. https://github.com/{repository} 이 열리는지 확인한 뒤 "
            "이 셀을 다시 실행해 주십시오. 그래도 안 되면 런타임 메뉴에서 세션을 다시 시작해 주십시오."
        )"""
# What the cell prints while it installs, and nothing else where all goes well.
INSTALLING = "강의 패키지를 설치합니다. 1~2분 걸립니다.\n"


def bootstrap_source(repository: str = REPOSITORY) -> str:
    """Source of the bootstrap cell: installs the course on Colab, changes nothing on the learner's own machine.

    A failing %pip raises nothing on Colab, so the cell looks afterwards whether the package is there.
    """
    return _BOOTSTRAP.format(repository=repository)


def colab_url(notebook: str, repository: str = REPOSITORY, folder: str = "notebooks") -> str:
    """Address that opens `<folder>/<notebook>` in Colab, for example for "03_chat_generation.ipynb"."""
    return f"https://colab.research.google.com/github/{repository}/blob/main/{folder}/{notebook}"


def colab_badge(notebook: str, repository: str = REPOSITORY, folder: str = "notebooks") -> str:
    """Markdown of the Colab badge, which stands in the first cell of the notebook."""
    badge = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Colab에서 열기]({badge})]({colab_url(notebook, repository, folder)})"
