import pytest
from callers import client
from gateway import nothing_stays_in_flight  # noqa: F401, a fixture


@pytest.fixture
def team():
    """A team without limits, which tries nothing twice."""
    with client() as made:
        yield made
