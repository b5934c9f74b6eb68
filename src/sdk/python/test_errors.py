"""Every failure is one of the SDK's own classes, and is tried again only where that can help."""

import pytest
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    OpenAI,
    RateLimitError,
    UnprocessableEntityError,
)

import gateway


@pytest.mark.parametrize("key", [gateway.key("team") + "x", gateway.key("nobody"), "sk-of-somebody"])
def test_wrong_key(caller, key):
    with pytest.raises(AuthenticationError) as refused:
        caller(api_key=key).chat("Hello")
    assert refused.value.code == "invalid_api_key"
    assert refused.value.request_id


def test_bad_request_in_the_upstreams_words(caller):
    with pytest.raises(BadRequestError) as refused:
        caller().chat("[[status 400]]")
    assert "Content Exists Risk" in refused.value.message
    assert refused.value.code == "invalid_request_error"


def test_bad_request_of_the_gateway_names_the_parameter(caller):
    with pytest.raises(BadRequestError) as refused:
        caller().chat("Hello", max_tokens="many")
    assert refused.value.param == "max_tokens"


def test_unprocessable_entity(caller):
    with pytest.raises(UnprocessableEntityError) as refused:
        caller().chat("[[status 422]]")
    assert "missing field" in refused.value.message


@pytest.mark.parametrize(("status", "answered"), [(500, 502), (503, 503)])
def test_upstream_failure(team, status, answered):
    with pytest.raises(InternalServerError) as failed:
        team.chat(f"[[status {status}]]")
    assert failed.value.status_code == answered
    assert failed.value.code == "upstream_unavailable"


@pytest.mark.parametrize("what", ["[[reset]]", "[[garbage]]"])
def test_upstream_without_an_answer(team, what):
    with pytest.raises(InternalServerError) as failed:
        team.chat(what)
    assert failed.value.status_code == 502
    assert failed.value.code == "upstream_unavailable"


@pytest.mark.parametrize(
    ("status", "code"), [(401, "upstream_authentication"), (402, "upstream_insufficient_balance")]
)
def test_what_only_operators_can_mend(team, status, code):
    with pytest.raises(InternalServerError) as failed:
        team.chat(f"[[status {status}]]")
    assert failed.value.code == code
    assert "3750" not in str(failed.value.body)


@pytest.mark.since("1.46")
@pytest.mark.parametrize(
    ("options", "question", "tries"),
    [
        ({}, "[[status 500]]", 2),
        ({}, "[[status 503]]", 2),
        ({}, "[[status 400]]", 1),
        ({}, "[[status 401]]", 1),
        ({}, "[[status 402]]", 1),
        ({"api_key": "sk-of-somebody"}, "Hello", 1),
    ],
)
def test_is_tried_again_only_where_that_can_help(caller, options, question, tries):
    with pytest.raises(APIStatusError) as failed:
        caller(max_retries=1, **options).chat(question)
    assert int(failed.value.request.headers["x-stainless-retry-count"]) + 1 == tries


def test_upstreams_own_rate_limit_says_whose_it_is(team):
    with pytest.raises(RateLimitError) as limited:
        team.chat("[[status 429]]")
    assert limited.value.code == "upstream_rate_limited"
    assert "not your tenant's own limit" in limited.value.message


def test_open_circuit(caller):
    breaks = caller("breaks", max_retries=0)

    def code():
        with pytest.raises(InternalServerError) as failed:
            breaks.chat("[[status 503]]")
        return failed.value.code

    assert "upstream_circuit_open" in [code() for _ in range(4)]


@pytest.mark.parametrize("stream", [False, True])
def test_gateways_patience_with_a_silent_upstream(team, stream):
    with pytest.raises(InternalServerError) as failed:
        team.chat("[[stall]]", stream=stream)
    assert failed.value.status_code == 504
    assert failed.value.code == "upstream_timeout"


def test_callers_own_patience(caller):
    hasty = caller(timeout=0.5, max_retries=0)
    with pytest.raises(APITimeoutError):
        hasty.chat("[[stall]]")


def test_half_an_answer_raises(team):
    with pytest.raises(APIConnectionError):
        team.chat("[[reset after 1]]")


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
    deltas = []
    with pytest.raises(APIError) as broke:
        for chunk in team.stream(what):
            deltas.append(chunk.choices[0].delta)
    assert broke.value.code == code
    assert broke.value.message.startswith("The ") and broke.value.message.endswith(".")
    assert len([delta for delta in deltas if getattr(delta, "reasoning_content", None)]) == 5


def test_unknown_path():
    with OpenAI(base_url=gateway.BASE_URL, api_key=gateway.key("team")) as client:
        with pytest.raises(APIError) as refused:
            client.embeddings.create(model="deepseek-flash", input="Hello")
    assert refused.value.code == "not_found"
    assert "/v1/chat/completions" in refused.value.message
