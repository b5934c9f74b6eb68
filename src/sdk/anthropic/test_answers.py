"""Answers in one piece."""

import asyncio

import gateway
import pytest
from anthropic import Anthropic, AsyncAnthropic, Omit
from callers import ask, client, options, text


def test_answers(team):
    message = team.messages.create(**ask("[[say Hello there]]"))
    assert text(message) == "Hello there"
    assert (message.role, message.stop_reason) == ("assistant", "end_turn")
    assert message.usage.input_tokens + message.usage.cache_read_input_tokens > 0
    assert message.usage.output_tokens > 0
    assert message._request_id


def test_answers_asynchronously():
    async def answer():
        async with AsyncAnthropic(**options()) as client:
            return await client.messages.create(**ask("[[say Hello there]]"))

    assert text(asyncio.run(answer())) == "Hello there"


def test_answers_who_brings_the_key_as_a_token():
    named = options()
    with Anthropic(auth_token=named.pop("api_key"), **named) as client:
        assert text(client.messages.create(**ask("[[say Hello]]"))) == "Hello"


def test_answers_who_brings_the_key_as_x_api_key():
    headers = {"x-api-key": gateway.key("team"), "Authorization": Omit()}
    with client(default_headers=headers) as older:
        assert text(older.messages.create(**ask("[[say Hello]]"))) == "Hello"


def test_answers_to_a_system_prompt(team):
    assert text(team.messages.create(**ask("[[say Hello]]", system="Be kind."))) == "Hello"


def test_says_that_it_was_cut_off(team):
    message = team.messages.create(**ask("[[tokens 500]]", max_tokens=10, thinking={"type": "disabled"}))
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens == 10


@pytest.mark.parametrize(
    ("name", "slug"), [("claude-opus-5", "deepseek-v4-pro"), ("claude-sonnet-5", "deepseek-flash")]
)
def test_answers_to_the_names_of_claude(team, name, slug):
    assert team.messages.create(**ask("[[say Hello]]", model=name)).model == slug
