"""Which exception Cinder sees."""

import pytest
from cinder import exception

from pmax.adapters.cinder.errors import CONNECTING, DELETING, cinder_errors
from pmax.domain.errors import (
    ArrayRejected,
    Busy,
    ConfigurationInvalid,
    InUse,
    InvalidRequest,
    NotFound,
    PlanFailed,
    PmaxError,
    Unavailable,
)

BUSY = InUse("volume", "00001", "snapshots of it; delete them first")


@pytest.mark.parametrize(
    "error",
    [
        ArrayRejected("create a volume", 500, None, "the SRP is full"),
        Busy("the lock of volume 00001", 900.0),
        NotFound("volume", "00001"),
        PlanFailed("move a volume", (), ("storage group X",)),
        Unavailable("unisphere:8443", "connection refused", sent=False),
        InvalidRequest("size", 0, "a volume has at least 1 GiB"),
        BUSY,
    ],
)
def test_a_failure_is_the_backends_with_its_text_kept(error: PmaxError) -> None:
    """Whatever the interface names no class for is a failure of the backend, in our own words and with its cause."""
    with pytest.raises(exception.VolumeBackendAPIException) as raised, cinder_errors():
        raise error
    assert raised.value.msg == str(error)
    assert raised.value.__cause__ is error


def test_a_busy_volume_is_told_as_such_when_it_is_deleted() -> None:
    """Cinder then makes the volume available again, instead of marking it as broken."""
    with pytest.raises(exception.VolumeIsBusy) as raised, cinder_errors(DELETING):
        raise BUSY
    assert raised.value.msg == str(BUSY)


def test_a_wrong_connector_is_the_callers_mistake() -> None:
    """Cinder answers such a request as a bad one."""
    with pytest.raises(exception.InvalidConnectorException, match="wwpns"), cinder_errors(CONNECTING):
        raise InvalidRequest("connector", "node1", "it needs `wwpns`")


def test_a_wrong_configuration_is_told_as_one() -> None:
    """Every problem stands in the one exception that Cinder has for configurations."""
    with pytest.raises(exception.InvalidConfigurationValue, match=r"san_ip.*powermax_srp"), cinder_errors():
        raise ConfigurationInvalid(("san_ip is missing", "powermax_srp is missing"))


def test_cinders_own_exceptions_pass_unchanged() -> None:
    """What is not ours is not touched."""
    with pytest.raises(exception.VolumeNotFound), cinder_errors(DELETING):
        raise exception.VolumeNotFound(volume_id="x")
