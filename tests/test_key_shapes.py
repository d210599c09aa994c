"""Keys are found in every shape, and neither prose nor code nor pictures are taken for keys."""

import base64
import random

import pytest
from api_samples import made_up_keys

from course_utils.key_shapes import find_keys, hide_keys

KEYS = made_up_keys()


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("around", ["{}", "key: {}.", '"{}"', "앞{}", "({})\n", 'x = "{}"', "https://host/?k={}&b"])
def test_a_key_is_found_wherever_it_stands(kind, around):
    assert find_keys(around.format(KEYS[kind])), around


def test_the_kind_is_named():
    assert {kind: find_keys(key)[0][0] for kind, key in KEYS.items() if " " not in kind} == {
        kind: kind for kind in KEYS if " " not in kind
    }


@pytest.mark.parametrize(
    "text",
    [
        "키는 sk-로 시작합니다. sk-... 과 같은 글자를 넣습니다.",
        "from huggingface_hub import hf_hub_download",
        "risk-management-of-very-long-names-2026",
        'OPENAI_API_KEY = "여기에 키"',
        'api_key=os.environ["OPENAI_API_KEY"]',
        'headers = {"Authorization": f"Bearer {key}"}',
        "Authorization: Bearer YOUR_CLASS_KEY_GOES_HERE",
        'tokenizer.pad_token="<pad>", token=0123',
        "5f4dcc3b5aa765d61d8327deb882cf99",
    ],
)
def test_ordinary_text_is_no_key(text):
    assert find_keys(text) == []


def test_pictures_in_base64_are_no_keys():
    picture = base64.b64encode(random.Random(1).randbytes(2_000_000)).decode()
    assert find_keys(picture) == []


@pytest.mark.parametrize("kind", ["OpenAI", "OpenAI project", "Hugging Face", "Google", "Groq", "Bearer"])
def test_hidden_keys_leave_nothing_of_themselves(kind):
    key = KEYS[kind]
    hidden = hide_keys(f"Incorrect API key provided: {key}. 다음 글.")
    assert key[-8:] not in hidden and key[3:11] not in hidden and "다음 글." in hidden


def test_parts_of_keys_that_servers_quote_are_hidden_too():
    assert hide_keys("provided: sk-" + "ab12********wxyz. You can") == "provided: *** You can"
    assert hide_keys("key class-room-7 refused", "class-room-7", None) == "key *** refused"
