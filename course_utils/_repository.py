"""The course's public address, in one place; `python tools/stamp_repository.py OWNER/REPO` writes it."""

REPOSITORY = "OWNER/REPO"
