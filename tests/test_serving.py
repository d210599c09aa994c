"""``local_server()`` as a learner uses it, and its draws held to lessons 04 and 05."""

import os
import shutil
import signal
import sys

import numpy as np
import openai
import pytest
from engine_children import alive, gone
from scipy import stats

from course_utils.decoding import decode_step, softmax
from course_utils.errors import CourseError, CourseValueError
from course_utils.next_token import next_token_logits, prompt_ids
from course_utils.serving import local_server
from tools.kernel_sockets import FileKernelManager

QUESTION = [{"role": "user", "content": "이 텀블러의 무게가 얼마나 되나요?"}]
KERNEL = """
from course_utils.serving import local_server
server = local_server().start()
print(server.pid)
"""
DRAWS = 960
PIECE = -1  # index of what stands for all pieces of letters


@pytest.fixture(scope="module")
def server():
    with local_server(slots=16, context=256) as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    with openai.OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0) as made:
        yield made


@pytest.fixture(scope="module")
def pipe():
    from course_utils import load_pipeline

    return load_pipeline("mini", device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def logits(pipe):
    return next_token_logits(pipe, prompt_ids(pipe, QUESTION))


@pytest.fixture(scope="module")
def chance(pipe, logits):
    """p-value of a chi-square test: could these counts come from the lessons' probabilities? 0 if one had been cut."""
    pieces = {token for token in range(len(logits)) if "\ufffd" in pipe.tokenizer.decode([token])}

    def test(counts, **settings):
        probabilities = np.append(decode_step(logits, **settings).astype(float), 0.0)
        seen = np.zeros(len(probabilities))
        for token, count in counts.items():
            seen[token] = count
        for values in (probabilities, seen):  # the engine lists pieces of letters not always: they count together
            values[PIECE] += values[list(pieces)].sum()
            values[list(pieces)] = 0
        if seen[probabilities == 0].any():
            return 0.0
        expected = seen.sum() * probabilities / probabilities.sum()
        often = expected >= 5
        if expected[~often].sum() < 5:  # too few to count as a class of their own
            return stats.chisquare(seen[often], expected[often] * seen[often].sum() / expected[often].sum()).pvalue
        return stats.chisquare([*seen[often], seen[~often].sum()], [*expected[often], expected[~often].sum()]).pvalue

    return test


def drawn(client, seed, **settings):
    """How often each token came first in ``DRAWS`` answers of one token, by its id."""
    counts = {}
    for request in range(DRAWS // 16):
        answer = client.chat.completions.create(
            model="mini", messages=QUESTION, n=16, seed=seed + 100 * request, max_tokens=1, logprobs=True, **settings
        )
        for choice in answer.choices:
            token = choice.logprobs.content[0].id if choice.logprobs else PIECE
            counts[token] = counts.get(token, 0) + 1
    return counts


SETTINGS = {
    "plain": {"temperature": 1.0},
    "hot": {"temperature": 2.0},
    "hot, top-p": {"temperature": 2.0, "top_p": 0.9},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_next_tokens_come_as_often_as_lessons_04_and_05_say(client, chance, name):
    counts = drawn(client, seed=7, **SETTINGS[name])
    assert chance(counts, **SETTINGS[name]) > 0.001
    for other in SETTINGS.keys() - {name}:  # the test tells the settings apart
        assert chance(counts, **SETTINGS[other]) < 0.05


def test_nothing_is_cut_unless_asked_and_the_default_temperature_is_one(client, chance):
    assert chance(drawn(client, seed=9)) > 0.001


def test_llama_cpps_own_chain_would_not_pass(server, chance):
    shipped = {"samplers": ["penalties", "top_k", "top_p", "min_p", "temperature"], "top_k": 40, "min_p": 0.05}
    with openai.OpenAI(base_url=f"{server.engine_url}/v1", api_key=server.engine_key) as unguarded:
        counts = drawn(unguarded, seed=7, temperature=2.0, top_p=0.95, extra_body=shipped)
    assert chance(counts, temperature=2.0) < 1e-4
    assert chance(counts, temperature=2.0, top_p=0.95) < 1e-4


def test_log_probabilities_are_lesson_04s_within_half_precision(client, pipe, logits):
    for settings in ({"temperature": 0}, {"temperature": 0.5, "top_p": 0.5, "seed": 1}):
        answer = client.chat.completions.create(
            model="mini", messages=QUESTION, max_tokens=1, logprobs=True, top_logprobs=20, **settings
        )
        listed = answer.choices[0].logprobs.content[0].top_logprobs
        expected = np.log(softmax(logits.astype(np.float64)))
        assert [each.id for each in listed[:5]] == list(np.argsort(-logits)[:5])
        assert len(listed) == 20
        assert np.allclose([each.logprob for each in listed], expected[[each.id for each in listed]], atol=0.02)


def test_temperature_zero_and_top_p_zero_are_the_pipelines_greedy_text(client, pipe):
    for question in ("이 텀블러의 무게가 얼마나 되나요?", "배송은 언제 시작되나요?", "환불하고 싶어요."):
        messages = [{"role": "user", "content": question}]
        greedy = pipe(messages, do_sample=False, max_new_tokens=60, return_full_text=False)[0]["generated_text"]
        for settings in ({"temperature": 0}, {"temperature": 0, "n": 3}, {"temperature": 2, "top_p": 0, "seed": 5}):
            answer = client.chat.completions.create(model="mini", messages=messages, max_tokens=60, **settings)
            assert {choice.message.content for choice in answer.choices} == {greedy}


def test_a_conversation_that_ends_with_the_assistant_gets_a_new_answer(client, pipe):
    messages = [*QUESTION, {"role": "assistant", "content": "안녕하세요, 고객님."}]
    prompt = pipe.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    greedy = pipe(prompt, do_sample=False, max_new_tokens=60, return_full_text=False)[0]["generated_text"]
    answer = client.chat.completions.create(model="mini", messages=messages, temperature=0, max_tokens=60)
    assert answer.choices[0].message.content == greedy


def test_after_a_crash_the_next_use_says_so_and_start_brings_the_same_address_and_key_back():
    with local_server() as server:
        assert server.start() is server
        pid, url, key = server.pid, server.base_url, server.api_key
        assert server.start().pid == pid  # a second start is none
        assert key not in repr(server) and url in repr(server)
        os.kill(pid, signal.SIGTERM)
        assert gone(pid) and not server.running
        for name in ("base_url", "engine_url", "engine_key", "pid"):
            with pytest.raises(CourseError, match=r"작동 중에 멈췄습니다. \.start\(\)"):
                getattr(server, name)
        server.start()
        assert (server.base_url, server.api_key) == (url, key) and server.pid != pid
        with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as client:
            assert client.models.list().data[0].id == "mini"
        again = server.pid
        with pytest.raises(ValueError), server:
            raise ValueError
        assert not alive(again) and not server.running
        with pytest.raises(CourseError, match="꺼진 상태입니다"):
            _ = server.base_url
        server.stop()


def test_a_server_that_has_lost_its_converted_file_serves_on_and_starts_again(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))  # a learner clears the cache folder to make room
    with local_server() as server, openai.OpenAI(base_url=server.base_url, api_key=server.api_key) as client:
        shutil.rmtree(tmp_path, ignore_errors=True)  # Windows keeps the file that is open
        assert client.chat.completions.create(model="mini", messages=QUESTION, max_tokens=1).choices
        pid = server.pid
        os.kill(pid, signal.SIGTERM)
        assert gone(pid)
        server.start()
        assert client.chat.completions.create(model="mini", messages=QUESTION, max_tokens=1).choices


def test_a_server_that_was_never_started_says_so():
    server = local_server()
    assert not server.running and server.log is None and "not running" in repr(server)
    with pytest.raises(CourseError, match="아직 켜지지 않았습니다"):
        _ = server.base_url
    server.stop()


def test_every_server_has_a_key_of_its_own_and_given_keys_count():
    assert local_server().api_key != local_server().api_key
    keys = ["first-key-for-tests", "second-key-for-tests"]
    with local_server(keys=keys, host="0.0.0.0") as server:
        assert server.api_key == keys[0] and server.base_url.startswith("http://127.0.0.1:")
        for key in keys:
            with openai.OpenAI(base_url=server.base_url, api_key=key) as client:
                assert client.models.list().data


@pytest.mark.parametrize("wrong", [{"slots": 0}, {"port": -1}, {"keys": []}, {"host": ""}, {"context": 1.5}], ids=str)
def test_nonsense_is_refused_before_anything_starts(wrong):
    with pytest.raises(CourseValueError, match=next(iter(wrong))):
        local_server(**wrong)


@pytest.mark.skipif(sys.platform == "win32", reason="process table of POSIX")
@pytest.mark.parametrize("restart", ["restart_kernel", "shutdown_kernel"])
def test_a_restarted_or_closed_jupyter_kernel_leaves_no_server(restart):
    manager = FileKernelManager(kernel_name="python3")
    manager.start_kernel()
    try:
        with_channels = manager.blocking_client()
        with_channels.start_channels()
        with_channels.wait_for_ready(timeout=30)
        said = []
        with_channels.execute_interactive(
            KERNEL, timeout=30, output_hook=lambda message: said.append(message["content"])
        )
        pid = int(said[-2].get("text", 0) if "text" not in said[-1] else said[-1]["text"])
        assert alive(pid)
        manager.interrupt_kernel()
        with_channels.stop_channels()
        assert alive(pid)
        getattr(manager, restart)(now=True)
        assert gone(pid)
    finally:
        manager.shutdown_kernel(now=True)
