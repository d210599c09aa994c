"""Places: never more than the slots, first come first served, and whoever leaves frees what they held or waited for."""

import asyncio
import random

import pytest

from course_utils.guard_errors import Refusal
from course_utils.guard_queue import Places


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


def test_the_time_to_come_back_grows_with_what_requests_took_and_stays_bounded():
    places = Places(2, 1000)
    places._queue.extend([(1, None)] * 20)
    assert places._retry_after() == 5
    places._queue.extend([(2, None)] * 10)  # two answers each
    assert places._retry_after() == 10
    places._seconds = 100.0
    assert places._retry_after() == 30
    places._seconds = 0.001
    assert places._retry_after() == 1


def test_without_a_waiting_room_the_time_to_come_back_is_that_of_what_is_computed():
    places = Places(2, 0)
    places.free, places._seconds = 0, 20.0
    assert places._retry_after() == 10
