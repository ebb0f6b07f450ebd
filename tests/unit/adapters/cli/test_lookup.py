"""Finding the volume that a person means."""

import attrs
import pytest

from pmax.adapters.cli.lookup import VolumeFinder, target
from pmax.domain.capacity import Capacity
from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.identifiers import ArrayId, DeviceId, volume_wwn
from pmax.domain.volumes import Volume

ARRAY = ArrayId("000197900123")
UUID = "e8c8a5f0-7d1a-4d4c-9e05-1a2b3c4d5e6f"


def volume(device: str, identifier: str | None, wwn: str | None = None) -> Volume:
    """A volume of 1 GiB."""
    device_id = DeviceId(device)
    return Volume(
        array_id=ARRAY,
        device_id=device_id,
        identifier=identifier,
        capacity=Capacity.from_gib(1),
        wwn=wwn or volume_wwn(ARRAY, device_id),
    )


@attrs.frozen
class Shelf:
    """Volumes that can be read."""

    volumes: tuple[Volume, ...]

    def find_volume(self, _array_id, device_id):
        """The volume of this device."""
        return next((each for each in self.volumes if each.device_id == device_id), None)

    def find_devices_by_identifier(self, _array_id, identifier):
        """Devices that carry this identifier."""
        return tuple(each.device_id for each in self.volumes if each.identifier == identifier)

    def list_volumes(self, _array_id):
        """All."""
        return iter(self.volumes)


MOVED_WWN = volume_wwn(ArrayId("000197900999"), DeviceId("00001"))
SHELF = Shelf(
    (
        volume("00588", "finance-01"),
        volume("0CAFE", "other"),
        volume("00012", "cafe"),
        volume("00013", f"OS-{UUID}"),
        volume("00014", "twice"),
        volume("00015", "twice"),
        volume("00016", None, MOVED_WWN),
        volume("00017", "12345"),
    )
)


def find(text: str) -> str:
    """The device that a text means."""
    return VolumeFinder(SHELF, ARRAY).find(text).device_id


@pytest.mark.parametrize(
    "text",
    [
        "588",
        "00588",
        "0x588",
        "finance-01",
        "60000970000197900123533030353838",
        "360000970000197900123533030353838",
        "naa.60000970000197900123533030353838",
        "60000970000197900123533030353838".upper(),
    ],
)
def test_one_volume_has_many_names(text) -> None:
    """A device id in any form, an identifier, and a WWN in the forms of other tools all find the volume."""
    assert find(text) == "00588"


@pytest.mark.parametrize("text", [UUID, UUID.upper().lower(), f"OS-{UUID}"])
def test_a_cinder_id_finds_the_volume(text) -> None:
    """Cinder's id is turned into the identifier that its driver gives a volume."""
    assert find(text) == "00013"


def test_a_foreign_wwn_is_searched_for() -> None:
    """A volume that carries the WWN of another array's device is found all the same."""
    assert find(MOVED_WWN) == "00016"


def test_a_text_that_is_both_id_and_name_is_refused() -> None:
    """`cafe` is device 0CAFE and the name of 00012: nothing is guessed."""
    with pytest.raises(InvalidRequest, match="0CAFE and the name of 00012"):
        find("cafe")


def test_five_digits_are_a_device_id() -> None:
    """With all five digits, or 0x, the device is meant and no name."""
    assert find("0cafe") == "0CAFE"
    assert find("0xcafe") == "0CAFE"


def test_a_name_of_digits_is_found_where_no_such_device_exists() -> None:
    """What could be a device id is looked for as a name when there is no such device."""
    assert find("12345") == "00017"


def test_two_volumes_of_one_name_are_refused() -> None:
    """The array does not keep identifiers unique, so both devices are named."""
    with pytest.raises(InvalidRequest, match="00014, 00015"):
        find("twice")


@pytest.mark.parametrize(
    "text", ["99999", "nothing", "00000000-0000-4000-8000-000000000000", "60000970000197900123533030303939"]
)
def test_what_is_not_there_is_not_found(text) -> None:
    """An unknown id, name, Cinder id or WWN is told as not found."""
    with pytest.raises(NotFound, match="does not exist"):
        find(text)


@pytest.mark.parametrize("text", ["", "x" * 65])
def test_what_cannot_be_a_name_is_refused(text) -> None:
    """Nothing is asked of the array for an empty text or one of 65 characters."""
    with pytest.raises(InvalidRequest):
        find(text)


def test_a_target_proves_itself_by_the_identifier() -> None:
    """A command carries the identifier that was read, if there was one."""
    assert target(SHELF.volumes[0]).identifiers == ("finance-01",)
    assert target(SHELF.volumes[6]).identifiers == ()
