"""Every failure comes through LangChain as the SDK's own class."""

import pytest
from callers import model
from openai import (
    APIError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    OpenAIError,
    RateLimitError,
)


@pytest.mark.parametrize(
    ("question", "kind", "code"),
    [
        ("[[status 400]]", BadRequestError, "invalid_request_error"),
        ("[[status 401]]", InternalServerError, "upstream_authentication"),
        ("[[status 429]]", RateLimitError, "upstream_rate_limited"),
        ("[[status 503]]", InternalServerError, "upstream_unavailable"),
        ("[[reset]]", InternalServerError, "upstream_unavailable"),
        ("[[stall]]", InternalServerError, "upstream_timeout"),
    ],
)
def test_upstreams_failures(team, question, kind, code):
    with pytest.raises(kind) as failed:
        team.invoke(question)
    assert failed.value.code == code


def test_wrong_key():
    with pytest.raises(AuthenticationError) as refused:
        model(api_key="sk-of-somebody").invoke("Hello")
    assert refused.value.code == "invalid_api_key"


def test_model_of_others():
    with pytest.raises(NotFoundError) as refused:
        model("pro").invoke("Hello")
    assert refused.value.code == "model_not_found"


def test_spent_limit():
    limited = model("tokens")
    with pytest.raises(RateLimitError) as refused:
        limited.batch(["[[say ok]]"] * 3, config={"max_concurrency": 1})
    assert refused.value.code == "rate_limit_exceeded"


def test_callers_own_patience():
    with pytest.raises(APITimeoutError):
        model(timeout=0.5).invoke("[[stall]]")


def test_half_an_answer_raises(team):
    with pytest.raises(OpenAIError):
        team.invoke("[[reset after 1]]")


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("[[reset after 20]]", "upstream_unavailable"),
        ("[[close after 20]]", "upstream_unavailable"),
        ("[[garbage after 20]]", "upstream_unavailable"),
        ("[[stall after 20]]", "upstream_timeout"),
    ],
)
def test_half_a_stream_hands_out_what_came_then_raises(what, code):
    said = []
    with pytest.raises(APIError) as broke:
        for chunk in model(model="deepseek-chat").stream(what):
            said.append(chunk.content)
    assert broke.value.code == code
    assert len([text for text in said if text]) == 20
