"""``drive.mount`` asks the learner in a dialog; without a browser it fails, as Colab does when it is declined."""


def mount(mountpoint: str, force_remount: bool = False, timeout_ms: int = 120000, readonly: bool = False) -> None:
    """Mount the learner's Drive.

    Raises:
        ValueError: there is nobody to allow it.
    """
    raise ValueError("mount failed")
