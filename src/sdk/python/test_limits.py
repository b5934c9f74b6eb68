"""A tenant's limits, as the SDK meets them."""

import pytest
from openai import RateLimitError

from callers import slot_taken

QUICK = {"extra_body": {"thinking": {"type": "disabled"}}}


@pytest.mark.parametrize(("tenant", "kind"), [("minute", "requests"), ("tokens", "tokens")])
def test_spent_limit(caller, tenant, kind):
    hasty = caller(tenant, max_retries=0)
    with pytest.raises(RateLimitError) as refused:
        for _ in range(3):
            hasty.chat("[[say ok]]", **QUICK)
    limited = refused.value
    assert (limited.code, limited.type) == ("rate_limit_exceeded", kind)
    assert float(limited.response.headers["retry-after-ms"]) > 0
    assert limited.response.headers[f"x-ratelimit-remaining-{kind}"] == "0"


def test_spent_concurrency(caller):
    single = caller("single", max_retries=0)
    with slot_taken(), pytest.raises(RateLimitError) as limited:
        single.chat("[[say ok]]")
    assert (limited.value.code, limited.value.type) == ("rate_limit_exceeded", "concurrency")


@pytest.mark.since("1.46")
def test_spent_limit_is_waited_out_by_the_sdk(caller):
    patient = caller("second", max_retries=5)
    for _ in range(200):
        answer, retries = patient.chat_and_tries("[[say ok]]", **QUICK)
        assert answer.choices[0].message.content == "ok"
        if retries:
            return
    pytest.fail("the limit was never spent")
