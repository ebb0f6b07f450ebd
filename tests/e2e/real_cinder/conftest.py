"""A cloud for all tests, once for each kind of threads that Cinder runs on."""

from collections.abc import Iterator
from importlib import util

import pytest

from tests.e2e.real_cinder.cloud import Cloud, cloud_of
from tests.e2e.real_cinder.user import User

THREADS = ("eventlet", "native")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of one cloud run in one process, and give them the time that a busy machine takes."""
    for item in items:
        if "cloud" in getattr(item, "fixturenames", ()) and "real_cinder" in str(item.path):
            item.add_marker(pytest.mark.timeout(120))
            threads = item.callspec.params.get("cloud", "") if hasattr(item, "callspec") else ""
            item.add_marker(pytest.mark.xdist_group(f"real cinder, {threads}"))


@pytest.fixture(scope="session", params=THREADS)
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Cinder's services with a back end for each protocol, over one array."""
    if request.param == "native" and util.find_spec("cinder.monkey_patch") is None:
        pytest.skip("this version of Cinder has green threads only")
    with cloud_of(tmp_path_factory.mktemp("cloud"), request.param) as made:
        made.start()
        yield made


@pytest.fixture
def user(cloud: Cloud) -> Iterator[User]:
    """A user of the cloud, who leaves the array as it was."""
    made = User(cloud)
    try:
        with cloud.leaving_nothing():
            yield made
    except AssertionError:
        made.clear()
        raise
