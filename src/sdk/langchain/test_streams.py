"""Answers that come as they are written."""

from callers import model


def test_streams(team):
    message = None
    for chunk in team.stream("[[say Hello there]]"):
        message = chunk if message is None else message + chunk
    assert message.content == "Hello there"
    assert message.response_metadata["finish_reason"] == "stop"
    assert message.usage_metadata["output_tokens"] > 0


def test_streams_asynchronously(team, run):
    async def answer():
        return "".join([chunk.content async for chunk in team.astream("[[queue 300ms]] [[say Hello there]]")])

    assert run(answer()) == "Hello there"


def test_streams_what_is_not_asked_for_as_a_stream():
    assert model(streaming=True).invoke("[[say Hello there]]").content == "Hello there"
