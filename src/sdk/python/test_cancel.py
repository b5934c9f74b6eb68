"""A task that is cancelled takes its call with it."""

import asyncio

import gateway
from callers import MODEL
from openai import AsyncOpenAI


def test_cancelled_task_ends_its_call():
    async def tell_a_story(client, begun):
        question = [{"role": "user", "content": "[[rate 20]] [[tokens 2000]]"}]
        async for _ in await client.chat.completions.create(model=MODEL, messages=question, stream=True):
            begun.set()

    async def cancel_it():
        async with AsyncOpenAI(base_url=gateway.BASE_URL, api_key=gateway.key("team")) as client:
            begun = asyncio.Event()
            task = asyncio.create_task(tell_a_story(client, begun))
            await asyncio.wait_for(begun.wait(), 10)
            assert gateway.in_flight() == 1
            task.cancel()
            await asyncio.wait([task], timeout=10)
            assert task.cancelled()
            assert gateway.wait_until(lambda: gateway.in_flight() == 0)

    asyncio.run(cancel_it())
