"""What every `MaskingReader` promises."""

import pytest

from pmax.domain.errors import NotFound
from pmax.domain.masking import PortKey
from tests.contract.places import ARRAY, IQN, OTHER_IQN, PORT_GROUP


def test_a_listed_view_can_be_found_and_its_parts_too(furnished):
    """Views, groups and port groups agree about each other."""
    masking = furnished.read.masking
    names = masking.list_masking_views(furnished.array_id)
    assert names
    for name in names[:10]:
        view = masking.find_masking_view(furnished.array_id, name)
        assert (view.array_id, view.name) == (furnished.array_id, name)
        assert furnished.read.storage_groups.find_storage_group(furnished.array_id, view.storage_group) is not None
        assert masking.find_port_group(furnished.array_id, view.port_group) is not None
        assert (view.initiator_group is None) != (view.host_group is None)
        if view.initiator_group is not None:
            group = masking.find_initiator_group(furnished.array_id, view.initiator_group)
            assert name in group.masking_views
            found = masking.list_masking_views(
                furnished.array_id, initiator_group=view.initiator_group, port_group=view.port_group
            )
            assert name in found


def test_ports_of_port_groups_can_be_read(furnished):
    """Each port of each group exists, under the key that the group gives."""
    masking = furnished.read.masking
    names = masking.list_port_groups(furnished.array_id)
    assert names
    for name in names[:10]:
        for key in masking.find_port_group(furnished.array_id, name).ports:
            port = masking.get_port(furnished.array_id, key)
            assert (port.key, bool(port.identifier)) == (key, True)


def test_paths_of_a_view(furnished):
    """Every path of a view ends at a volume of its storage group, and the LUN of a volume is the same on all."""
    masking = furnished.read.masking
    name = masking.list_masking_views(furnished.array_id)[0]
    connections = masking.list_connections(furnished.array_id, name)
    assert connections
    for device in {connection.device_id for connection in connections}:
        own = masking.list_connections(furnished.array_id, name, device)
        assert set(own) == {each for each in connections if each.device_id == device}
        assert furnished.read.volumes.find_volume(furnished.array_id, device) is not None


@pytest.mark.parametrize("kind", ["masking_view", "initiator_group", "port_group"])
def test_what_does_not_exist_is_absent(furnished, kind):
    """The array says so of that very object."""
    find = getattr(furnished.read.masking, f"find_{kind}")
    assert find(furnished.array_id, "something_that_is_not_there") is None


def test_paths_of_a_view_that_does_not_exist(furnished):
    """An unknown view has no paths, and not none."""
    with pytest.raises(NotFound) as raised:
        furnished.read.masking.list_connections(furnished.array_id, "a_view_that_is_not_there")
    assert raised.value.kind == "masking view"


def test_a_port_that_does_not_exist(furnished):
    """An unknown port is not offline."""
    with pytest.raises(NotFound):
        furnished.read.masking.get_port(furnished.array_id, PortKey("FA-9Z", "99"))


def test_a_view_as_it_was_made(place):
    """Its parts are those that were joined."""
    device = place.view()
    masking = place.read.masking
    view = masking.find_masking_view(ARRAY, "view")
    assert (view.storage_group, view.port_group, view.initiator_group) == ("parent", PORT_GROUP, "host")
    connections = masking.list_connections(ARRAY, "view", device)
    assert {connection.initiator for connection in connections} == {IQN}
    assert {connection.port for connection in connections} == set(masking.find_port_group(ARRAY, PORT_GROUP).ports)
    assert len({connection.lun for connection in connections}) == 1


def test_an_initiator_group_as_it_was_made(place):
    """Its members are those that were named, and it knows its views."""
    place.view()
    group = place.read.masking.find_initiator_group(ARRAY, "host")
    assert (group.initiators, group.masking_views, group.host_groups) == (frozenset({IQN}), ("view",), 0)
    assert group.holds_exactly(frozenset({IQN.upper()}))
    assert place.read.masking.list_initiator_groups(ARRAY) == ("host",)


def test_views_of_others_are_not_listed(place):
    """Both filters hold."""
    place.view()
    views = place.read.masking.list_masking_views
    assert views(ARRAY, initiator_group="host", port_group="OS-fibre-PG") == ()
    assert views(ARRAY, initiator_group="host", port_group=PORT_GROUP) == ("view",)


def test_logins(place):
    """An initiator has one entry for each port on which it logged in, and the entry knows its group."""
    place.view()
    place.array.log_in(IQN, "SE-4E:0", "SE-5E:0")
    place.array.log_in(OTHER_IQN, "SE-4E:0")
    found = place.read.masking.find_initiators(ARRAY, (IQN.upper(), OTHER_IQN, "iqn.1993-08.org.debian:01:nobody"))
    entries = {(each.name, each.initiator_group, str(each.port), each.is_logged_in) for each in found}
    assert entries == {
        (IQN, "host", "SE-4E:0", True),
        (IQN, "host", "SE-5E:0", True),
        (OTHER_IQN, None, "SE-4E:0", True),
    }


def test_an_initiator_that_never_logged_in_has_no_entry(place):
    """Although it is in a group."""
    place.view()
    assert place.read.masking.find_initiators(ARRAY, (IQN,)) == ()


def test_an_initiator_that_logged_out(place):
    """Its entry stays, and says so."""
    place.view()
    place.array.log_in(IQN, "SE-4E:0")
    place.array.log_out(IQN)
    assert [each.is_logged_in for each in place.read.masking.find_initiators(ARRAY, (IQN,))] == [False]


def test_the_whole_login_table(place):
    """Every entry is there, in a group or not, logged in or not."""
    place.view()
    place.array.log_in(IQN, "SE-4E:0", "SE-5E:0")
    place.array.log_out(IQN, "SE-5E:0")
    place.array.log_in(OTHER_IQN, "SE-4E:0")
    entries = {(each.name, str(each.port), each.is_logged_in) for each in place.read.masking.list_logins(ARRAY)}
    assert entries == {(IQN, "SE-4E:0", True), (IQN, "SE-5E:0", False), (OTHER_IQN, "SE-4E:0", True)}


def test_the_login_table_agrees_with_its_entries(furnished):
    """What is listed is found by name, in the same state."""
    masking = furnished.read.masking
    for login in masking.list_logins(furnished.array_id)[:10]:
        found = masking.find_initiators(furnished.array_id, (login.name,))
        assert (login.port, login.is_logged_in) in {(each.port, each.is_logged_in) for each in found}


def test_an_iscsi_endpoint(place):
    """A virtual port has an IQN and addresses."""
    port = place.read.masking.get_port(ARRAY, PortKey("SE-4E", "0"))
    record = place.array.ports["SE-4E:0"]
    assert (port.identifier, port.ip_addresses, port.is_online) == (record.identifier, record.ip_addresses, True)
