"""OpenAI's Responses, which DeepSeek serves without a memory of them."""

import json

import openai
import pytest
from openai import APIError, BadRequestError, InternalServerError, NotFoundError
from pydantic import BaseModel

import gateway
from callers import MODEL
from test_tools import QUESTION
from test_tools import WEATHER as CHAT_WEATHER

pytestmark = pytest.mark.skipif(not hasattr(openai.OpenAI, "responses"), reason="came with 1.66")

WEATHER = {"type": "function", **CHAT_WEATHER["function"]}


class City(BaseModel):
    name: str


def test_answers(team):
    answer = team.respond("[[say Hello there]]")
    assert answer.status == "completed"
    assert answer.output_text == "Hello there"
    assert answer.usage.input_tokens + answer.usage.output_tokens == answer.usage.total_tokens
    assert answer.usage.output_tokens_details.reasoning_tokens > 0


def test_answers_with_its_reasoning(team):
    kinds = [item.type for item in team.respond("[[say Hello]]").output]
    assert kinds == ["reasoning", "message"]


@pytest.mark.parametrize("params", [{"reasoning": {"effort": "none"}}, {"model": "deepseek-chat"}])
def test_does_not_think_when_told_not_to(team, params):
    assert [item.type for item in team.respond("[[say Hello]]", **params).output] == ["message"]


def test_says_that_it_was_cut_off(team):
    answer = team.respond("[[tokens 500]]", model="deepseek-chat", max_output_tokens=10)
    assert answer.status == "incomplete"
    assert answer.incomplete_details.reason == "max_output_tokens"


def test_streams(team):
    events = list(team.stream_response("[[say Hello there]]"))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == "Hello there"
    assert [event.type for event in events][:: len(events) - 1] == ["response.created", "response.completed"]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[-1].response.usage.output_tokens > 0


def test_streams_reasoning_before_content(team):
    types = [event.type for event in team.stream_response("[[say Hello there]]")]
    assert types.index("response.reasoning_text.delta") < types.index("response.output_text.delta")


def test_streams_through_the_sdks_own_accumulator(sync_team):
    with sync_team.openai.responses.stream(model=MODEL, input="[[say Hello there]]") as events:
        assert events.get_final_response().output_text == "Hello there"


def test_calls_a_tool_and_takes_its_result(team):
    output = team.respond(QUESTION, tools=[WEATHER]).output
    call = output[-1]
    assert (call.type, call.name) == ("function_call", "weather")
    assert json.loads(call.arguments).keys() == {"city", "days"}
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "Sunny."}
    conversation = [{"role": "user", "content": QUESTION}, *(item.model_dump() for item in output), result]
    assert team.respond(conversation, tools=[WEATHER]).output_text


def test_streams_a_tool_call(team):
    events = list(team.stream_response(QUESTION, tools=[WEATHER]))
    types = "response.function_call_arguments.delta"
    arguments = "".join(event.delta for event in events if event.type == types)
    assert json.loads(arguments).keys() == {"city", "days"}


def test_parses_into_a_model(team):
    parse = {"model": MODEL, "input": "Which city?", "text_format": City}
    answer = team.call(lambda openai: openai.responses.parse(**parse))
    assert isinstance(answer.output_parsed, City)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("[[reset after 5]]", "upstream_unavailable"),
        ("[[close after 5]]", "upstream_unavailable"),
        ("[[garbage after 5]]", "upstream_unavailable"),
        ("[[stall after 5]]", "upstream_timeout"),
    ],
)
def test_half_a_stream_hands_out_what_came_then_raises(team, what, code):
    types = []
    with pytest.raises(APIError) as broke:
        for event in team.stream_response(what):
            types.append(event.type)
    assert broke.value.code == code
    assert broke.value.message.startswith("The ") and broke.value.message.endswith(".")
    assert types.count("response.reasoning_text.delta") == 5


def test_upstreams_failures_are_the_sdks(team):
    with pytest.raises(BadRequestError, match="Content Exists Risk"):
        team.respond("[[status 400]]")
    with pytest.raises(InternalServerError) as failed:
        team.respond("[[status 503]]", stream=True)
    assert failed.value.code == "upstream_unavailable"


def test_has_no_memory(team):
    with pytest.raises(BadRequestError, match="previous_response_id"):
        team.respond("Hello", previous_response_id="resp_1")
    with pytest.raises(NotFoundError) as refused:
        team.call(lambda openai: openai.responses.retrieve("resp_1"))
    assert refused.value.code == "not_found"


def test_leaving_a_stream_ends_its_call(team):
    events = team.stream_response("[[rate 20]] [[tokens 2000]]")
    next(events)
    assert gateway.in_flight() == 1
    events.close()
    assert gateway.wait_until(lambda: gateway.in_flight() == 0)
