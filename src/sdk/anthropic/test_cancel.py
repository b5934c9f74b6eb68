"""Who leaves takes the call along."""

import asyncio

import gateway
import pytest
from anthropic import AsyncAnthropic
from callers import ENDLESS, ask, client, options, text


def test_leaving_a_stream_gives_the_slot_back():
    with client("single") as single:
        with single.messages.stream(**ask(ENDLESS)) as stream:
            next(stream)
            assert gateway.in_flight() == 1
        assert gateway.wait_until(lambda: gateway.in_flight() == 0)
        assert text(single.messages.create(**ask("[[say ok]]"))) == "ok"


@pytest.mark.parametrize("stream", [False, True])
def test_cancelled_task_ends_its_call(stream):
    async def tell_a_story(client):
        async for _ in await client.messages.create(**ask(ENDLESS, stream=stream)):
            pass

    async def cancel_it():
        async with AsyncAnthropic(**options()) as client:
            task = asyncio.create_task(tell_a_story(client))
            assert await asyncio.to_thread(gateway.wait_until, lambda: gateway.in_flight() == 1)
            task.cancel()
            await asyncio.wait([task], timeout=10)
            assert task.cancelled()
            assert gateway.wait_until(lambda: gateway.in_flight() == 0)

    asyncio.run(cancel_it())
