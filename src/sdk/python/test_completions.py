"""Fill-in-the-middle, which OpenAI's SDK calls completions."""

import pytest
from openai import APIError, BadRequestError, OpenAI

import gateway
from callers import MODEL


def test_fills_in_the_middle(team):
    answer = team.complete("[[say return a + b]] def add(a, b):", suffix="\n\nprint(add(1, 2))", max_tokens=64)
    assert answer.object == "text_completion"
    assert answer.choices[0].text == "return a + b"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 0


def test_streams_what_it_fills_in(team):
    chunks = list(team.stream_completion("[[say return a + b]] def add(a, b):", suffix="\n"))
    assert "".join(chunk.choices[0].text for chunk in chunks) == "return a + b"
    assert chunks[-1].usage.completion_tokens > 0


def test_fills_in_under_beta_too():
    with OpenAI(base_url=gateway.BETA_URL, api_key=gateway.key("team")) as client:
        assert client.completions.create(model=MODEL, prompt="[[say Hello]]").choices[0].text == "Hello"


def test_half_a_completion_raises(team):
    texts = []
    with pytest.raises(APIError) as broke:
        for chunk in team.stream_completion("[[reset after 3]]"):
            texts.append(chunk.choices[0].text)
    assert broke.value.code == "upstream_unavailable"
    assert len(texts) == 3


def test_several_completions_are_refused(team):
    with pytest.raises(BadRequestError) as refused:
        team.complete("Hello", n=2)
    assert refused.value.param == "n"
