"""Keys of a class server, and the sheet that shows them."""

import html
import os
import re
import stat
import subprocess
import sys

import pytest

from course_utils.errors import CourseError
from tools.class_handout import as_html, as_markdown, blocks
from tools.class_keys import ALPHABET, VARIABLE, class_keys, new_key
from tools.class_network import lan_addresses

URL = "http://192.0.2.7:8000/v1"


def test_keys_are_long_different_and_without_letters_that_look_alike():
    keys = {new_key() for _ in range(200)}
    assert len(keys) == 200
    assert all(re.fullmatch(rf"class(-[{ALPHABET}]{{4}}){{4}}", key) for key in keys)
    assert not set("il1o0") & set(ALPHABET)
    assert len(ALPHABET) ** 16 > 2**75


def test_keys_stay_the_same_over_a_restart_and_more_are_added(tmp_path):
    file = tmp_path / "keys.txt"
    first = class_keys(2, file, environment={})
    assert class_keys(2, file, environment={}) == first
    assert class_keys(3, file, environment={})[:2] == first
    assert class_keys(1, file, environment={}) == first[:1]
    assert set(class_keys(2, file, fresh=True, environment={})).isdisjoint(first)


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_only_the_owner_reads_the_key_file_even_if_it_was_open_before(tmp_path):
    file = tmp_path / "keys.txt"
    keys = class_keys(1, file, environment={})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    assert class_keys(1, file, environment={}) == keys
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys.txt"]


def test_the_variable_comes_first_and_leaves_the_file_alone(tmp_path):
    file = tmp_path / "keys.txt"
    given = {VARIABLE: " alpha-alpha-alpha , beta-beta-beta-beta"}
    assert class_keys(1, file, environment=given) == ["alpha-alpha-alpha", "beta-beta-beta-beta"]
    assert not file.exists()


@pytest.mark.parametrize(
    "bad", ["short", "with a space in the key", "한글로-된-열쇠는-안-됩니다", "a" * 16 + "," + "a" * 16]
)
def test_bad_keys_are_refused(tmp_path, bad):
    with pytest.raises(CourseError, match=VARIABLE):
        class_keys(1, tmp_path / "keys.txt", environment={VARIABLE: bad})


def test_an_openai_key_is_never_handed_to_students(tmp_path):
    secret = "-".join(["sk", "proj", "x" * 24])
    with pytest.raises(CourseError, match="개인 키") as caught:
        class_keys(1, tmp_path / "keys.txt", environment={VARIABLE: secret})
    assert "x" * 24 not in str(caught.value)


# --- the sheet ---


def run_shell(lines):
    show = 'printf "%s|%s" "$OPENAI_BASE_URL" "$OPENAI_API_KEY"'
    return subprocess.run(["sh", "-c", f"{lines}\n{show}"], capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(os.name == "nt", reason="needs sh")
def test_the_lines_for_a_shell_set_both_variables():
    key = new_key()
    [lines] = [text for where, text in blocks(URL, key) if "macOS" in where]
    assert run_shell(lines) == f"{URL}|{key}"


def test_the_lines_for_a_notebook_set_both_variables_without_writing_the_key_into_the_cell(monkeypatch):
    key = new_key()
    [lines] = [text for where, text in blocks(URL, key) if "노트북" in where]
    assert key not in lines
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "before")
    monkeypatch.setattr("getpass.getpass", lambda prompt: key)
    exec(lines, {})
    assert (os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]) == (URL, key)


def test_both_sheets_show_address_and_every_key_and_html_is_escaped():
    keys = [new_key(), new_key()]
    page, text = as_html(URL, keys, "a<b"), as_markdown(URL, keys, "a<b")
    assert all(value in page and value in text for value in (URL, *keys))
    assert "<script" not in page and "a<b" not in page and 'lang="ko"' in page
    assert html.unescape(page).count(f'$env:OPENAI_BASE_URL = "{URL}"') == 2


def test_the_sheet_of_an_https_address_says_nothing_that_holds_only_inside_the_classroom():
    inside, proxy = as_markdown(URL, ["k"], "mini"), as_markdown("https://class.example.kr/v1", ["k"], "mini")
    for words in ("암호화되지", "교실 안의 주소에 접속하지 못합니다"):
        assert words in inside and words not in proxy
    assert "개인정보" in proxy and "`OPENAI_BASE_URL`: `https://class.example.kr/v1`" in proxy
    assert "암호화되지" not in as_html("https://class.example.kr/v1", ["k"], "mini")


def test_addresses_of_this_computer_are_no_loopback():
    assert all(not address.startswith(("127.", "169.254.", "0.")) for address in lan_addresses())


def test_tools_do_not_load_torch_or_openai_before_they_are_needed():
    names = "class_server, class_gate, class_vllm, class_handout, class_load"
    code = f"import sys; from tools import {names}; print({{'torch', 'openai', 'xllamacpp'}} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_a_folder_that_is_missing_is_made_and_one_that_cannot_be_is_told(tmp_path):
    assert class_keys(1, tmp_path / "new" / "keys.txt", environment={}) == class_keys(
        1, tmp_path / "new" / "keys.txt", environment={}
    )
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match="--key-file"):
        class_keys(1, tmp_path / "file" / "keys.txt", environment={})
