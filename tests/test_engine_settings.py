"""The settings of a server: what comes through the pipe is what went in, and nonsense is refused in Korean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.engine_settings import EngineSettings
from course_utils.errors import CourseValueError

GOOD = {"gguf": "mini.gguf", "model": "mini", "keys": ("a-key-for-tests",)}


@given(st.text(), st.text(), st.integers(1, 64), st.integers(0, 65535), st.booleans())
def test_settings_come_out_of_the_pipe_as_they_went_in(gguf, model, slots, port, reuse):
    settings = EngineSettings(gguf, model, GOOD["keys"], slots=slots, port=port, reuse_prompts=reuse)
    line = settings.to_json()
    assert "\n" not in line
    assert EngineSettings.from_json(line) == settings


@pytest.mark.parametrize(
    "wrong",
    [
        *({"port": each} for each in (-1, 65536, "8000", 80.0, True)),
        *({"slots": each} for each in (0, 65, None)),
        *({"waiting": each} for each in (-1, 1.5)),
        *({"context": each} for each in (0, 2**21)),
        *({"threads": each} for each in (-1, 2000)),
        *({"host": each} for each in ("", None, 1)),
        *({"keys": each} for each in ((), None, "one-long-key", ("short",), ("with a space",), ("열쇠열쇠열쇠열쇠",))),
        *({"keys": each} for each in ((12345678,), ("line\nbreak-key",), ("a-key-for-tests\n",))),
    ],
    ids=repr,
)
def test_what_no_server_can_be_started_with_is_refused_by_name_and_keys_are_not_repeated(wrong):
    with pytest.raises(CourseValueError, match=next(iter(wrong))) as caught:
        EngineSettings(**{**GOOD, **wrong})
    if "keys" in wrong and wrong["keys"]:
        assert not any(str(key) in str(caught.value) for key in wrong["keys"] if len(str(key)) > 1)


def test_the_settings_show_themselves_without_keys():
    assert "a-key-for-tests" not in repr(EngineSettings(**GOOD))
