"""The conversation that stands where no Python runs was really held: it comes out the same again."""

from openai import OpenAI

from course_utils import load_pipeline
from course_utils.chat_example import EXAMPLE
from course_utils.chat_session import ChatSession
from course_utils.serving import local_server


def test_the_recorded_conversation_is_what_the_models_say():
    with local_server() as server:
        session = ChatSession(load_pipeline("mini"), OpenAI(base_url=server.base_url, api_key=server.api_key))
        for turn in EXAMPLE:
            session.ask(turn.question, temperature=turn.settings.temperature, seed=turn.settings.seed)
    assert repr(session.turns[0]) == repr(EXAMPLE[0])
    assert [repr(turn) for turn in session.turns] == [repr(turn) for turn in EXAMPLE]
    assert [turn.same for turn in EXAMPLE] == [True, True, False], "it shows both cases"
