"""``files.download`` and ``files.upload``: both need the learner's browser, which is not here."""

from pathlib import Path


def download(filename: str) -> None:
    """Hand a file to the browser.

    Raises:
        FileNotFoundError: there is no such file.
    """
    if not Path(filename).exists():
        raise FileNotFoundError(f"Cannot find file: {filename}")


def upload() -> dict[str, bytes]:
    """What the learner chooses; nothing here."""
    return {}
