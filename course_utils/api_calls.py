"""``ask()``: one question to a chat model, asked again with growing pauses while the server is busy or lost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from course_utils.api_client import model_name
from course_utils.api_errors import NOT_AN_API, explain, from_transport
from course_utils.api_refusals import is_out_of_quota
from course_utils.errors import CourseError, CourseValueError
from course_utils.stopping import stoppable, stopped

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletion

RETRIES = 6
LONGEST_WAIT = 30.0
# A pause becomes up to this share longer, at random: a class that was refused together does not return together.
JITTER = 0.25
# What a reasoning model refuses and the answer does not need; without logprobs or n the lesson's next line would fail.
_SAMPLING = frozenset({"temperature", "top_p", "presence_penalty", "frequency_penalty"})
_WHY = {429: "서버가 바쁩니다(429).", 503: "서버에 요청이 몰렸습니다(503)."}

# Client -> (model, parameter) that were refused and have been told: asked once, said once.
_refused: WeakKeyDictionary[Any, set[tuple[str, str]]] = WeakKeyDictionary()


class BrokenStreamError(CourseError):
    """A streamed answer that ended too early; ``text`` is what had come."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


@dataclass
class _Patience:
    """How often and how long to wait: pauses of ``first_wait``, twice that ..., all within ``seconds``."""

    retries: int
    first_wait: float
    seconds: float
    sleep: Callable[[float], None]
    rng: Callable[[], float]
    used: int = 0
    start: float = field(default_factory=time.monotonic)

    def wait_after(self, error: BaseException, client: Any) -> None:
        """Sleep before the next attempt, and say so.

        Raises:
            CourseError: asking again would not help, or patience is at its end.
        """
        if not _worth_asking_again(error):
            raise CourseError(explain(error, client)) from error
        asked = _retry_after(error)
        # What the server asks grows too: in a full class it cannot know how many others it has just sent away.
        first = self.first_wait if asked is None else asked
        pause = max(min(first * 2**self.used, LONGEST_WAIT), asked or 0.0)
        late = time.monotonic() - self.start + pause > self.seconds
        if self.used >= self.retries or late:
            tried = f"{self.used}번 다시 물었지만 답을 받지 못했습니다. " if self.used else ""
            when = f"서버는 {asked:g}초 뒤에 다시 물어 달라고 합니다. " if asked and late else ""
            raise CourseError(tried + when + explain(error, client)) from error
        self.used += 1
        print(f"{_why(error)} 약 {pause:g}초 뒤에 다시 묻습니다({self.used}/{self.retries}).")
        self.sleep(pause * (1 + JITTER * self.rng()))


def _worth_asking_again(error: BaseException) -> bool:
    import openai

    if isinstance(error, openai.APIStatusError):
        if error.response.headers.get("x-should-retry") == "false" or is_out_of_quota(error):
            return False
        return error.status_code in {408, 409, 429} or (error.status_code >= 500 and error.status_code != 501)
    # A request that could not even be written (a bad address, a bad key) fails the same way every time.
    never = {"UnsupportedProtocol", "LocalProtocolError", "UnicodeEncodeError", "InvalidURL"}
    return isinstance(error, openai.APIConnectionError) and type(error.__cause__).__name__ not in never


def _retry_after(error: Any) -> float | None:
    """Seconds that the server asks to wait, from its headers; None when it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        return max(0.0, float(headers["retry-after"]))
    except KeyError:
        return None
    except ValueError:
        try:  # HTTP also allows a date
            return max(0.0, (parsedate_to_datetime(headers["retry-after"]) - datetime.now(UTC)).total_seconds())
        except (KeyError, TypeError, ValueError):
            return None


def _why(error: Any) -> str:
    import openai

    if isinstance(error, openai.APITimeoutError):
        return "정해진 시간 안에 답이 오지 않았습니다."
    if isinstance(error, openai.APIStatusError):
        return _WHY.get(error.status_code, f"서버 안에서 오류가 났습니다({error.status_code}).")
    return "서버와 연결이 끊겼습니다."


def _without_the_refused(error: BaseException, settings: dict[str, Any], known: set[tuple[str, str]]) -> bool:
    """Whether ``settings`` lost (or renamed), in place, what the model refuses; the learner is told."""
    if getattr(error, "code", None) not in {"unsupported_value", "unsupported_parameter"}:
        return False
    model, param = settings["model"], getattr(error, "param", None)
    if param == "max_tokens" in settings and "max_completion_tokens" in str(error):
        print(f"모델 {model}: max_tokens 대신 max_completion_tokens를 씁니다. 이름을 바꿔 다시 묻습니다.")
    elif param in _SAMPLING and param in settings:
        print(f"모델 {model}: {param} 설정을 받지 않는 추론 모델(reasoning model)입니다. 이 설정을 빼고 다시 묻습니다.")
    else:
        return False
    known.add((model, param))
    _drop(settings, param)
    return True


def _drop(settings: dict[str, Any], param: str) -> None:
    value = settings.pop(param, None)
    if param == "max_tokens" and value is not None:
        settings.setdefault("max_completion_tokens", value)


def _checked(client: Any, settings: dict[str, Any], retries: Any, first_wait: Any) -> None:
    if not hasattr(client, "with_options"):
        raise CourseValueError("첫째 값은 openai_client()가 돌려준 클라이언트여야 합니다: ask(client, messages)")
    if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
        raise CourseValueError(f"retries는 0 이상의 정수여야 합니다: {retries!r}")
    if not isinstance(first_wait, int | float) or first_wait < 0:
        raise CourseValueError(f"first_wait는 0 이상의 수(초)여야 합니다: {first_wait!r}")
    if settings.get("stream"):
        raise CourseValueError("답을 나누어 받으려면 stream=True 대신 ask_stream(client, messages)를 써 주십시오.")


def _create(client: Any, settings: dict[str, Any], patience: _Patience) -> Any:
    import openai

    known = _refused.setdefault(client, set())
    for model, param in known:
        if model == settings["model"]:
            _drop(settings, param)
    # The library's own retries would multiply with ours, in silence.
    create = client.with_options(max_retries=0).chat.completions.create
    while True:
        try:
            return create(**settings)
        except TypeError as error:
            raise CourseValueError(explain(error)) from error
        except openai.OpenAIError as error:
            if not _without_the_refused(error, settings, known):
                patience.wait_after(error, client)
        except ValueError as error:  # a body that is no JSON
            raise CourseError(explain(error)) from error


def ask(
    client: OpenAI,
    messages: list[dict[str, Any]],
    *,
    model: str | None = None,
    retries: int = RETRIES,
    first_wait: float = 1.0,
    patience: float = 120.0,
    sleep: Callable[[float], None] = time.sleep,
    rng: Callable[[], float] = random.random,
    **settings: Any,
) -> ChatCompletion:
    """``client.chat.completions.create(...)`` that waits and asks again where that helps.

    Busy servers (429), errors of the server (5xx), time-outs and lost connections are asked again, at most ``retries``
    times and only within ``patience`` seconds; the pauses double from ``first_wait`` seconds, or from what the server's
    Retry-After says. A reasoning model that refuses ``temperature`` or ``top_p`` is asked without. ``settings`` go to
    ``create`` unchanged. ``sleep`` and ``rng`` (a number in [0, 1)) are there for tests.

    Raises:
        CourseError: the request was refused, or no answer came; ``__cause__`` is the library's own exception.
    """
    _checked(client, settings, retries, first_wait)
    with stoppable():
        settings = {"model": model or model_name(client), "messages": messages, **settings}
        answer = _create(client, settings, _Patience(retries, first_wait, patience, sleep, rng))
    if not getattr(answer, "choices", None):  # the library hands on text when it gets a web page
        raise CourseError(NOT_AN_API)
    return answer


def ask_stream(
    client: OpenAI,
    messages: list[dict[str, Any]],
    *,
    model: str | None = None,
    retries: int = RETRIES,
    first_wait: float = 1.0,
    patience: float = 120.0,
    sleep: Callable[[float], None] = time.sleep,
    rng: Callable[[], float] = random.random,
    **settings: Any,
) -> Iterator[str]:
    """The answer piece by piece, as it is written: ``for piece in ask_stream(client, messages): ...``.

    Until the answer begins it is asked again as by ``ask``; an answer that breaks off is not, because what has come
    cannot be continued.

    Raises:
        BrokenStreamError: the answer broke off; its ``text`` holds what had come.
        AnswerStopped: the stop button was pressed; likewise.
        CourseError: as ``ask``.
    """
    _checked(client, settings, retries, first_wait)
    if settings.get("n") not in (None, 1):
        raise CourseValueError("ask_stream()은 답 하나만 나누어 받습니다. n을 빼 주십시오.")
    with stoppable():
        settings = {"model": model or model_name(client), "messages": messages, **settings, "stream": True}
        return _pieces(_create(client, settings, _Patience(retries, first_wait, patience, sleep, rng)))


def _pieces(stream: Any) -> Iterator[str]:
    import openai

    text, finished = "", False
    try:
        for event in stream:
            for choice in event.choices:
                finished = finished or choice.finish_reason is not None
                if choice.delta.content:
                    text += choice.delta.content
                    yield choice.delta.content
    except Exception as error:
        if not (isinstance(error, openai.OpenAIError | ValueError) or from_transport(error)):
            raise
        raise BrokenStreamError(_broken(text, explain(error)), text) from error
    except KeyboardInterrupt as pressed:
        raise stopped(text) from pressed
    finally:
        stream.close()
    if not finished:
        raise BrokenStreamError(_broken(text, "서버가 끝맺지 않고 연결을 닫았습니다."), text)


def _broken(text: str, reason: str) -> str:
    return (
        f"답이 중간에 끊겼습니다. 받은 {len(text)}자는 오류의 text에 남아 있습니다. "
        f"{reason} 처음부터 다시 물어 주십시오."
    )
