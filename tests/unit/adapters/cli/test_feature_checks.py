"""Licences, SRDF groups and time-outs, as `pmax doctor` judges them."""

import attrs
import pytest

from pmax.adapters.cli.feature_checks import check_features, check_replication, check_times
from pmax.adapters.cli.findings import State
from pmax.domain.errors import NotFound
from pmax.domain.identifiers import ArrayId
from pmax.domain.replication_devices import ReplicationDevice
from pmax.domain.settings import Secret, Settings, Timeouts, UnisphereServer
from tests.contract.places import ARRAY, simulated

REMOTE = ArrayId("000197900998")
SERVER = UnisphereServer(host="u", username="smc", password=Secret("smc"))
SETTINGS = Settings(array_id=ARRAY, srp="SRP_1", servers=(SERVER,))
DEVICE = ReplicationDevice(
    target_array_id=REMOTE, remote_srp="SRP_1", remote_port_group="OS-iscsi-PG", rdf_group_label="23_24_070"
)


def with_device(**changes: object) -> Settings:
    """Settings that replicate."""
    return attrs.evolve(SETTINGS, replication_devices=(attrs.evolve(DEVICE, **changes),))


@pytest.mark.parametrize(
    ("licences", "settings", "states"),
    [
        ({}, SETTINGS, [State.FINE, State.FINE]),
        ({"is_snapvx_capable": False}, SETTINGS, [State.WARNING, State.FINE]),
        ({"is_srdf_capable": False}, SETTINGS, [State.FINE, State.FINE]),
        ({"is_srdf_capable": False}, with_device(), [State.FINE, State.FAILED]),
    ],
)
def test_licences(licences, settings, states) -> None:
    """A licence that is needed and missing is told; one that nobody needs is not missed."""
    with simulated("V9.2.0.0") as place:
        place.array.update(**licences)
        found = list(check_features(settings, place.read))
    assert [finding.state for finding in found] == states
    assert all(finding.remedy for finding in found if finding.state is not State.FINE)


def test_licences_of_an_array_that_is_not_there() -> None:
    """An array that Unisphere does not reach has no licences, rather than none."""
    with simulated("V9.2.0.0") as place, pytest.raises(NotFound):
        place.read.arrays.list_features(ArrayId("000000000001"))


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, State.FINE),
        ({"rdf_group_label": "nowhere"}, State.FAILED),
        ({"target_array_id": ArrayId("000000000001")}, State.FAILED),
    ],
)
def test_srdf_groups(changes, state) -> None:
    """The group of a replication device must be there and lead to the right array."""
    with simulated("V9.2.0.0") as place:
        [finding] = check_replication(with_device(**changes), place.read)
    assert finding.state is state
    assert bool(finding.remedy) is (state is State.FAILED)


@pytest.mark.parametrize(
    ("settings", "rpc_s", "state"),
    [
        (SETTINGS, None, State.FINE),
        (SETTINGS, 180.0, State.FINE),
        (SETTINGS, 60.0, State.WARNING),
        (attrs.evolve(SETTINGS, settle_timeout_s=20.0), 60.0, State.FINE),
        (attrs.evolve(SETTINGS, timeouts=Timeouts(write_s=1000.0)), None, State.WARNING),
    ],
)
def test_times_that_must_fit_together(settings, rpc_s, state) -> None:
    """Whoever waits for an attach must wait longer than the LUN address may take."""
    assert next(check_times(settings, rpc_s)).state is state
