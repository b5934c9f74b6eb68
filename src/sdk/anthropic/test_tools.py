"""Tools: called, told their result, streamed, forced."""

import pytest
from callers import ask, text

QUESTION = "What is the weather in Paris?"
WEATHER = {
    "name": "weather",
    "description": "The weather in a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
}


def the_call(message):
    call = message.content[-1]
    assert message.stop_reason == "tool_use"
    assert (call.type, call.name) == ("tool_use", "weather")
    assert call.input.keys() == {"city", "days"}
    return call


def test_calls_a_tool_and_takes_its_result(team):
    message = team.messages.create(**ask(QUESTION, tools=[WEATHER]))
    result = {"type": "tool_result", "tool_use_id": the_call(message).id, "content": "Sunny."}
    conversation = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": [result]},
    ]
    answer = team.messages.create(**ask(QUESTION, messages=conversation, tools=[WEATHER]))
    assert answer.stop_reason == "end_turn"
    assert text(answer)


def test_streams_a_tool_call(team):
    with team.messages.stream(**ask(QUESTION, tools=[WEATHER])) as stream:
        assert "input_json" in [event.type for event in stream]
        the_call(stream.get_final_message())


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "weather"}], ids=["any", "named"])
def test_is_forced_to_call_a_tool_though_models_think(team, choice):
    the_call(team.messages.create(**ask(QUESTION, tools=[WEATHER], tool_choice=choice)))
