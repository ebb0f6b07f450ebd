"""Which host port reaches which port of the array, by what Cinder's lookup service says."""

from collections.abc import Iterable, Mapping

from pmax.adapters.cinder.fabric import Fabric

LEFT, RIGHT = "10000000c9000001", "10000000c9000002"
FA_1, FA_2, FA_3 = "5000097350000404", "5000097350000405", "5000097350000406"


class Fabrics:
    """A lookup service that knows what is logged in to each fabric."""

    def __init__(self, *fabrics: set[str]) -> None:
        self.fabrics = fabrics

    def get_device_mapping_from_network(
        self, initiator_list: list[str], target_list: list[str]
    ) -> Mapping[str, Mapping[str, Iterable[str]]]:
        """Those of the given ports that are in each fabric."""
        return {
            f"fabric {number}": {
                "initiator_port_wwn_list": [name for name in initiator_list if name in members],
                "target_port_wwn_list": [name for name in target_list if name in members],
            }
            for number, members in enumerate(self.fabrics)
        }


class ColonFabrics(Fabrics):
    """The same, for a vendor that spells names with colons and upper case."""

    def get_device_mapping_from_network(self, initiator_list, target_list):
        """The same, spelled differently."""
        found = super().get_device_mapping_from_network(initiator_list, target_list)
        return {
            fabric: {key: [spelled(name) for name in names] for key, names in ports.items()}
            for fabric, ports in found.items()
        }


def spelled(wwn: str) -> str:
    """A world wide name with colons and in upper case."""
    return ":".join(wwn[at : at + 2] for at in range(0, 16, 2)).upper()


def connection_info() -> dict[str, object]:
    """Two host ports and three targets, each reaching each."""
    targets = [FA_1, FA_2, FA_3]
    return {
        "driver_volume_type": "fibre_channel",
        "data": {
            "target_discovered": True,
            "target_lun": 1,
            "target_wwn": list(targets),
            "initiator_target_map": {LEFT: list(targets), RIGHT: list(targets)},
        },
    }


def test_without_a_lookup_service_every_host_port_reaches_every_target() -> None:
    """A fabric that Cinder does not manage counts as zoned by hand."""
    assert Fabric(None).narrowed(connection_info()) == connection_info()


def test_a_host_port_reaches_the_targets_of_its_own_fabric() -> None:
    """Two separate fabrics give each host port its own targets, in the order of the array's ports."""
    narrowed = Fabric(Fabrics({LEFT, FA_3, FA_1}, {RIGHT, FA_2})).narrowed(connection_info())
    assert narrowed["data"]["initiator_target_map"] == {LEFT: [FA_1, FA_3], RIGHT: [FA_2]}
    assert narrowed["data"]["target_wwn"] == [FA_1, FA_2, FA_3]
    assert narrowed["data"]["target_lun"] == 1


def test_a_host_port_on_two_fabrics_reaches_the_targets_of_both_once() -> None:
    """Targets that several fabrics show are named once."""
    narrowed = Fabric(Fabrics({LEFT, FA_1}, {LEFT, FA_1, FA_2})).narrowed(connection_info())
    assert narrowed["data"]["initiator_target_map"] == {LEFT: [FA_1, FA_2]}
    assert narrowed["data"]["target_wwn"] == [FA_1, FA_2]


def test_names_are_compared_without_their_spelling() -> None:
    """Colons and upper case do not make another port; the result is spelled as the array spells it."""
    narrowed = Fabric(ColonFabrics({LEFT, FA_1})).narrowed(connection_info())
    assert narrowed["data"]["initiator_target_map"] == {LEFT: [FA_1]}


def test_a_network_that_knows_no_target_changes_nothing() -> None:
    """An attachment without any path would help nobody, so the full map is kept."""
    assert Fabric(Fabrics({LEFT, RIGHT})).narrowed(connection_info()) == connection_info()


def test_nothing_to_zone_stays_nothing() -> None:
    """A detach that leaves the host other volumes has an empty map."""
    nothing = {"driver_volume_type": "fibre_channel", "data": {}}
    assert Fabric(Fabrics({LEFT, FA_1})).narrowed(nothing) == nothing


def test_the_protocols_answer_is_not_changed_in_place() -> None:
    """Cinder writes into what it gets, which must not reach back into our values."""
    original = connection_info()
    Fabric(None).narrowed(original)["data"]["access_mode"] = "rw"
    assert original == connection_info()
