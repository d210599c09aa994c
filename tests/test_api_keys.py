"""Keys: mended, refused before any request, asked for unseen, and never shown."""

import builtins
import getpass
import os
import sys
import types
import warnings

import pytest
from api_samples import forget_variables, made_up_keys

from course_utils import api_keys
from course_utils.errors import CourseError, CourseValueError

KEY = made_up_keys()["OpenAI project"]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    forget_variables(monkeypatch)
    monkeypatch.setattr(api_keys, "_warned", set())


@pytest.mark.parametrize(
    "form", ["{}", " {}\n", '"{}"', "'{}'", "Bearer {}", "bearer  {}", "OPENAI_API_KEY={}", "“{}”", "\ufeff{}\u200b"]
)
def test_what_is_copied_along_with_a_key_is_taken_off(form):
    assert api_keys.checked_key(form.format(KEY), "시험") == KEY


@pytest.mark.parametrize(
    "text",
    ["", "  ", "여기에 키", "sk-...", "sk-", "your-api-key", "YOUR_API_KEY", "<키>", "api_key", "sk-xxxxxxxx", "sk-***"]
    + ["키" + KEY, KEY[:20] + " " + KEY[20:], KEY[:20] + "\n" + KEY[20:], made_up_keys()["Hugging Face"]],
)
def test_what_cannot_be_a_key_is_refused_without_showing_it(text):
    with pytest.raises(CourseValueError) as caught:
        api_keys.checked_key(text, "환경 변수 OPENAI_API_KEY")
    assert "환경 변수 OPENAI_API_KEY" in str(caught.value)
    assert not text.strip() or len(text) < 13 or text[5:15] not in str(caught.value)


def test_a_class_servers_keys_may_look_like_anything():
    for key in ("class-2026-3", "x", "hf" + "_likes_tea"):
        assert api_keys.checked_key(key, "시험", openai=False) == key


def test_a_found_key_is_not_in_its_text_form():
    assert KEY not in repr(api_keys.FoundKey(KEY, "시험")) and KEY not in str([api_keys.FoundKey(KEY, "시험")])


# --- asking ---


def test_the_asked_for_key_is_kept_for_this_session_only_and_not_shown(monkeypatch, capsys):
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": f' "{KEY}" ')
    monkeypatch.setenv("OPENAI_API_KEY", "before")
    assert api_keys.ask_for_key() is None
    assert os.environ["OPENAI_API_KEY"] == KEY
    shown = capsys.readouterr()
    assert KEY not in shown.out + shown.err and "저장되지 않고" in shown.out


def test_a_wrong_key_is_not_kept(monkeypatch):
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": "여기에 키")
    with pytest.raises(CourseValueError, match="예시"):
        api_keys.ask_for_key()
    assert "OPENAI_API_KEY" not in os.environ


def test_nothing_is_read_where_it_would_be_seen(monkeypatch):
    def with_echo(prompt=""):
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return builtins.input()

    monkeypatch.setattr(getpass, "getpass", with_echo)
    monkeypatch.setattr(builtins, "input", lambda *_: pytest.fail("read with echo"))
    with pytest.raises(CourseError, match="숨길 수 없어"):
        api_keys.ask_for_key()


@pytest.mark.parametrize("error", [EOFError(), NotImplementedError("no stdin"), RuntimeError("no stdin")])
def test_where_nothing_can_be_typed_other_ways_are_named(monkeypatch, error):
    def fail(prompt=""):
        raise error

    monkeypatch.setattr(getpass, "getpass", fail)
    with pytest.raises(CourseError, match="환경 변수 OPENAI_API_KEY나 코랩 비밀"):
        api_keys.ask_for_key()


# --- Colab ---


def colab(monkeypatch, get):
    """A google.colab as Colab's kernel has it loaded."""
    google, package, userdata = (types.ModuleType(n) for n in ("google", "google.colab", "google.colab.userdata"))
    userdata.get, package.userdata, google.colab = get, userdata, package
    for module in (google, package, userdata):
        monkeypatch.setitem(sys.modules, module.__name__, module)


def test_outside_colab_nothing_is_looked_for():
    assert api_keys.secret_in_colab() == (None, "")


def test_the_colab_secret_is_found(monkeypatch):
    colab(monkeypatch, {"OPENAI_API_KEY": KEY}.__getitem__)
    assert api_keys.secret_in_colab()[0] == KEY


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SecretNotFoundError", ""),
        ("NotebookAccessError", "노트북 액세스"),
        ("TimeoutException", "제때"),
        ("SomethingNew", "읽을 수 없습니다"),
    ],
)
def test_why_there_is_no_colab_secret_is_said(monkeypatch, name, said):
    def get(key):
        raise type(name, (Exception,), {})(key)

    colab(monkeypatch, get)
    key, why = api_keys.secret_in_colab()
    assert key is None and said in why and bool(said) == bool(why)


# --- keys in cells ---


def in_ipython(monkeypatch, cells):
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace(user_ns={"In": ["", *cells]})
    monkeypatch.setitem(sys.modules, "IPython", ipython)


@pytest.mark.parametrize("kind", ["OpenAI", "OpenAI project", "assigned"])
def test_a_key_in_a_cell_is_warned_about_once_and_not_shown(monkeypatch, capsys, kind):
    key = made_up_keys()[kind]
    in_ipython(monkeypatch, ["1 + 1", f"client = openai_client({key!r})"])
    api_keys.warn_about_typed_keys()
    out = capsys.readouterr().out
    assert "폐기" in out and "ask_for_key()" in out and key not in out
    api_keys.warn_about_typed_keys()
    assert capsys.readouterr().out == ""


def test_a_key_argument_is_warned_about_once(capsys):
    api_keys.warn_about_typed_keys(KEY)
    assert "주의" in capsys.readouterr().out
    api_keys.warn_about_typed_keys(KEY)
    assert capsys.readouterr().out == ""


def test_clean_cells_are_not_warned_about(monkeypatch, capsys):
    in_ipython(monkeypatch, ["from openai import OpenAI", "ask_for_key()", 'os.environ["OPENAI_API_KEY"]'])
    api_keys.warn_about_typed_keys()
    assert capsys.readouterr().out == ""
