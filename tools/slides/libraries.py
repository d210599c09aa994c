"""reveal.js (MIT) and MathJax (Apache-2.0) for the slides, from the npm registry: a classroom may have no network.

Fetched once, checked against the digests below, and kept in the course's cache.
"""

import base64
import hashlib
import io
import tarfile
import urllib.request
from pathlib import Path

from course_utils.user_cache import cache_folder

_REGISTRY = "https://registry.npmjs.org"
# name, version, the registry's own digest (npm view NAME@VERSION dist.integrity), files: inside the package -> here.
LIBRARIES = [
    (
        "reveal.js",
        "6.0.2",
        "JYIg5D9aoxoaLeb84O+OvAwsKWdIavVgEDScxtYEXFCT6t6TQrhNtSgogcjdCpdLsWglhJn3zyE3fUOwiH5KEg==",
        {
            "dist/reveal.js": "reveal.js",
            "dist/reveal.css": "reveal.css",
            "dist/theme/white.css": "white.css",
            "dist/plugin/notes.js": "notes.js",
            "LICENSE": "LICENSE.reveal",
        },
    ),
    (
        "mathjax",
        "3.2.2",
        "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
        {"es5/tex-svg.js": "tex-svg.js", "LICENSE": "LICENSE.mathjax"},
    ),
]


class LibraryError(Exception):
    """A library could not be fetched, or is not the one that was meant."""


def fetch(name: str, version: str, digest: str, timeout: float = 60) -> bytes:
    """The package's archive from the registry.

    Raises:
        LibraryError: no network, no such package, or other bytes than `digest` (SHA-512, base64) says.
    """
    address = f"{_REGISTRY}/{name}/-/{name}-{version}.tgz"
    try:
        with urllib.request.urlopen(address, timeout=timeout) as answer:
            data = answer.read()
    except OSError as error:
        raise LibraryError(f"{address}: {error}") from error
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != digest:
        raise LibraryError(f"{address}: other contents than expected")
    return data


def put_libraries(target: Path) -> None:
    """Write the libraries' files into `target`, from the cache where it has them.

    Raises:
        LibraryError: as `fetch`.
    """
    target.mkdir(parents=True, exist_ok=True)
    for name, version, digest, files in LIBRARIES:
        kept = cache_folder("slides") / f"{name}-{version}"
        if not all((kept / here).is_file() for here in files.values()):
            kept.mkdir(parents=True, exist_ok=True)
            with tarfile.open(fileobj=io.BytesIO(fetch(name, version, digest))) as archive:
                for inside, here in files.items():
                    (kept / here).write_bytes(archive.extractfile(f"package/{inside}").read())
        for here in files.values():
            (target / here).write_bytes((kept / here).read_bytes())
