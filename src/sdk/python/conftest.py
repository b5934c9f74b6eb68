import pytest

import gateway
from callers import Async, Sync


@pytest.fixture(params=[Sync, Async])
def caller(request):
    """Makes callers of either kind, and closes them."""
    made = []

    def make(tenant="team", **options):
        made.append(request.param(tenant, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def team(caller):
    """A caller without limits, which tries nothing twice."""
    return caller("team", max_retries=0)


@pytest.fixture(autouse=True)
def nothing_stays_in_flight():
    yield
    assert gateway.wait_until(lambda: gateway.in_flight() == 0), "calls are still in flight"
