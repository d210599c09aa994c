"""Stand-ins for the two sides of the chat, where a test needs to see or steer what they do."""

from types import SimpleNamespace


class FakeClient:
    """An API whose answers are ``answer(settings)``; remembers what it was asked."""

    def __init__(self, answer=lambda settings: "API의 답입니다."):
        self.asked = []
        self._answer = answer
        self.chat = SimpleNamespace(completions=self)

    def with_options(self, **_):
        return self

    def create(self, **settings):
        self.asked.append(settings)
        text = self._answer(settings)
        choice = SimpleNamespace(message=SimpleNamespace(content=text), finish_reason="stop")
        return SimpleNamespace(choices=[choice], usage=SimpleNamespace(completion_tokens=7))


class FakePipe:
    """A real pipeline's tokenizer and model with answers that are ``answer(messages)``; remembers what it was asked."""

    def __init__(self, pipe, answer=lambda messages: "파이프라인의 답입니다."):
        self.tokenizer, self.model = pipe.tokenizer, pipe.model
        self.asked = []
        self._answer = answer

    def __call__(self, messages, streamer, **settings):
        self.asked.append((messages, settings))
        return [{"generated_text": self._answer(messages)}]
