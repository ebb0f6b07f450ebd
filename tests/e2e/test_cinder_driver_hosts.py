"""Attach and detach through the Cinder drivers: what Cinder is told, to the letter, and what is on the array."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cinder import exception

from tests.e2e.cinder_driver_backend import (
    IQN,
    WWPNS,
    CinderBackend,
    cinder_backend,
    created,
    fc_connector,
    iscsi_connector,
)
from tests.unit.adapters.cinder import cinder_objects

TARGET_IQNS = [f"iqn.1992-04.com.emc:600009700bd41ac02f9990000000000{number}" for number in (1, 2)]
PORTALS = ["10.10.0.250:3260", "10.11.0.250:3260"]
TARGET_WWNS = ["5000097398999000", "5000097398999002"]
GONE = "{'array': '000197900999', 'device_id': '0FFFF'}"
FC_NOTHING = {"driver_volume_type": "fibre_channel", "data": {}}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[CinderBackend]:
    """A backend and its array."""
    with cinder_backend(tmp_path) as made:
        yield made


def connector_for(protocol: str, host: str = "node1.example.com", number: int = 1) -> dict[str, object]:
    """A connector of a host that is told apart from others by a number."""
    if protocol == "iscsi":
        return iscsi_connector(host, f"iqn.1994-05.com.redhat:node{number}")
    return fc_connector(host, tuple(f"{wwpn[:-1]}{number}" for wwpn in WWPNS))


def test_iscsi_single_path(backend: CinderBackend) -> None:
    """Without multipath a host is told of one portal, in the keys that os-brick reads."""
    driver = backend.start("iscsi")
    volume = created(driver, cinder_objects.volume())
    assert driver.initialize_connection(volume, iscsi_connector()) == {
        "driver_volume_type": "iscsi",
        "data": {
            "target_discovered": True,
            "target_iqn": TARGET_IQNS[0],
            "target_portal": PORTALS[0],
            "target_lun": 1,
            "volume_id": volume.id,
            "discard": True,
        },
    }


def test_iscsi_multipath(backend: CinderBackend) -> None:
    """With multipath there are three parallel lists besides, one entry for each portal."""
    driver = backend.start("iscsi")
    volume = created(driver, cinder_objects.volume())
    assert driver.initialize_connection(volume, iscsi_connector(multipath=True)) == {
        "driver_volume_type": "iscsi",
        "data": {
            "target_discovered": True,
            "target_iqn": TARGET_IQNS[0],
            "target_portal": PORTALS[0],
            "target_lun": 1,
            "target_iqns": TARGET_IQNS,
            "target_portals": PORTALS,
            "target_luns": [1, 1],
            "volume_id": volume.id,
            "discard": True,
        },
    }


def test_iscsi_with_chap(backend: CinderBackend) -> None:
    """The configured credentials are handed to the host."""
    driver = backend.start("iscsi", use_chap_auth="true", chap_username="chap", chap_password="a secret of 12")
    volume = created(driver, cinder_objects.volume())
    data = driver.initialize_connection(volume, iscsi_connector())["data"]
    assert (data["auth_method"], data["auth_username"], data["auth_password"]) == ("CHAP", "chap", "a secret of 12")


def test_fc(backend: CinderBackend) -> None:
    """A host is told of all targets, always as a list, and which of its ports reaches which."""
    driver = backend.start("fc")
    volume = created(driver, cinder_objects.volume())
    assert driver.initialize_connection(volume, fc_connector()) == {
        "driver_volume_type": "fibre_channel",
        "data": {
            "target_discovered": True,
            "target_lun": 1,
            "target_wwn": TARGET_WWNS,
            "initiator_target_map": dict.fromkeys(WWPNS, TARGET_WWNS),
            "discard": True,
        },
    }


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
def test_what_cinder_is_told_is_json_and_its_own(backend: CinderBackend, protocol: str) -> None:
    """Cinder adds keys of its own and stores the result as JSON, so it is made of plain lists and dictionaries."""
    driver = backend.start(protocol)
    volume = created(driver, cinder_objects.volume())
    info = driver.initialize_connection(volume, connector_for(protocol))
    info["data"]["access_mode"] = "rw"
    assert json.loads(json.dumps(info)) == info
    assert "access_mode" not in driver.initialize_connection(volume, connector_for(protocol))["data"]


@pytest.mark.parametrize(("protocol", "letter"), [("iscsi", "I"), ("fc", "F")])
def test_attach_makes_what_upstream_would_make(backend: CinderBackend, protocol: str, letter: str) -> None:
    """The masking view, its groups and its initiators have upstream's names, and the volume moves into its child."""
    driver = backend.start(protocol)
    created_volume = created(driver, cinder_objects.volume())
    driver.initialize_connection(created_volume, connector_for(protocol))
    label = {"iscsi": "OS-iscsi-PG", "fc": "OS-fibre-PG"}[protocol]
    state = backend.state()
    assert list(state["masking views"]) == [f"OS-node1-{letter}-{label}-MV"]
    assert list(state["hosts"]) == [f"OS-node1-{letter}-IG"]
    assert set(state["storage groups"]) == {f"OS-node1-{letter}-{label}-SG", f"OS-node1-SRP_1-DiamodNONE-{label}"}
    [device] = state["volumes"].values()
    assert device.storage_groups == (f"OS-node1-SRP_1-DiamodNONE-{label}",)


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
def test_detach_puts_everything_back(backend: CinderBackend, protocol: str) -> None:
    """After the last detach the array is as it was before the first attach."""
    driver = backend.start(protocol)
    volume = created(driver, cinder_objects.volume())
    before = backend.state()
    driver.initialize_connection(volume, connector_for(protocol))
    driver.terminate_connection(volume, connector_for(protocol))
    after = backend.state()
    [group] = after["storage groups"].values()
    assert group.name == "OS-SRP_1-Diamond-NONE-SG"
    assert {**after, "storage groups": None} == {**before, "storage groups": None}


def test_iscsi_detach_tells_nothing(backend: CinderBackend) -> None:
    """There are no zones to remove."""
    driver = backend.start("iscsi")
    volume = created(driver, cinder_objects.volume())
    driver.initialize_connection(volume, iscsi_connector())
    assert driver.terminate_connection(volume, iscsi_connector()) is None


def test_fc_detach_gives_the_map_with_the_last_volume_only(backend: CinderBackend) -> None:
    """Zones go when the host has no volume left behind these ports, and stay before."""
    driver = backend.start("fc")
    first, last = (created(driver, cinder_objects.volume()) for _ in range(2))
    for volume in (first, last):
        driver.initialize_connection(volume, fc_connector())
    assert driver.terminate_connection(first, fc_connector()) == FC_NOTHING
    assert driver.terminate_connection(last, fc_connector()) == {
        "driver_volume_type": "fibre_channel",
        "data": {
            "target_wwn": TARGET_WWNS,
            "initiator_target_map": dict.fromkeys(WWPNS, TARGET_WWNS),
        },
    }


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
def test_attach_again_changes_nothing_and_says_the_same(backend: CinderBackend, protocol: str) -> None:
    """A second instance on the same host gets the same connection."""
    driver = backend.start(protocol)
    volume = created(driver, cinder_objects.volume())
    once = driver.initialize_connection(volume, connector_for(protocol))
    with backend.unchanged():
        assert driver.initialize_connection(volume, connector_for(protocol)) == once


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
@pytest.mark.parametrize("second", ["node1.example.com", "node1", "NODE1.example.com"])
def test_a_volume_stays_while_another_instance_of_the_host_uses_it(
    backend: CinderBackend, protocol: str, second: str
) -> None:
    """Of two attachments on one host, the first detach changes nothing, however the host is spelled (T3)."""
    driver = backend.start(protocol)
    attachments = [cinder_objects.attachment("node1.example.com"), cinder_objects.attachment(second)]
    volume = created(driver, cinder_objects.volume(attachments=attachments))
    driver.initialize_connection(volume, connector_for(protocol))
    with backend.unchanged():
        kept = driver.terminate_connection(volume, connector_for(protocol))
    assert kept == (None if protocol == "iscsi" else FC_NOTHING)
    volume.volume_attachment.objects.pop()
    driver.terminate_connection(volume, connector_for(protocol))
    assert backend.state()["masking views"] == {}


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
@pytest.mark.parametrize("other", ["node10.example.com", "node1.example.org"])
def test_an_attachment_on_another_host_keeps_nothing(backend: CinderBackend, protocol: str, other: str) -> None:
    """Hosts are compared by their whole names: an attachment on a host of a similar name does not count."""
    driver = backend.start(protocol)
    attachments = [cinder_objects.attachment("node1.example.com"), cinder_objects.attachment(other)]
    volume = created(driver, cinder_objects.volume(attachments=attachments))
    driver.initialize_connection(volume, connector_for(protocol))
    driver.terminate_connection(volume, connector_for(protocol))
    assert backend.state()["masking views"] == {}


def test_copying_an_image_out_of_a_volume_does_not_take_it_from_an_instance(backend: CinderBackend) -> None:
    """Cinder records no attachment for its own copying, so the one that is there belongs to an instance."""
    driver = backend.start("iscsi")
    attachments = [cinder_objects.attachment("node1.example.com")]
    volume = created(driver, cinder_objects.volume(attachments=attachments))
    driver.initialize_connection(volume, iscsi_connector())
    volume.status = "uploading"
    with backend.unchanged():
        driver.initialize_connection(volume, iscsi_connector())
        driver.terminate_connection(volume, iscsi_connector(), force=True)


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
def test_force_detach_takes_a_volume_from_every_host(backend: CinderBackend, protocol: str) -> None:
    """Without a connector every host loses the volume, over Fibre Channel too (T4)."""
    driver = backend.start(protocol)
    volume = created(driver, cinder_objects.volume())
    for number, host in enumerate(("node1.example.com", "node2.example.com"), start=1):
        driver.initialize_connection(volume, connector_for(protocol, host, number))
    driver.terminate_connection(volume, None, force=True)
    driver.delete_volume(volume)
    backend.assert_empty()


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
def test_detaching_one_host_leaves_the_other(backend: CinderBackend, protocol: str) -> None:
    """A volume that two hosts see stays with the one that keeps it."""
    driver = backend.start(protocol)
    volume = created(driver, cinder_objects.volume())
    one, two = connector_for(protocol, "node1.example.com", 1), connector_for(protocol, "node2.example.com", 2)
    driver.initialize_connection(volume, one)
    told = driver.initialize_connection(volume, two)
    driver.terminate_connection(volume, one)
    [view] = backend.state()["masking views"].values()
    assert "node2" in view.name
    assert driver.initialize_connection(volume, two) == told


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
@pytest.mark.parametrize("provider_location", [None, GONE])
def test_what_is_not_attached_is_detached(backend: CinderBackend, protocol: str, provider_location: str | None) -> None:
    """A volume without a device is seen by no host, so there is nothing to do."""
    driver = backend.start(protocol)
    volume = cinder_objects.volume(provider_location=provider_location)
    with backend.unchanged():
        told = driver.terminate_connection(volume, connector_for(protocol))
    assert told == (None if protocol == "iscsi" else FC_NOTHING)


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
def test_a_second_detach_does_nothing(backend: CinderBackend, protocol: str) -> None:
    """Detaching what is detached succeeds."""
    driver = backend.start(protocol)
    volume = created(driver, cinder_objects.volume())
    driver.initialize_connection(volume, connector_for(protocol))
    driver.terminate_connection(volume, connector_for(protocol))
    with backend.unchanged():
        driver.terminate_connection(volume, connector_for(protocol))


def test_a_type_that_became_invalid_does_not_hold_a_volume_back(backend: CinderBackend) -> None:
    """A volume can be detached and deleted after its type was spoilt."""
    driver = backend.start("iscsi")
    volume = created(driver, cinder_objects.volume(of_type=cinder_objects.volume_type({})))
    driver.initialize_connection(volume, iscsi_connector())
    volume.volume_type.extra_specs = {"pool_name": "nonsense", "storagetype:disablecompression": "perhaps"}
    driver.terminate_connection(volume, iscsi_connector())
    driver.delete_volume(volume)
    backend.assert_empty()


@pytest.mark.parametrize(
    ("protocol", "connector", "missing"),
    [
        ("iscsi", fc_connector(), "initiator"),
        ("iscsi", {**iscsi_connector(), "initiator": ""}, "initiator"),
        ("iscsi", {**iscsi_connector(), "host": ""}, "host"),
        ("fc", iscsi_connector(), "wwpns"),
        ("fc", {**fc_connector(), "wwpns": []}, "wwpns"),
        ("fc", {**fc_connector(), "wwnns": []}, "wwnns"),
        ("fc", {**fc_connector(), "wwpns": ["no WWN"]}, "no WWN"),
    ],
)
def test_a_connector_without_initiators_is_refused(
    backend: CinderBackend, protocol: str, connector: dict[str, object], missing: str
) -> None:
    """The missing part is named, as the caller's mistake, before anything is asked of the array."""
    driver = backend.start(protocol)
    with backend.counting() as calls, pytest.raises(exception.InvalidConnectorException, match=missing):
        driver.validate_connector(connector)
    assert calls == []


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
def test_a_good_connector_passes(backend: CinderBackend, protocol: str) -> None:
    """What os-brick makes is accepted without a call."""
    driver = backend.start(protocol)
    with backend.counting() as calls:
        assert driver.validate_connector(connector_for(protocol)) is None
    assert calls == []


def test_exports_are_nothing(backend: CinderBackend) -> None:
    """A volume is shown to a host when it is attached, and not before."""
    driver = backend.start("iscsi")
    volume = created(driver, cinder_objects.volume())
    with backend.counting() as calls:
        assert driver.create_export(None, volume, iscsi_connector()) is None
        assert driver.ensure_export(None, volume) is None
        assert driver.remove_export(None, volume) is None
    assert calls == []


def test_limits_of_a_type_are_set_on_the_hosts_own_group(backend: CinderBackend) -> None:
    """A QoS specification for the backend limits the child group on the host, and no other group."""
    driver = backend.start("iscsi")
    limited = cinder_objects.volume_type({}, qos={"total_iops_sec": "500", "DistributionType": "Always"})
    volume = created(driver, cinder_objects.volume(of_type=limited))
    driver.initialize_connection(volume, iscsi_connector())
    limits = {name: group.host_io_limit for name, group in backend.array.storage_groups.items() if group.host_io_limit}
    [(name, limit)] = limits.items()
    assert name == "OS-node1-SRP_1-DiamodNONE-OS-iscsi-PG"
    assert (limit.io_per_second, limit.mb_per_second, limit.dynamic_distribution) == (500, None, "Always")


@pytest.mark.parametrize("consumer", ["front-end"])
def test_limits_for_the_hypervisor_are_not_the_arrays(backend: CinderBackend, consumer: str) -> None:
    """A QoS specification for the front end is left to Nova."""
    driver = backend.start("iscsi")
    limited = cinder_objects.volume_type({}, qos={"total_iops_sec": "500"}, consumer=consumer)
    volume = created(driver, cinder_objects.volume(of_type=limited))
    driver.initialize_connection(volume, iscsi_connector())
    assert [group for group in backend.array.storage_groups.values() if group.host_io_limit] == []


def test_an_iscsi_host_is_known_by_its_initiator(backend: CinderBackend) -> None:
    """The array learns the initiator of the connector, and nothing else."""
    driver = backend.start("iscsi")
    volume = created(driver, cinder_objects.volume())
    driver.initialize_connection(volume, iscsi_connector())
    [host] = backend.array.hosts.values()
    assert host.initiators == (IQN,)


BUDGETS = {
    "first attach": 9,
    "next attach": 5,
    "attach to a second host": 14,
    "detach, others remain": 5,
    "detach, last of the host": 9,
}


@pytest.mark.parametrize("protocol", ["iscsi", "fc"])
@pytest.mark.parametrize("operation", BUDGETS)
def test_the_calls_that_an_operation_costs(backend: CinderBackend, protocol: str, operation: str) -> None:
    """An operation costs no more calls than its budget."""
    driver = backend.start(protocol)
    volume, other, spare = (created(driver, cinder_objects.volume()) for _ in range(3))
    one, two = connector_for(protocol, "node1.example.com", 1), connector_for(protocol, "node2.example.com", 2)
    # Ports and port groups do not change within a minute: another host's attachment has made them known.
    driver.initialize_connection(spare, connector_for(protocol, "node9.example.com", 9))
    driver.terminate_connection(spare, connector_for(protocol, "node9.example.com", 9))
    if operation != "first attach":
        driver.initialize_connection(other, one)
    if operation in {"attach to a second host", "detach, others remain"}:
        driver.initialize_connection(volume, one)
        volume.volume_attachment.objects.append(cinder_objects.attachment("node1.example.com"))
    work = {
        "first attach": lambda: driver.initialize_connection(volume, one),
        "next attach": lambda: driver.initialize_connection(volume, one),
        "attach to a second host": lambda: driver.initialize_connection(volume, two),
        "detach, others remain": lambda: driver.terminate_connection(volume, one),
        "detach, last of the host": lambda: driver.terminate_connection(other, one),
    }[operation]
    with backend.counting() as calls:
        work()
    assert len(calls) <= BUDGETS[operation], calls
