"""Which requirements preinstalled versions do not meet, found without a network: the quick half of `make compat colab`.

pip's own dry run in a real environment is the other half, and the strict one. It takes minutes, as it has to install
first. Here the requirements of the package are followed through the metadata of the packages installed in this Python.
"""

from collections.abc import Callable, Iterable
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def _applies(requirement: Requirement, extras: Iterable[str], python: str) -> bool:
    surroundings = {"python_version": python, "python_full_version": f"{python}.0"}
    return requirement.marker is None or any(
        requirement.marker.evaluate(surroundings | {"extra": extra}) for extra in ("", *extras)
    )


def clashes(
    requirements: Iterable[str],
    preinstalled: dict[str, str],
    python: str,
    requires: Callable[[str], list[str] | None] = metadata.requires,
) -> list[str]:
    """Lines "package: requirement" for each requirement that a preinstalled version does not meet.

    Followed are the requirements of ``requirements`` and of every package that would come new. What is preinstalled
    has its own requirements beside it already, so those are not followed.

    Args:
        requirements: lines as in pyproject.toml.
        preinstalled: package -> version.
        python: the other machine's Python, such as "3.13", for requirements that hold only on some.
        requires: a package's own requirements; None: it has none.

    Raises:
        importlib.metadata.PackageNotFoundError: a package that would come new is not installed here.
    """
    waiting = [("course", Requirement(line)) for line in requirements]
    found, seen = [], set()
    while waiting:
        by, requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (version := preinstalled.get(name)) is not None:
            if not requirement.specifier.contains(version, prereleases=True):
                found.append(f"{by}: {requirement}")
            continue
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        own = [Requirement(line) for line in requires(name) or []]
        waiting += [(name, one) for one in own if _applies(one, requirement.extras, python)]
    return sorted(found)
