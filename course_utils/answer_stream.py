"""One answer shown while it grows: pieces from the engine to a streamer, and the tokens for the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from course_utils.engine_client import EngineClient, Piece


class AnswerStream:
    """Hands an answer on to ``streamer``: an object with ``put`` and ``end``, such as transformers' ``TextStreamer``,
    or a function that is called with each new piece of text.

    ``shown``: whether something of the answer was handed on.
    """

    def __init__(self, streamer: Any, tokenizer: Any, stop_strings: Sequence[str] = ()) -> None:
        self.shown = False
        self._streamer, self._tokenizer, self._stops = streamer, tokenizer, stop_strings

    def run(self, client: EngineClient, request: dict[str, Any]) -> list[int]:
        """All new tokens. Where bytes came together as letters, they are tokens of the same text.

        Raises:
            EngineLost, EngineRefusal: as ``EngineClient.pieces``.
        """
        put, end = None, None
        tokens: list[int] = []
        # The engine holds back what may become a stop string, and with it the order of text and tokens: so they are
        # looked for here.
        pieces = client.pieces({**request, "stop": []})
        try:
            for piece in pieces:
                before = len(self._text(tokens)) if self._stops else 0
                new = self._ids(piece)
                tokens += new
                if not self.shown:
                    self.shown = True
                    put, end = self._receiver(request["prompt"])
                put(piece, new)
                if self._stops and self._has_stop(tokens, before):
                    break
        finally:
            pieces.close()
        if end is not None:
            end()
        return tokens

    def _ids(self, piece: Piece) -> list[int]:
        if piece.tokens is not None:
            return piece.tokens
        return self._tokenizer(piece.text, add_special_tokens=False)["input_ids"]

    def _text(self, tokens: list[int]) -> str:
        return self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def _has_stop(self, tokens: list[int], before: int) -> bool:
        text = self._text(tokens)
        return any(stop in text[max(0, before - len(stop) + 1) :] for stop in self._stops)

    def _receiver(self, prompt: list[int]) -> tuple[Callable[[Piece, list[int]], None], Callable[[], None]]:
        streamer = self._streamer
        if not (hasattr(streamer, "put") and hasattr(streamer, "end")):
            return lambda piece, _: streamer(piece.text) if piece.text else None, lambda: None
        import torch

        def put(_: Piece, tokens: list[int]) -> None:
            for token in tokens:
                streamer.put(torch.tensor([token]))

        streamer.put(torch.tensor([prompt]))
        return put, streamer.end
