"""Who leaves takes the call along."""

import asyncio

import pytest
from openai import AsyncOpenAI

import gateway
from callers import MODEL
from test_limits import QUICK

ENDLESS = "[[rate 20]] [[tokens 2000]]"


def test_leaving_a_stream_gives_the_slot_back(caller):
    single = caller("single", max_retries=0)
    chunks = single.stream(ENDLESS)
    next(chunks)
    assert gateway.in_flight() == 1
    chunks.close()
    assert gateway.wait_until(lambda: gateway.in_flight() == 0)
    assert single.chat("[[say ok]]", **QUICK).choices[0].message.content == "ok"


@pytest.mark.parametrize("stream", [False, True])
def test_cancelled_task_ends_its_call(stream):
    async def tell_a_story(client):
        question = [{"role": "user", "content": ENDLESS}]
        answer = await client.chat.completions.create(model=MODEL, messages=question, stream=stream)
        async for _ in answer:
            pass

    async def cancel_it():
        async with AsyncOpenAI(base_url=gateway.BASE_URL, api_key=gateway.key("team"), max_retries=0) as client:
            task = asyncio.create_task(tell_a_story(client))
            assert await asyncio.to_thread(gateway.wait_until, lambda: gateway.in_flight() == 1)
            task.cancel()
            await asyncio.wait([task], timeout=10)
            assert task.cancelled()
            assert gateway.wait_until(lambda: gateway.in_flight() == 0)

    asyncio.run(cancel_it())
