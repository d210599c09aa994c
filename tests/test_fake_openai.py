"""The fake of OpenAI's API says what the openai library's own types expect; the lessons are run against it."""

import openai
import pytest
from api_samples import MESSAGES
from fake_openai import FakeOpenAI
from fake_openai_checks import MODELS


@pytest.fixture(scope="module")
def client():
    with FakeOpenAI() as fake:
        yield openai.OpenAI(
            base_url=fake.base_url, api_key=fake.api_key, max_retries=0, _strict_response_validation=True
        )


def create(client, **settings):
    return client.chat.completions.create(**{"model": "gpt-4o-mini", "messages": MESSAGES, **settings})


def test_models_are_listed(client):
    assert [model.id for model in client.models.list()] == list(MODELS)


def test_an_answer_has_every_part(client):
    answer = create(client, n=3, logprobs=True, top_logprobs=4, seed=5)
    assert len({choice.message.content for choice in answer.choices}) > 1
    for choice in answer.choices:
        rows = choice.logprobs.content
        assert "".join(row.token for row in rows) == choice.message.content
        assert all(len(row.top_logprobs) == 4 and row.logprob <= 0 for row in rows)
    usage = answer.usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.completion_tokens_details.reasoning_tokens == usage.prompt_tokens_details.cached_tokens == 0


def test_seed_temperature_limit_and_stop_do_what_they_mean(client):
    def text(**settings):
        return create(client, **settings).choices[0].message.content

    assert text(seed=1) == text(seed=1) and len({text(temperature=0) for _ in range(3)}) == 1
    assert len({text() for _ in range(9)}) > 1
    whole, cut = text(seed=1), create(client, seed=1, max_completion_tokens=2)
    assert whole.startswith(cut.choices[0].message.content) and cut.choices[0].finish_reason == "length"
    assert text(seed=1, stop=" ") == whole.split(" ")[0]
    assert text(seed=1, stop=["님"]) == whole.split("님")[0]


@pytest.mark.parametrize("usage", [False, True])
def test_a_stream_adds_up_to_the_answer(client, usage):
    events = list(create(client, seed=2, stream=True, stream_options={"include_usage": usage}))
    text = "".join(event.choices[0].delta.content or "" for event in events if event.choices)
    assert text == create(client, seed=2).choices[0].message.content
    assert [bool(event.usage) for event in events] == [False] * (len(events) - 1) + [usage]


def test_the_responses_api_answers(client):
    answer = client.responses.create(model="gpt-4o-mini", input="공휴일이 있나요?", instructions="짧게", temperature=0)
    assert answer.output_text and answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    events = list(client.responses.create(model="gpt-4o-mini", input="네", temperature=0, stream=True))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == events[-1].response.output_text == answer.output_text


def test_a_reasoning_model_refuses_sampling(client):
    assert create(client, model="o4-mini", temperature=1).choices
    with pytest.raises(openai.BadRequestError) as caught:
        create(client, model="o4-mini", temperature=0.2)
    assert (caught.value.code, caught.value.param) == ("unsupported_value", "temperature")
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="o4-mini", input="네", top_p=0.5)
    assert caught.value.code == "unsupported_parameter"
