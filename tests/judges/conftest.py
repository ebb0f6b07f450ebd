"""What the judges need: Cinder's drivers on their bench, and an environment that does not overrule their settings."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pmax.simulator import Simulator
from pmax.simulator.fixtures import REMOTE_ARRAY
from tests.judges.backend import Backend
from tests.judges.cache import Unreachable
from tests.judges.pyu4v import LIVING, UNISPHERES, Connection, Workers
from tests.judges.replication import Mode
from tests.judges.upstream import OVERRULING, UPSTREAM, CinderBench, cinder_bench

#: Judged in every run; the others take minutes together and are run by `make test-slow`.
QUICK = {"test_bench", "test_upstream_attach", "test_upstream_provisioning"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what takes long to `make test-slow`, and give it time to fetch a release."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.stem not in QUICK:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(autouse=True)
def _clients_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing in the environment overrule what a client was told."""
    for name in OVERRULING:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[..., CinderBench]]:
    """A Cinder in front of a simulator that is set up as the test says; one for each test."""
    with ExitStack() as stack:
        yield lambda **choices: stack.enter_context(cinder_bench(tmp_path, **choices))


@pytest.fixture
def bench(make_bench: Callable[..., CinderBench]) -> CinderBench:
    """A Cinder in front of a simulator of Unisphere 9.2."""
    return make_bench()


@pytest.fixture
def start(bench: CinderBench) -> Callable[..., Backend]:
    """Start the upstream driver of a protocol."""

    def started(protocol: str = "iscsi", **options: Any) -> Backend:
        return bench.start(UPSTREAM[protocol], protocol, **options)

    return started


@pytest.fixture
def replicating(bench: CinderBench) -> Callable[..., Backend]:
    """Start a driver that replicates. Volumes have other ids on the remote array, so that they are not mixed up."""
    bench.simulator.arrays[REMOTE_ARRAY].add_volume(7, "somebody's")

    def started(mode: Mode, protocol: str = "iscsi", **options: Any) -> Backend:
        return bench.start(UPSTREAM[protocol], protocol, replication_device=mode.device(protocol), **options)

    return started


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what connects PyU4V with each generation that the test, or its module, is meant for."""
    if "connect" in metafunc.fixturenames:
        of_module = getattr(metafunc.module, "GENERATIONS", LIVING)
        wanted = getattr(metafunc.function, "generations", of_module)
        marked = [name if name in LIVING else pytest.param(name, marks=pytest.mark.slow) for name in wanted]
        metafunc.parametrize("connect", marked, indirect=True)


@pytest.fixture(scope="session")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """The processes in which PyU4V runs. They inherit an environment that does not overrule their settings."""
    made = Workers(tmp_path_factory.mktemp("pyu4v"))
    yield made
    made.stop()


@pytest.fixture
def connect(request: pytest.FixtureRequest, workers: Workers) -> Iterator[Callable[..., Connection]]:
    """Connect PyU4V, of each generation, to a simulator that is set up as the test says."""
    with ExitStack() as stack:

        def connected(**choices: Any) -> Connection:
            choices = {"tls": True, "unisphere_version": UNISPHERES[request.param], **choices}
            simulator = stack.enter_context(Simulator(**choices))
            stack.callback(_assert_no_defects, simulator)
            try:
                return workers.connect(simulator, request.param)
            except Unreachable as problem:
                pytest.skip(f"PyU4V {request.param} cannot be fetched: {problem}")

        yield connected


@pytest.fixture
def client(connect: Callable[..., Connection]) -> Connection:
    """PyU4V, of each generation, connected to a simulator."""
    return connect()


def _assert_no_defects(simulator: Simulator) -> None:
    assert not simulator.defects, simulator.defects
