"""What one `replication_device` says, and which go together."""

import attrs
import pytest

from pmax.domain.identifiers import ArrayId
from pmax.domain.replication_devices import (
    ReplicationDevice,
    problems_of_devices,
    read_replication_device,
)

OWN = ArrayId("000123456789")
REQUIRED = {
    "target_device_id": "000197811111",
    "remote_pool": "SRP_2",
    "remote_port_group": "os-failover-pg",
    "rdf_group_label": "28_11_07",
}
DEVICE = ReplicationDevice(
    target_array_id=ArrayId("000197811111"),
    remote_srp="SRP_2",
    remote_port_group="os-failover-pg",
    rdf_group_label="28_11_07",
)


def fields_of(values: dict[str, str]) -> list[str]:
    """What the problems of a dictionary name."""
    return [problem.field for problem in read_replication_device(values)[1]]


def test_what_is_required_suffices() -> None:
    """Four keys make a synchronous device with nothing allowed."""
    assert read_replication_device(REQUIRED) == (DEVICE, ())


def test_blanks_around_keys_and_values_do_not_count() -> None:
    """The manual's example has blanks after colons."""
    assert read_replication_device({f" {key} ": f" {value} " for key, value in REQUIRED.items()}) == (DEVICE, ())


def test_every_key_has_its_field() -> None:
    """All keys of both generations are understood."""
    values = REQUIRED | {
        "mode": "Metro",
        "backend_id": "metro",
        "allow_extend": "True",
        "metro_use_bias": "yes",
        "allow_delete_metro": "1",
        "sync_retries": "0",
        "sync_interval": "7",
    }
    assert read_replication_device(values) == (
        attrs.evolve(
            DEVICE,
            mode="Metro",
            backend_id="metro",
            allow_extend=True,
            metro_use_bias=True,
            allow_delete_metro=True,
            sync_retries=0,
            sync_interval_s=7,
        ),
        (),
    )


@pytest.mark.parametrize("written", ["", "async", "Metro", "Triangle"])
def test_a_mode_is_kept_for_the_plugin_that_knows_it(written: str) -> None:
    """Which modes there are, and how they may be written, is the business of plugins."""
    device, problems = read_replication_device({**REQUIRED, "mode": written})
    assert (device.mode, problems) == (written, ())


@pytest.mark.parametrize("spelling", ["False", "false", "no", "0", "off", "f", "n"])
def test_no_means_no(spelling: str) -> None:
    """Every spelling of no is one."""
    device, problems = read_replication_device({**REQUIRED, "allow_extend": spelling})
    assert (device.allow_extend, problems) == (False, ())


@pytest.mark.parametrize("missing", list(REQUIRED))
def test_a_missing_key_is_named(missing: str) -> None:
    """Each required key that is missing or empty is a problem that names it."""
    assert fields_of({key: value for key, value in REQUIRED.items() if key != missing}) == [
        f"replication_device {missing}"
    ]
    assert fields_of({**REQUIRED, missing: "  "}) == [f"replication_device {missing}"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("target_device_id", "197811111"),
        ("remote_pool", "SRP 2"),
        ("remote_port_group", "x" * 65),
        ("allow_extend", "maybe"),
        ("metro_use_bias", "2"),
        ("allow_delete_metro", ""),
        ("sync_retries", "-1"),
        ("sync_interval", "3.5"),
        ("sync_interval", "٣"),
        ("backend_id", "pmax_failover_start_array_promotion"),
    ],
)
def test_a_wrong_value_is_named_with_its_key(key: str, value: str) -> None:
    """Each value that makes no sense is a problem that names the key and the value; nothing is replaced silently."""
    [problem] = read_replication_device({**REQUIRED, key: value})[1]
    assert (problem.field, problem.value) == (f"replication_device {key}", value)


def test_all_problems_are_found_at_once() -> None:
    """Nothing at all gives four problems, and mistakes add to them."""
    assert len(fields_of({"allow_extend": "maybe", "mood": "good"})) == 6


def test_the_value_of_an_unknown_key_is_not_told() -> None:
    """A key that does not belong here could hold a password, so only its name is told."""
    [problem] = read_replication_device({**REQUIRED, "san_password": "top-secret"})[1]
    assert "san_password" in str(problem)
    assert "top-secret" not in str(problem)


def test_one_device_needs_no_name() -> None:
    """A single device stands alone."""
    assert problems_of_devices([DEVICE], OWN) == ()
    assert problems_of_devices([], OWN) == ()


def test_a_volume_is_not_replicated_to_its_own_array() -> None:
    """The target is another array than the backend's."""
    [problem] = problems_of_devices([DEVICE], DEVICE.target_array_id)
    assert problem.field == "replication_device target_device_id"


def test_several_devices_are_told_apart() -> None:
    """Up to three devices of one array differ in name, label and mode."""
    modes = ("Synchronous", "Asynchronous", "Metro")
    devices = [attrs.evolve(DEVICE, backend_id=mode, rdf_group_label=mode, mode=mode) for mode in modes]
    assert problems_of_devices(devices, OWN) == ()


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"backend_id": "a"}, "backend_id"),
        ({"backend_id": ""}, "backend_id"),
        ({"rdf_group_label": "a"}, "rdf_group_label"),
        ({"mode": ""}, "mode"),
        ({"target_array_id": ArrayId("000197822222")}, "target_device_id"),
    ],
)
def test_devices_that_do_not_go_together_are_named(changes: dict[str, str], key: str) -> None:
    """Two devices with the same name, label or mode, or to two arrays, are a problem that names the key."""
    first = attrs.evolve(DEVICE, backend_id="a", rdf_group_label="a")
    second = attrs.evolve(DEVICE, backend_id="b", rdf_group_label="b", mode="Metro")
    [problem] = problems_of_devices([first, attrs.evolve(second, **changes)], OWN)
    assert problem.field == f"replication_device {key}"


def test_four_devices_are_too_many() -> None:
    """A backend has at most three."""
    devices = [attrs.evolve(DEVICE, backend_id=name, rdf_group_label=name, mode=name) for name in "abcd"]
    assert [problem.value for problem in problems_of_devices(devices, OWN)] == [4]
