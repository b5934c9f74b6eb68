"""The gateway that src/sdk/run has started, as these cases see it from outside."""

import os
import re
import time
import urllib.request

import pytest

BASE_URL = os.environ["GATEWAY_URL"] + "/v1"
BETA_URL = os.environ["GATEWAY_URL"] + "/beta"


def key(tenant):
    """The API key of a tenant of ../tenants.yaml."""
    return f"dg-{tenant}-onlyforthesdksuites"


def in_flight():
    """The open calls of all tenants."""
    with urllib.request.urlopen(os.environ["MANAGEMENT_URL"] + "/actuator/prometheus", timeout=10) as answer:
        meters = answer.read().decode()
    return sum(float(n) for n in re.findall(r"^gateway_admission_in_flight\{.*\} (\S+)$", meters, re.MULTILINE))


def wait_until(holds, seconds=10):
    """Whether it holds within that time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture(autouse=True)
def nothing_stays_in_flight():
    """For every suite whose conftest imports it."""
    yield
    assert wait_until(lambda: in_flight() == 0), "calls are still in flight"
