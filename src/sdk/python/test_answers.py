"""Answers in one piece."""

import gateway
from callers import MODEL
from openai import OpenAI


def test_answers(team):
    answer = team.chat("[[say Hello there]]")
    assert answer.choices[0].message.content == "Hello there"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.prompt_cache_hit_tokens + answer.usage.prompt_cache_miss_tokens == answer.usage.prompt_tokens


def test_answers_after_blank_lines_from_the_queue(team):
    assert team.chat("[[queue 300ms]] [[say Hello]]").choices[0].message.content == "Hello"


def test_serves_an_unknown_model_by_the_default_slug(team):
    answer = team.chat("[[say Hello]]", model="deepseek-v4")
    assert answer.model == MODEL
    assert answer.choices[0].message.content == "Hello"


def test_completes_a_prefix():
    messages = [{"role": "user", "content": "[[say Hello]]"}, {"role": "assistant", "content": "Oh, ", "prefix": True}]
    with OpenAI(base_url=gateway.BETA_URL, api_key=gateway.key("team")) as client:
        answer = client.chat.completions.create(model=MODEL, messages=messages)
    assert answer.choices[0].message.content == "Hello"
