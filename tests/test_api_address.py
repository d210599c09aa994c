"""Addresses are mended as people mistype them; waiting has an end."""

import time

import pytest

from course_utils.api_address import class_address, direct_http, is_nearby, within
from course_utils.errors import CourseValueError


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("http://192.168.0.10:8000/v1", "http://192.168.0.10:8000/v1"),
        ("192.168.0.10:8000", "http://192.168.0.10:8000/v1"),
        (" 'http://teacher.local:8000/' ", "http://teacher.local:8000/v1"),
        ("localhost:8000/v1/", "http://localhost:8000/v1"),
        ("HTTPS://llm.school.kr", "https://llm.school.kr/v1"),
        ("http://h:1/v1/chat/completions", "http://h:1/v1"),
        ("https://gateway.kr/openai/v1", "https://gateway.kr/openai/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
        ("\ufeffhttp://h:1/v1\u200b", "http://h:1/v1"),  # invisible letters that messengers add
        ("\u00a0<http://h:1/v1>.\r\n", "http://h:1/v1"),
    ],
)
def test_an_address_is_mended(typed, mended):
    assert class_address(typed) == mended


@pytest.mark.parametrize(
    "typed", ["서버 주소", "http://<주소>:8000", "http://", "ftp://a/v1", "http://a:99999/v1", "a b", "http://u:p@a/v1"]
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(CourseValueError, match="OPENAI_BASE_URL"):
        class_address(typed)


def test_nearby_addresses_are_known():
    assert all(map(is_nearby, ["localhost", "127.0.0.1", "::1", "10.1.2.3", "192.168.0.10"]))
    assert not any(map(is_nearby, ["api.openai.com", "8.8.8.8", "teacher.local"]))
    assert direct_http("https://api.openai.com/v1") is None


def test_waiting_ends_and_results_and_errors_come_back():
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        within(0.05, lambda: time.sleep(1))
    assert time.monotonic() - start < 0.5
    assert within(5, lambda: 7) == 7
    with pytest.raises(KeyError):
        within(5, lambda: {}["x"])
