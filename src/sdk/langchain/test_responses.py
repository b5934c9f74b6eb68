"""OpenAI's Responses, as LangChain asks for them."""

import pytest
from callers import model
from openai import APIError
from pydantic import BaseModel, Field
from test_tools import QUESTION, ask_and_answer, the_call, weather


class City(BaseModel):
    """A city."""

    name: str = Field(description="Its name")


@pytest.fixture(scope="module")
def responding():
    return model(use_responses_api=True)


def test_answers(responding):
    message = responding.invoke("[[say Hello there]]")
    assert message.text == "Hello there"
    assert message.usage_metadata["output_tokens"] > 0


def test_streams(responding):
    assert "".join(chunk.text for chunk in responding.stream("[[say Hello there]]")) == "Hello there"


def test_calls_a_tool_and_takes_its_result(responding):
    assert ask_and_answer(responding.bind_tools([weather])).text


def test_streams_a_tool_call(responding):
    message = None
    for chunk in responding.bind_tools([weather]).stream(QUESTION):
        message = chunk if message is None else message + chunk
    the_call(message)


def test_answers_by_a_schema(responding):
    assert isinstance(responding.with_structured_output(City).invoke("Which city?"), City)


@pytest.mark.parametrize("what", ["[[reset after 5]]", "[[close after 5]]", "[[garbage after 5]]", "[[stall after 5]]"])
def test_half_a_stream_raises(responding, what):
    with pytest.raises(APIError) as broke:
        list(responding.stream(what))
    assert broke.value.code in ("upstream_unavailable", "upstream_timeout")
