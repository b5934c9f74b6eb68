"""What works with DeepSeek works here."""

import json

import pytest
from openai import NotFoundError, OpenAI

import gateway

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
        },
    },
}


def test_answers(team):
    answer = team.chat("[[say Hello there]]")
    assert answer.choices[0].message.content == "Hello there"
    assert answer.choices[0].message.reasoning_content
    assert answer.choices[0].finish_reason == "stop"
    assert answer._request_id
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.prompt_tokens_details.cached_tokens == answer.usage.prompt_cache_hit_tokens


def test_answers_after_blank_lines_from_the_queue(team):
    assert team.chat("[[queue 300ms]] [[say Hello]]").choices[0].message.content == "Hello"


@pytest.mark.parametrize("options", [{}, {"stream_options": {"include_usage": True}}], ids=["plain", "include_usage"])
def test_streams_reasoning_then_content_then_usage(team, options):
    chunks = list(team.stream("[[say Hello there]]", **options))
    deltas = [chunk.choices[0].delta for chunk in chunks]
    reasoning = [i for i, delta in enumerate(deltas) if getattr(delta, "reasoning_content", None)]
    content = [i for i, delta in enumerate(deltas) if delta.content]
    assert reasoning and content and max(reasoning) < min(content)
    assert "".join(deltas[i].content for i in content) == "Hello there"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    assert [bool(chunk.usage) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


def test_streams_after_comments_from_the_queue(team):
    chunks = team.stream("[[queue 300ms]] [[say Hello]]")
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello"


def test_streams_usage_in_a_chunk_of_its_own_to_who_asks_for_it(team):
    chunks = list(team.stream("[[usage separate]]", stream_options={"include_usage": True}))
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens > 0


def test_calls_a_tool_and_takes_its_result(team):
    question = "What is the weather in Paris?"
    message = team.chat(question, tools=[WEATHER]).choices[0].message
    call = message.tool_calls[0]
    assert call.function.name == "weather"
    assert json.loads(call.function.arguments).keys() == {"city", "days"}
    result = {"role": "tool", "tool_call_id": call.id, "content": "Sunny."}
    messages = [{"role": "user", "content": question}, message.model_dump(exclude_none=True), result]
    answer = team.chat(question, messages=messages, tools=[WEATHER])
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].message.content


def test_streams_a_tool_call(team):
    chunks = list(team.stream("What is the weather in Paris?", tools=[WEATHER]))
    parts = [part.function for chunk in chunks for part in chunk.choices[0].delta.tool_calls or []]
    assert "".join(part.name or "" for part in parts) == "weather"
    assert json.loads("".join(part.arguments for part in parts)).keys() == {"city", "days"}
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_serves_an_unknown_model_by_the_default_slug(team):
    answer = team.chat("[[say Hello]]", model="deepseek-v4")
    assert answer.model == "deepseek-flash"
    assert answer.choices[0].message.content == "Hello"


def test_lists_models(team):
    names = [model.id for model in team.models()]
    assert names == ["deepseek-flash", "deepseek-v4-pro", "deepseek-chat", "deepseek-reasoner"]


def test_retrieves_a_model(team):
    model = team.model("deepseek-v4-pro")
    assert (model.id, model.object, model.owned_by) == ("deepseek-v4-pro", "model", "deepseek")
    assert model.created > 0


def test_hides_the_models_of_others(caller):
    pro = caller("pro")
    assert [model.id for model in pro.models()] == ["deepseek-v4-pro"]
    with pytest.raises(NotFoundError) as refused:
        pro.chat("[[say Hello]]", model="deepseek-flash")
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")


def test_works_without_v1_in_the_base_url():
    with OpenAI(base_url=gateway.BASE_URL.removesuffix("/v1"), api_key=gateway.key("team")) as client:
        assert "deepseek-flash" in [model.id for model in client.models.list()]
