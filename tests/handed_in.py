"""Submissions for tests of the grader: small notebooks, folders and zips of the shapes that platforms make."""

import json
import zipfile

from course_utils.grading.collect import KnownSets, collect

TOPICS = {"ex04": "softmax_temperature", "ex05": "top_k_top_p"}
TASKS = {"softmax": "ex04", "apply_temperature": "ex04", "top_k_filter": "ex05", "top_p_filter": "ex05"}
SETS = KnownSets(TOPICS, TASKS)


def notebook(*sources, exercise="", mark=""):
    """The bytes of a notebook with these code cells; ``exercise`` adds that set's ``progress`` cell."""
    cells = [*sources, *([f'progress("{exercise}")'] if exercise else []), *([f"# {mark}"] if mark else [])]
    made = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for source in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def hand_in(folder, *paths, content=None):
    """Write a notebook to each of ``paths`` below ``folder``; every one differs from the others."""
    for path in paths:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(notebook(mark=str(path)) if content is None else content)
    return folder


def zipped(target, names, when=(2026, 3, 20, 10, 0, 0), content=None):
    """A zip at ``target`` with a notebook under each of ``names`` (or name -> bytes)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            raw = names[name] if isinstance(names, dict) else content or notebook(mark=name)
            archive.writestr(zipfile.ZipInfo(name, when), raw, zipfile.ZIP_DEFLATED)
    return target


def collected(submitted, tmp_path, sets=SETS, **options):
    """``collect`` with its own work folder: (student, set) -> submission, and the problems as "where: what"."""
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    found, problems = collect(submitted, work, sets, **options)
    assert len({(one.student, one.exercise) for one in found}) == len(found)
    return {(one.student, one.exercise): one for one in found}, [f"{p.where}: {p.what}" for p in problems]
