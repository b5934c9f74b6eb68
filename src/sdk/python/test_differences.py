"""What OpenAI takes and DeepSeek does not: mended where that is possible, else refused in words."""

import pytest
from openai import BadRequestError
from pydantic import BaseModel


class City(BaseModel):
    name: str


def refusal(call):
    with pytest.raises(BadRequestError) as refused:
        call()
    return refused.value


@pytest.mark.parametrize("limits", [{}, {"max_tokens": 4000}], ids=["alone", "with max_tokens"])
def test_max_completion_tokens_bounds_the_answer(team, limits):
    answer = team.chat("[[tokens 500]]", model="deepseek-chat", extra_body={"max_completion_tokens": 10, **limits})
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 10


@pytest.mark.since("1.45")
def test_max_completion_tokens_is_a_parameter_of_the_sdk(team):
    answer = team.chat("[[tokens 500]]", model="deepseek-chat", max_completion_tokens=10)
    assert answer.usage.completion_tokens == 10


def test_developer_speaks_as_system(team):
    messages = [{"role": "developer", "content": "Be kind."}, {"role": "user", "content": "[[say Hello]]"}]
    assert team.chat("", messages=messages).choices[0].message.content == "Hello"


def test_stream_options_without_a_stream_are_let_go(team):
    answer = team.chat("[[say Hello]]", extra_body={"stream_options": {"include_usage": True}})
    assert answer.choices[0].message.content == "Hello"


def test_what_deepseek_ignores_is_no_error(team):
    answer = team.chat(
        "[[say Hello]]",
        seed=1,
        temperature=0.5,
        presence_penalty=0.5,
        user="somebody",
        logit_bias={"1": 1},
        extra_body={"parallel_tool_calls": True, "store": False, "metadata": {"a": "b"}, "service_tier": "auto"},
    )
    assert answer.choices[0].message.content == "Hello"


@pytest.mark.parametrize("stream", [False, True])
def test_several_choices_are_refused(team, stream):
    refused = refusal(lambda: team.chat("Hello", n=2, stream=stream))
    assert (refused.param, refused.code) == ("n", "invalid_value")
    assert "one choice" in refused.message


@pytest.mark.parametrize("stream", [False, True])
def test_json_schema_is_refused_with_the_ways_out(team, stream):
    schema = {"name": "city", "schema": City.model_json_schema()}
    refused = refusal(
        lambda: team.chat("Hello", response_format={"type": "json_schema", "json_schema": schema}, stream=stream)
    )
    assert (refused.param, refused.code) == ("response_format", "invalid_value")
    assert "json_object" in refused.message and "/v1/responses" in refused.message


@pytest.mark.since("1.92")
def test_parse_is_refused_as_json_schema_is(team):
    question = [{"role": "user", "content": "Paris"}]
    parse = {"model": "deepseek-flash", "messages": question, "response_format": City}
    refused = refusal(lambda: team.call(lambda openai: openai.chat.completions.parse(**parse)))
    assert refused.param == "response_format"


def test_json_object_is_answered(team):
    answer = team.chat("Answer in json.", response_format={"type": "json_object"})
    assert answer.choices[0].message.content.startswith("{")
