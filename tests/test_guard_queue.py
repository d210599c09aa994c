"""Places: never more than the slots, first come first served, and whoever leaves frees what they held or waited for."""

import asyncio
import inspect
import random
import selectors
import time
from types import SimpleNamespace

import httpx
import openai
import pytest

from course_utils import api_calls, guard_queue
from course_utils.api_calls import _Patience, ask
from course_utils.guard_errors import Refusal
from course_utils.guard_queue import Places

PATIENCE = inspect.signature(ask).parameters["patience"].default


def test_never_more_than_the_slots_are_taken_nobody_overtakes_and_all_come_through():
    async def crowd(seed):
        chance = random.Random(seed)
        places, held, order = Places(4, 100), 0, []

        async def one(number):
            nonlocal held
            count = chance.randint(1, 4)
            async with places.take(count):
                held += count
                order.append(number)
                try:
                    assert held <= 4
                    await asyncio.sleep(chance.random() / 1000)
                finally:
                    held -= count

        tasks = [asyncio.create_task(one(number)) for number in range(60)]
        for leaver in chance.sample(range(60), 20):
            await asyncio.sleep(0.0003)
            tasks[leaver].cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() or task.exception() is None for task in tasks)
        assert order == sorted(order) and len(order) >= 40
        return places

    for seed in range(15):
        places = asyncio.run(crowd(seed))
        assert places.free == 4 and not places._queue


def test_a_client_that_leaves_at_the_moment_of_its_turn_gives_the_place_on():
    async def story():
        places = Places(1, 5)
        async with places.take(1):
            waiting = asyncio.create_task(places.take(1).__aenter__())
            await asyncio.sleep(0)
        waiting.cancel()  # its turn has come, it has not noticed yet
        await asyncio.gather(waiting, return_exceptions=True)
        return places.free

    assert asyncio.run(story()) == 1


@pytest.mark.parametrize("waiting", [0, 3])
def test_beyond_the_waiting_room_the_answer_is_429_with_a_time_to_come_back(waiting):
    async def story():
        places = Places(2, waiting)
        async with places.take(2):
            inside = [asyncio.create_task(places.take(1).__aenter__()) for _ in range(waiting)]
            await asyncio.sleep(0)
            with pytest.raises(Refusal) as caught:
                await places.take(1).__aenter__()
        await asyncio.gather(*inside[:2])
        for task in inside[2:]:
            task.cancel()
        return caught.value

    refusal = asyncio.run(story())
    assert refusal.status == 429 and refusal.body["error"]["code"] == "rate_limit_exceeded"
    assert f"2 requests are being computed and {waiting} are waiting" in str(refusal)
    assert 1 <= int(refusal.headers["Retry-After"]) <= 30


def test_the_time_to_come_back_grows_with_what_requests_took_and_with_everybody_sent_away_and_stays_bounded():
    places = Places(2, 1000)
    places._queue.extend([(1, None)] * 20)
    told = [places._retry_after() for _ in range(60)]  # 20 wait, one of them is done every half second
    assert told[:4] == [11, 11, 12, 12] and told == sorted(told) and told[-1] == 30
    places._queue.clear()
    places._promised = time.monotonic() - 1.0  # what was promised has passed
    assert places._retry_after() == 1
    places._seconds = 100.0
    assert places._retry_after() == 30


# --- a class at a full server, its time computed instead of waited for ---


class Clock(selectors.DefaultSelector):
    """What an event loop waits on, without waiting: the seconds are added to ``now``."""

    now = 0.0

    def select(self, timeout=None):
        self.now += timeout or 0.0
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock):
        self.time = lambda: clock.now
        super().__init__(clock)


def class_at(monkeypatch, slots, waiting, service, seed):
    """40 students ask three questions each by ``ask``'s own rules; what went wrong, and the seconds it took."""
    clock, chance = Clock(), random.Random(seed)
    for module in (guard_queue, api_calls):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))

    async def question(places):
        pauses = []
        patience = _Patience(api_calls.RETRIES, 1.0, PATIENCE, pauses.append, chance.random, start=clock.now)
        while True:
            try:
                async with places.take(1):
                    return await asyncio.sleep(service * chance.uniform(0.5, 1.5))
            except Refusal as refusal:
                request = httpx.Request("POST", "http://class/v1")
                answer = httpx.Response(refusal.status, headers=refusal.headers, request=request)
                patience.wait_after(openai.RateLimitError(str(refusal), response=answer, body=None), None)
                await asyncio.sleep(pauses[-1])

    async def student(places):
        for _ in range(3):
            await question(places)

    async def whole():
        places = Places(slots, waiting)
        return await asyncio.gather(*(student(places) for _ in range(40)), return_exceptions=True)

    with asyncio.Runner(loop_factory=lambda: Loop(clock)) as runner:
        ends = runner.run(whole())
    return [end for end in ends if end is not None], clock.now


@pytest.mark.parametrize(("slots", "waiting", "service"), [(16, 4, 1.0), (2, 1, 0.3), (2, 1, 1.0), (1, 1, 0.3)])
def test_a_class_that_asks_by_default_settings_gets_through_the_smallest_waiting_room(
    slots, waiting, service, monkeypatch
):
    for seed in range(3):
        lost, seconds = class_at(monkeypatch, slots, waiting, service, seed)
        assert lost == []
        assert seconds < 120 * service / slots + 60  # the places do not stand empty for long
