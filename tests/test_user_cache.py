"""The cache folder: where the user wants it, and somewhere writable in any case."""

import os
import tempfile
from pathlib import Path

import pytest

from course_utils import user_cache
from course_utils.user_cache import cache_folder


@pytest.fixture(autouse=True)
def own_places(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    user_cache._own_temporary.cache_clear()


def test_the_variable_names_it(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "here"))
    assert cache_folder("gguf", "x") == tmp_path / "here" / "gguf" / "x"
    assert cache_folder("gguf", "x").is_dir()


@pytest.mark.parametrize(
    ("system", "parts"), [("linux", ["xdg"]), ("win32", ["local"]), ("darwin", ["home", "Library", "Caches"])]
)
def test_without_it_the_system_s_own_place_is_used(monkeypatch, tmp_path, system, parts):
    monkeypatch.setattr(user_cache.sys, "platform", system)
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert cache_folder("logs") == tmp_path.joinpath(*parts, "llm-generation-course", "logs")


def test_a_place_that_cannot_be_written_is_replaced_by_the_temporary_folder(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file"))
    folder = cache_folder("gguf")
    assert folder.is_dir() and tmp_path / "tmp" in folder.parents
    assert cache_folder("gguf") == folder, "the same every time, or nothing would ever be found again"


def test_an_account_without_a_home_has_a_cache_too(monkeypatch, tmp_path):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", nobody)
    assert tmp_path / "tmp" in cache_folder("gguf").parents


def test_when_somebody_else_has_the_temporary_folder_s_name_another_one_is_made(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file"))
    user_cache._shared_temporary().write_text("")
    assert cache_folder("gguf").is_dir() and os.listdir(cache_folder("gguf")) == []
    assert cache_folder("gguf") == cache_folder("gguf")
