"""A tenant's limits, as the SDK meets them."""

import pytest
from anthropic import RateLimitError
from callers import ENDLESS, ask, client

QUICK = ask("[[say ok]]", thinking={"type": "disabled"})


@pytest.mark.parametrize("tenant", ["minute", "tokens"])
def test_spent_limit(tenant):
    with client(tenant) as limited, pytest.raises(RateLimitError) as refused:
        for _ in range(3):
            limited.messages.create(**QUICK)
    assert refused.value.type == "rate_limit_error"
    assert float(refused.value.response.headers["retry-after-ms"]) > 0


def test_spent_concurrency():
    with client("single") as single:
        with single.messages.stream(**ask(ENDLESS)) as holder:
            next(holder)
            with pytest.raises(RateLimitError) as refused:
                single.messages.create(**QUICK)
    assert refused.value.type == "rate_limit_error"


def test_spent_limit_is_waited_out_by_the_sdk():
    with client("second", max_retries=5) as patient:
        for _ in range(200):
            if patient.messages.with_raw_response.create(**QUICK).retries_taken:
                return
    pytest.fail("the limit was never spent")
