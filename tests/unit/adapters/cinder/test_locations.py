"""provider_location, as every driver for these arrays has written it."""

import ast

import pytest

from pmax.adapters.cinder.locations import Location, identifiers, parse_location, required_target, volume_target
from pmax.domain.capacity import Capacity
from pmax.domain.errors import InvalidRequest, WrongIdentity
from pmax.domain.identifiers import array_id, device_id
from pmax.domain.volumes import Volume
from tests.unit.adapters.cinder import cinder_objects

CONFIGURED = array_id("000197900123")
VOLUME_ID = "e8c8a5f0-7d1a-4d4c-9e05-1a2b3c4d5e6f"
NAME_ID = "390eeb4d-0f56-4a02-ba14-167167967014"
SMI_S = (
    "{'classname': 'Symm_StorageVolume', 'keybindings': {'CreationClassName': 'Symm_StorageVolume', "
    "'SystemName': 'SYMMETRIX%s000197800123', 'DeviceID': '00001', "
    "'SystemCreationClassName': 'Symm_StorageSystem'}}"
)

CLONED = (
    "{'array': '000197800123', 'device_id': '00001', 'source_device_id': '00002', "
    "'snap_name': 'temp-00002-snapshot_for_clone'}"
)


def test_a_created_volume_is_stored_to_the_letter_as_upstream_stores_it() -> None:
    """The text is the repr of a dictionary: array first, single quotes."""
    stored = str(Location(array_id("000197800123"), device_id("00001")))
    assert stored == "{'array': '000197800123', 'device_id': '00001'}"


def test_what_is_stored_is_read_back_by_a_literal_parser() -> None:
    """Upstream reads the text with a Python literal parser and finds texts, not our types."""
    stored = ast.literal_eval(str(Location(array_id("000197800123"), device_id("0012F"))))
    assert stored == {"array": "000197800123", "device_id": "0012F"}


@pytest.mark.parametrize(
    "text",
    [
        "{'array': '000197800123', 'device_id': '00001'}",
        "{'device_id': '00001', 'array': '000197800123'}",
        "{u'array': u'000197800123', u'device_id': u'00001'}",
        CLONED,
        "{'array': '000197800123', 'device_id': '00001', 'a key of the future': 'x'}",
        SMI_S % "+",
        SMI_S % "-+-",
        (SMI_S % "-+-").replace("'DeviceID'", "u'DeviceID'").replace("'00001'", "u'00001'"),
    ],
)
def test_every_form_that_a_driver_has_written_is_understood(text: str) -> None:
    """Created, managed, cloned and SMI-S volumes are found, whatever the order of keys and whatever else is there."""
    assert parse_location(text, CONFIGURED) == Location(array_id("000197800123"), device_id("00001"))


def test_a_text_without_an_array_means_the_configured_one() -> None:
    """A device without an array is one of the backend's array."""
    assert parse_location("{'device_id': '00001'}", CONFIGURED) == Location(CONFIGURED, device_id("00001"))


@pytest.mark.parametrize("text", [None, "", "{}", "{'array': '000197800123'}", "{'device_id': '', 'array': ''}"])
def test_a_volume_that_was_never_made_has_no_location(text: str | None) -> None:
    """Nothing, or no device, means that there is no device."""
    assert parse_location(text, CONFIGURED) is None


@pytest.mark.parametrize(
    "text",
    ["00001", "{'array': ", "['000197800123', '00001']", '{"array": null}', "{'device_id': 'xyz'}", "(" * 500],
)
def test_a_text_that_cannot_be_read_is_an_error_and_no_absence(text: str) -> None:
    """A damaged location raises; it is never taken for a volume that does not exist."""
    with pytest.raises(InvalidRequest):
        parse_location(text, CONFIGURED)


def test_a_volume_is_known_by_its_name_and_by_its_bare_id() -> None:
    """Pmax writes the name with prefix; the SMI-S driver wrote the bare id."""
    assert identifiers(VOLUME_ID) == (f"OS-{VOLUME_ID}", VOLUME_ID)


def test_a_migrated_volume_is_known_by_the_name_that_its_device_was_made_with_first() -> None:
    """After a migration by copying, the device is named after the other id."""
    assert identifiers(VOLUME_ID, NAME_ID) == (f"OS-{NAME_ID}", f"OS-{VOLUME_ID}", NAME_ID, VOLUME_ID)


@pytest.mark.parametrize("found", ["OS-", "OS-e8c8a5f0", "e8c8", f"xOS-{VOLUME_ID}", f"OS-{NAME_ID}", ""])
def test_a_part_of_a_name_proves_nothing(found: str) -> None:
    """A device whose identifier merely resembles the volume's is not the volume's."""
    stored = "{'array': '000197900123', 'device_id': '00001'}"
    target = required_target(cinder_objects.volume(VOLUME_ID, provider_location=stored), CONFIGURED)
    device = Volume(array_id=CONFIGURED, device_id=device_id("00001"), identifier=found, capacity=Capacity.from_gib(1))
    with pytest.raises(WrongIdentity):
        target.check(device)


def test_a_migrated_volume_is_found_by_the_id_under_which_it_was_made() -> None:
    """Cinder's `_name_id` is used for a volume that was migrated by copying."""
    stored = "{'array': '000197900123', 'device_id': '00001'}"
    volume = cinder_objects.volume(VOLUME_ID, provider_location=stored, _name_id=NAME_ID)
    target = volume_target(volume, CONFIGURED)
    assert target is not None
    assert target.identifiers[0] == f"OS-{NAME_ID}"


def test_a_volume_without_a_device_cannot_be_used() -> None:
    """An operation that needs a device says that the volume has none."""
    with pytest.raises(InvalidRequest, match="never made"):
        required_target(cinder_objects.volume(VOLUME_ID), CONFIGURED)
