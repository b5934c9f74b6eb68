"""Who leaves takes the call along."""

import asyncio

import gateway
import pytest
from callers import ENDLESS, model


def test_leaving_a_stream_gives_the_slot_back():
    single = model("single")
    chunks = single.stream(ENDLESS)
    next(chunks)
    assert gateway.in_flight() == 1
    chunks.close()
    assert gateway.wait_until(lambda: gateway.in_flight() == 0)
    assert single.invoke("[[say ok]]").content == "ok"


@pytest.mark.parametrize("streaming", [False, True])
def test_cancelled_task_ends_its_call(run, streaming):
    async def cancel_it():
        task = asyncio.create_task(model(streaming=streaming).ainvoke(ENDLESS))
        assert await asyncio.to_thread(gateway.wait_until, lambda: gateway.in_flight() == 1)
        await ended(task)
        assert task.cancelled()
        assert gateway.wait_until(lambda: gateway.in_flight() == 0)

    run(cancel_it())


async def ended(task):
    """Cancels until it holds: LangChain awaits each chunk by `wait_for`, which before Python 3.12 forgets a cancel that
    comes at the moment of a chunk."""
    for _ in range(10):
        task.cancel()
        await asyncio.wait([task], timeout=1)
        if task.done():
            return
