"""Tools: called, told their result, streamed, forced."""

import pytest
from callers import model
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from openai import BadRequestError

QUESTION = "What is the weather in Paris?"


@tool
def weather(city: str, days: int) -> str:
    """The weather in a city."""
    return f"Sunny in {city} for {days} days."


def the_call(message):
    call = message.tool_calls[0]
    assert call["name"] == "weather"
    assert call["args"].keys() == {"city", "days"}
    return call


def ask_and_answer(able):
    """A question, the tool's call, its result, and what is made of it."""
    conversation = [HumanMessage(QUESTION)]
    conversation.append(able.invoke(conversation))
    conversation.append(weather.invoke(the_call(conversation[-1])))
    return able.invoke(conversation)


def test_calls_a_tool_and_takes_its_result():
    assert ask_and_answer(model(model="deepseek-chat").bind_tools([weather])).text


def test_is_told_that_langchain_drops_thoughts_where_there_are_tools(team):
    with pytest.raises(BadRequestError, match="reasoning_content"):
        ask_and_answer(team.bind_tools([weather]))


def test_streams_a_tool_call(team):
    message = None
    for chunk in team.bind_tools([weather]).stream(QUESTION):
        message = chunk if message is None else message + chunk
    the_call(message)


@pytest.mark.parametrize("choice", ["any", "weather"])
def test_is_forced_to_call_a_tool_though_models_think(team, choice):
    the_call(team.bind_tools([weather], tool_choice=choice).invoke(QUESTION))
