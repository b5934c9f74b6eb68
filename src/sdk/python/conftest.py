import openai
import pytest

from callers import Async, Sync
from gateway import nothing_stays_in_flight  # noqa: F401, a fixture


def version(text):
    return tuple(int(part) for part in text.split("."))


def pytest_configure(config):
    config.addinivalue_line("markers", "since(version): what SDKs before that cannot say")


def pytest_runtest_setup(item):
    for mark in item.iter_markers("since"):
        if version(openai.__version__) < version(mark.args[0]):
            pytest.skip(f"came with {mark.args[0]}")


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


@pytest.fixture
def sync_team():
    made = Sync("team", max_retries=0)
    yield made
    made.close()
