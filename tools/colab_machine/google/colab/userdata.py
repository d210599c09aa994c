"""Colab's secrets: of this machine's file ``/colab/secrets.json``, in which ``null`` means "no access granted"."""

import json
from pathlib import Path

from google.colab import errors

_SECRETS = Path("/colab/secrets.json")


class NotebookAccessError(Exception):
    """There is such a secret, and this notebook has not been allowed to read it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Notebook does not have access to secret {key}")


class SecretNotFoundError(errors.Error):
    """There is no such secret."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Secret {key} does not exist.")


def get(key: str) -> str:
    """The value of a secret.

    Raises:
        SecretNotFoundError: there is none of that name.
        NotebookAccessError: the notebook may not read it.
    """
    secrets = json.loads(_SECRETS.read_text(encoding="utf-8")) if _SECRETS.exists() else {}
    if key not in secrets:
        raise SecretNotFoundError(key)
    if secrets[key] is None:
        raise NotebookAccessError(key)
    return secrets[key]
