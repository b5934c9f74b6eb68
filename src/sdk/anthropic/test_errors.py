"""Every failure is one of the SDK's own classes, with Anthropic's type."""

import pytest
from anthropic import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    RateLimitError,
    UnprocessableEntityError,
)
from callers import ask, client


@pytest.mark.parametrize(
    ("question", "kind", "status", "type"),
    [
        ("[[status 400]]", BadRequestError, 400, "invalid_request_error"),
        ("[[status 422]]", UnprocessableEntityError, 422, "invalid_request_error"),
        ("[[status 429]]", RateLimitError, 429, "rate_limit_error"),
        ("[[status 500]]", InternalServerError, 502, "api_error"),
        ("[[status 503]]", InternalServerError, 503, "overloaded_error"),
        ("[[reset]]", InternalServerError, 502, "api_error"),
        ("[[garbage]]", InternalServerError, 502, "api_error"),
        ("[[stall]]", InternalServerError, 504, "timeout_error"),
    ],
)
def test_upstreams_failures(team, question, kind, status, type):
    with pytest.raises(kind) as failed:
        team.messages.create(**ask(question))
    assert (failed.value.status_code, failed.value.type) == (status, type)
    assert failed.value.request_id


@pytest.mark.parametrize("key", ["sk-ant-of-somebody", "dg-nobody-onlyforthesdksuites"])
def test_wrong_key(key):
    with client(api_key=key) as stranger, pytest.raises(AuthenticationError) as refused:
        stranger.messages.create(**ask("Hello"))
    assert refused.value.type == "authentication_error"
    assert refused.value.request_id


def test_model_of_others():
    with client("pro") as pro, pytest.raises(NotFoundError) as refused:
        pro.messages.create(**ask("Hello"))
    assert refused.value.type == "not_found_error"


def test_bad_request_of_the_gateway(team):
    with pytest.raises(BadRequestError) as refused:
        team.messages.create(**ask("Hello", max_tokens="many"))
    assert refused.value.type == "invalid_request_error"
    assert "max_tokens" in refused.value.message


def test_what_deepseek_does_not_serve(team):
    question = ask("Hello")
    del question["max_tokens"]
    with pytest.raises(NotFoundError) as refused:
        team.messages.count_tokens(**question)
    assert refused.value.type == "not_found_error"
    assert "/anthropic/v1/messages" in refused.value.message


@pytest.mark.parametrize(("status", "tries"), [(503, 2), (500, 2), (400, 1), (401, 1), (402, 1)])
def test_is_tried_again_only_where_that_can_help(status, tries):
    with client(max_retries=1) as team, pytest.raises(APIStatusError) as failed:
        team.messages.create(**ask(f"[[status {status}]]"))
    assert int(failed.value.request.headers["x-stainless-retry-count"]) + 1 == tries
    assert "3750" not in str(failed.value.body)


def test_callers_own_patience(team):
    with pytest.raises(APITimeoutError):
        team.messages.create(**ask("[[stall]]"), timeout=0.5)


def test_half_an_answer_raises(team):
    with pytest.raises(APIConnectionError):
        team.messages.create(**ask("[[reset after 1]]"))


@pytest.mark.parametrize(
    ("what", "type"),
    [
        ("[[reset after 5]]", "api_error"),
        ("[[close after 5]]", "api_error"),
        ("[[garbage after 5]]", "api_error"),
        ("[[stall after 5]]", "timeout_error"),
    ],
)
def test_half_a_stream_hands_out_what_came_then_raises(team, what, type):
    thoughts = []
    with pytest.raises(APIStatusError) as broke, team.messages.stream(**ask(what)) as stream:
        thoughts.extend(event.thinking for event in stream if event.type == "thinking")
    assert broke.value.type == type
    assert broke.value.api_message.startswith("The ")
    assert len(thoughts) == 5
