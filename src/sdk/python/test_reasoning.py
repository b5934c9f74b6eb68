"""Thoughts: seen, streamed before the answer, counted, given back, and turned off."""

import pytest
from openai import BadRequestError
from test_tools import QUESTION, WEATHER


def test_answers_with_its_reasoning(team):
    answer = team.chat("[[say Hello]]")
    assert answer.choices[0].message.reasoning_content
    details = dict(answer.usage)["completion_tokens_details"]
    assert dict(details)["reasoning_tokens"] > 0


def test_streams_reasoning_before_content(team):
    deltas = [chunk.choices[0].delta for chunk in team.stream("[[say Hello there]]")]
    reasoning = [i for i, delta in enumerate(deltas) if getattr(delta, "reasoning_content", None)]
    content = [i for i, delta in enumerate(deltas) if delta.content]
    assert reasoning and content and max(reasoning) < min(content)


@pytest.mark.parametrize(
    "params",
    [
        {"model": "deepseek-chat"},
        {"extra_body": {"thinking": {"type": "disabled"}}},
        {"extra_body": {"reasoning_effort": "none"}},
    ],
    ids=["deepseek-chat", "thinking", "effort"],
)
def test_does_not_think_when_told_not_to(team, params):
    answer = team.chat("[[say Hello]]", **params)
    assert getattr(answer.choices[0].message, "reasoning_content", None) is None


@pytest.mark.parametrize("params", [{}, {"extra_body": {"reasoning_effort": "high"}}], ids=["plain", "effort"])
def test_retired_reasoner_thinks(team, params):
    answer = team.chat("[[say Hello]]", model="deepseek-reasoner", **params)
    assert answer.choices[0].message.reasoning_content


def test_wants_its_reasoning_back_where_there_are_tools(team):
    message = team.chat(QUESTION, tools=[WEATHER]).choices[0].message.model_dump(exclude_none=True)
    del message["reasoning_content"]
    result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "Sunny."}
    messages = [{"role": "user", "content": QUESTION}, message, result]
    with pytest.raises(BadRequestError) as refused:
        team.chat(QUESTION, messages=messages, tools=[WEATHER])
    assert "reasoning_content" in refused.value.message
