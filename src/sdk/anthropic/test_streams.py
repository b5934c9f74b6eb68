"""Answers that come as they are written."""

import asyncio

from anthropic import AsyncAnthropic
from callers import ask, options


def test_streams(team):
    with team.messages.stream(**ask("[[say Hello there]]")) as stream:
        assert "".join(stream.text_stream) == "Hello there"
        message = stream.get_final_message()
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens > 0
    assert stream.request_id


def test_streams_events(team):
    types = [event.type for event in team.messages.create(**ask("[[say Hello there]]", stream=True))]
    assert types[0] == "message_start"
    assert types[-2:] == ["message_delta", "message_stop"]


def test_streams_after_pings_from_the_queue(team):
    with team.messages.stream(**ask("[[queue 300ms]] [[say Hello]]")) as stream:
        assert stream.get_final_text() == "Hello"


def test_streams_asynchronously():
    async def answer():
        async with AsyncAnthropic(**options()) as client:
            async with client.messages.stream(**ask("[[say Hello there]]")) as stream:
                return "".join([text async for text in stream.text_stream])

    assert asyncio.run(answer()) == "Hello there"
