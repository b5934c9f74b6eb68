"""Thinking blocks: seen, streamed before the answer, and turned off."""

import pytest
from anthropic import BadRequestError
from callers import ask
from test_tools import QUESTION, WEATHER, the_call


def kinds(message):
    return [block.type for block in message.content]


def test_answers_with_its_thoughts(team):
    message = team.messages.create(**ask("[[say Hello]]"))
    assert kinds(message) == ["thinking", "text"]
    assert message.content[0].thinking
    assert message.content[0].signature


def test_streams_thoughts_before_text(team):
    with team.messages.stream(**ask("[[say Hello there]]")) as stream:
        types = [event.type for event in stream]
        assert kinds(stream.get_final_message()) == ["thinking", "text"]
    assert types.index("thinking") < types.index("signature") < types.index("text")


@pytest.mark.parametrize(
    "params", [{"thinking": {"type": "disabled"}}, {"model": "deepseek-chat"}], ids=["thinking", "deepseek-chat"]
)
def test_does_not_think_when_told_not_to(team, params):
    assert kinds(team.messages.create(**ask("[[say Hello]]", **params))) == ["text"]


@pytest.mark.parametrize(
    "params",
    [{"thinking": {"type": "enabled", "budget_tokens": 1024}}, {"model": "deepseek-reasoner"}],
    ids=["thinking", "deepseek-reasoner"],
)
def test_thinks_when_told_to(team, params):
    assert kinds(team.messages.create(**ask("[[say Hello]]", **params))) == ["thinking", "text"]


def test_wants_its_thoughts_back_where_there_are_tools(team):
    call = the_call(team.messages.create(**ask(QUESTION, tools=[WEATHER])))
    conversation = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "Sunny."}]},
    ]
    with pytest.raises(BadRequestError, match="thinking"):
        team.messages.create(**ask(QUESTION, messages=conversation, tools=[WEATHER]))
