import asyncio

import pytest
from callers import model
from gateway import nothing_stays_in_flight  # noqa: F401, a fixture


@pytest.fixture(scope="session")
def team():
    """A team without limits, which tries nothing twice."""
    return model()


@pytest.fixture(scope="session")
def run():
    """Runs coroutines on one event loop: LangChain shares its connections among models, whatever loop they are of."""
    with asyncio.Runner() as runner:
        yield runner.run
