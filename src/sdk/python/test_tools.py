"""Tools: called, told their result, streamed, forced, strict."""

import json

import pytest
from openai import OpenAI

import gateway
from callers import MODEL

QUESTION = "What is the weather in Paris?"
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}


def assert_is_the_call(function):
    assert function.name == "weather"
    assert json.loads(function.arguments).keys() == {"city", "days"}


def test_calls_a_tool_and_takes_its_result(team):
    message = team.chat(QUESTION, tools=[WEATHER]).choices[0].message
    call = message.tool_calls[0]
    assert_is_the_call(call.function)
    result = {"role": "tool", "tool_call_id": call.id, "content": "Sunny."}
    messages = [{"role": "user", "content": QUESTION}, message.model_dump(exclude_none=True), result]
    answer = team.chat(QUESTION, messages=messages, tools=[WEATHER])
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].message.content


def test_streams_a_tool_call(team):
    chunks = list(team.stream(QUESTION, tools=[WEATHER]))
    parts = [part.function for chunk in chunks for part in chunk.choices[0].delta.tool_calls or []]
    assert "".join(part.name or "" for part in parts) == "weather"
    assert json.loads("".join(part.arguments for part in parts)).keys() == {"city", "days"}
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    "choice", ["required", {"type": "function", "function": {"name": "weather"}}], ids=["required", "named"]
)
def test_is_forced_to_call_a_tool_though_models_think(team, choice):
    message = team.chat(QUESTION, tools=[WEATHER], tool_choice=choice).choices[0].message
    assert_is_the_call(message.tool_calls[0].function)


def test_calls_a_strict_tool_in_beta():
    strict = {**WEATHER, "function": {**WEATHER["function"], "strict": True}}
    question = [{"role": "user", "content": QUESTION}]
    with OpenAI(base_url=gateway.BETA_URL, api_key=gateway.key("team")) as client:
        answer = client.chat.completions.create(model=MODEL, messages=question, tools=[strict])
    assert_is_the_call(answer.choices[0].message.tool_calls[0].function)
