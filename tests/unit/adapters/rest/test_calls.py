"""What is sent for each step, in each version of the API."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmax.adapters.rest import masking_calls, storage_group_calls, volume_calls
from pmax.adapters.rest.dialects import dialect_of
from pmax.domain import plans
from pmax.domain.capacity import Capacity
from pmax.domain.errors import InvalidRequest
from pmax.domain.qos import Distribution, HostIoLimits
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.domain.versions import UnisphereVersion

ARRAY = "000197900123"
V90, V91, V92, V100 = (
    dialect_of(UnisphereVersion.parse(text)) for text in ("V9.0.0.1", "V9.1.0.0", "V9.2.0.0", "V10.0.0.0")
)
ALL = [V90, V91, V92, V100]
NEWER = [V91, V92, V100]
SYNCHRONOUS = {"executionOption": "SYNCHRONOUS"}
GOLD = StorageGroupDefinition(
    name="gold", srp="SRP_1", service_level="Gold", workload="OLTP", is_compression_disabled=True
)
CREATE = plans.CreateVolume(array_id=ARRAY, storage_group="gold", identifier="OS-a", capacity=Capacity.from_gib(2))
TWO_GIB = {"volume_size": "1093", "capacityUnit": "CYL"}
NAMED = {"identifier_name": "OS-a", "volumeIdentifierChoice": "identifier_name"}


def sent(call):
    """Verb, path below the array, and body of a call; the body survives JSON."""
    prefix, _, rest = call.path.partition(f"/sloprovisioning/symmetrix/{ARRAY}")
    assert prefix in {"/90", "/91", "/92", "/100"}
    body = None if call.body is None else json.loads(call.body_text)
    return call.verb, rest, body


def edited(call):
    """The action of a synchronous edit of a storage group or volume."""
    verb, _, body = sent(call)
    assert (verb, body.pop("executionOption")) == ("PUT", "SYNCHRONOUS")
    [(_, action)] = body.items()
    return action


@pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.version)
def test_the_version_stands_in_the_path(dialect):
    """Each dialect speaks in its own version."""
    assert volume_calls.create(CREATE, dialect).path.startswith(f"/{dialect.version}/")


@pytest.mark.parametrize("dialect", NEWER, ids=lambda dialect: dialect.version)
def test_creating_a_volume(dialect):
    """From 91 on volumes are a list of descriptions. Only a job names the new device, so one is asked for."""
    volumes = {
        "emulation": "FBA",
        "create_new_volumes": "True",
        "volumeAttributes": [{"num_of_vols": 1, **TWO_GIB, "volumeIdentifier": NAMED}],
    }
    assert sent(volume_calls.create(CREATE, dialect)) == (
        "PUT",
        "/storagegroup/gold",
        {
            "executionOption": "ASYNCHRONOUS",
            "editStorageGroupActionParam": {"expandStorageGroupParam": {"addVolumeParam": volumes}},
        },
    )


def test_creating_a_volume_in_90():
    """Before 91 the description is flat."""
    action = volume_calls.create(CREATE, V90).body["editStorageGroupActionParam"]
    assert action["expandStorageGroupParam"]["addVolumeParam"] == {
        "emulation": "FBA",
        "create_new_volumes": "True",
        "num_of_vols": 1,
        "volumeAttribute": TWO_GIB,
        "volumeIdentifier": NAMED,
    }


@pytest.mark.parametrize("dialect", NEWER, ids=lambda dialect: dialect.version)
def test_creating_a_storage_group(dialect):
    """A group with a service level is made without volumes."""
    step = plans.EnsureStorageGroup(array_id=ARRAY, definition=GOLD)
    level = {
        "sloId": "Gold",
        "workloadSelection": "OLTP",
        "noCompression": "true",
        "volumeAttributes": [{"num_of_vols": 0, "volume_size": "0", "capacityUnit": "GB"}],
    }
    assert sent(storage_group_calls.create(step, dialect)) == (
        "POST",
        "/storagegroup",
        {
            **SYNCHRONOUS,
            "storageGroupId": "gold",
            "srpId": "SRP_1",
            "emulation": "FBA",
            "sloBasedStorageGroupParam": [level],
        },
    )


def test_creating_a_storage_group_in_90():
    """Before 91 its lack of volumes is written flat."""
    step = plans.EnsureStorageGroup(array_id=ARRAY, definition=GOLD)
    [level] = storage_group_calls.create(step, V90).body["sloBasedStorageGroupParam"]
    assert level["num_of_vols"] == 0
    assert level["volumeAttribute"] == {"volume_size": "0", "capacityUnit": "GB"}


@pytest.mark.parametrize("is_disabled", [False, None])
def test_compression_is_only_mentioned_to_switch_it_off(is_disabled):
    """An array that cannot compress is told nothing about it."""
    definition = StorageGroupDefinition(
        name="gold", srp="SRP_1", service_level="Gold", is_compression_disabled=is_disabled
    )
    step = plans.EnsureStorageGroup(array_id=ARRAY, definition=definition)
    [level] = storage_group_calls.create(step, V92).body["sloBasedStorageGroupParam"]
    assert "noCompression" not in level
    assert level["workloadSelection"] == "NONE"


@pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.version)
def test_a_group_that_is_not_fast_managed_has_no_pool(dialect):
    """A parent is made without pool and service level."""
    step = plans.EnsureStorageGroup(array_id=ARRAY, definition=StorageGroupDefinition(name="parent"))
    body = {**SYNCHRONOUS, "storageGroupId": "parent", "srpId": "None", "emulation": "FBA"}
    assert sent(storage_group_calls.create(step, dialect)) == ("POST", "/storagegroup", body)


@pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.version)
def test_children(dialect):
    """Children are put under a parent and taken from under it by edits of the parent."""
    add = plans.EnsureChildStorageGroup(array_id=ARRAY, parent="p", child="c")
    remove = plans.RemoveChildStorageGroup(array_id=ARRAY, parent="p", child="c")
    assert storage_group_calls.add_child(add, dialect).path.endswith("/storagegroup/p")
    assert edited(storage_group_calls.add_child(add, dialect)) == {
        "expandStorageGroupParam": {"addExistingStorageGroupParam": {"storageGroupId": ["c"]}}
    }
    assert edited(storage_group_calls.remove_child(remove, dialect)) == {
        "removeStorageGroupParam": {"storageGroupId": ["c"], "force": "true"}
    }


@pytest.mark.parametrize(
    ("after", "texts"),
    [
        (None, ("NOLIMIT", "NOLIMIT", "Never")),
        (HostIoLimits(1000, None), ("1000", "NOLIMIT", "Never")),
        (HostIoLimits(None, 50, Distribution.ON_FAILURE), ("NOLIMIT", "50", "OnFailure")),
    ],
)
def test_limits_are_set_as_a_whole(after, texts):
    """Whatever the limits were, nothing of them stays."""
    step = plans.SetHostIoLimits(array_id=ARRAY, storage_group="gold", before=None, after=after)
    keys = ("host_io_limit_io_sec", "host_io_limit_mb_sec", "dynamicDistribution")
    assert edited(storage_group_calls.set_limits(step, V92)) == {
        "setHostIOLimitsParam": dict(zip(keys, texts, strict=True))
    }


def test_membership():
    """Volumes are added to, removed from and moved between groups by edits of the group that they are in."""
    device = {"array_id": ARRAY, "device": "0012F"}
    add = volume_calls.add(plans.AddVolume(**device, storage_group="gold"), V92)
    remove = volume_calls.remove(plans.RemoveVolume(**device, storage_group="gold"), V92)
    move = volume_calls.move(plans.MoveVolume(**device, source="gold", target="host"), V92)
    assert {call.path.rpartition("/")[2] for call in (add, remove, move)} == {"gold"}
    assert edited(add) == {"expandStorageGroupParam": {"addSpecificVolumeParam": {"volumeId": ["0012F"]}}}
    assert edited(remove) == {"removeVolumeParam": {"volumeId": ["0012F"]}}
    assert edited(move) == {
        "moveVolumeToStorageGroupParam": {"volumeId": ["0012F"], "storageGroupId": "host", "force": "true"}
    }


def test_renaming_a_volume():
    """A volume gets an identifier, or loses it."""
    step = plans.RenameVolume(array_id=ARRAY, device="0012F", before="", after="OS-a")
    assert edited(volume_calls.rename(step, V92)) == {"modifyVolumeIdentifierParam": {"volumeIdentifier": NAMED}}
    assert edited(volume_calls.rename(plans.inverse(step), V92)) == {
        "modifyVolumeIdentifierParam": {"volumeIdentifier": {"volumeIdentifierChoice": "none"}}
    }


def expansion(rdf_group):
    """An expansion to 2 GiB."""
    return plans.ExpandVolume(
        array_id=ARRAY,
        device="0012F",
        before=Capacity.from_gib(1),
        after=Capacity.from_gib(2),
        rdf_group=rdf_group,
    )


def test_expanding_a_volume():
    """The new size is sent, in cylinders."""
    assert edited(volume_calls.expand(expansion(None), V92)) == {"expandVolumeParam": {"volumeAttribute": TWO_GIB}}


@pytest.mark.parametrize("dialect", NEWER, ids=lambda dialect: dialect.version)
def test_expanding_a_replicated_volume(dialect):
    """Its SRDF group is named, so that both sides grow."""
    action = edited(volume_calls.expand(expansion(70), dialect))
    assert action == {"expandVolumeParam": {"volumeAttribute": TWO_GIB, "rdfGroupNumber": 70}}


def test_expanding_a_replicated_volume_in_90():
    """Before 91 the service does not know that key."""
    assert "rdfGroupNumber" not in edited(volume_calls.expand(expansion(70), V90))["expandVolumeParam"]


def test_deleting_a_volume():
    """A deletion has no body; freeing before it is an edit."""
    step = plans.DeleteVolume(array_id=ARRAY, device="0012F", identifier="OS-a")
    assert sent(volume_calls.delete(step, V92)) == ("DELETE", "/volume/0012F", None)
    assert edited(volume_calls.free(step, V92)) == {"freeVolumeParam": {"free_volume": True}}


def test_initiator_groups():
    """Initiators are sent in a fixed order."""
    initiators = frozenset({"10000090fa5e1a05", "10000090fa5e1a04"})
    ordered = ["10000090fa5e1a04", "10000090fa5e1a05"]
    create = plans.EnsureInitiatorGroup(array_id=ARRAY, name="ig", initiators=initiators)
    add = plans.AddInitiators(array_id=ARRAY, initiator_group="ig", initiators=initiators)
    remove = plans.inverse(add)
    assert sent(masking_calls.create_initiator_group(create, V92)) == (
        "POST",
        "/host",
        {**SYNCHRONOUS, "hostId": "ig", "initiatorId": ordered},
    )
    assert sent(masking_calls.add_initiators(add, V92)) == (
        "PUT",
        "/host/ig",
        {**SYNCHRONOUS, "editHostActionParam": {"addInitiatorParam": {"initiator": ordered}}},
    )
    assert sent(masking_calls.remove_initiators(remove, V92)) == (
        "PUT",
        "/host/ig",
        {**SYNCHRONOUS, "editHostActionParam": {"removeInitiatorParam": {"initiator": ordered}}},
    )
    assert sent(masking_calls.delete_initiator_group(ARRAY, "ig", V92, "")) == ("DELETE", "/host/ig", None)


def test_masking_views():
    """A view joins what exists already."""
    step = plans.EnsureMaskingView(array_id=ARRAY, name="mv", initiator_group="ig", port_group="pg", storage_group="sg")
    assert sent(masking_calls.create_masking_view(step, V92)) == (
        "POST",
        "/maskingview",
        {
            **SYNCHRONOUS,
            "maskingViewId": "mv",
            "hostOrHostGroupSelection": {"useExistingHostParam": {"hostId": "ig"}},
            "portGroupSelection": {"useExistingPortGroupParam": {"portGroupId": "pg"}},
            "storageGroupSelection": {"useExistingStorageGroupParam": {"storageGroupId": "sg"}},
        },
    )
    assert sent(masking_calls.delete_masking_view(plans.inverse(step), V92)) == ("DELETE", "/maskingview/mv", None)


@pytest.mark.parametrize("name", ["..", "", "a\nb"])
def test_a_hostile_name_is_never_sent(name):
    """What is no name never becomes part of a path."""
    step = plans.DeleteMaskingView(array_id=ARRAY, name=name, initiator_group="ig", port_group="pg", storage_group="sg")
    with pytest.raises(InvalidRequest):
        masking_calls.delete_masking_view(step, V92)


NAMES = st.from_regex(r"\A[A-Za-z0-9_-]{1,64}\Z")


@given(NAMES)
def test_an_interim_name_is_a_name_and_begins_as_the_old_one(name):
    """The array takes it, people recognise it, and it is never the name itself."""
    interim = storage_group_calls.interim_name(name)
    assert 1 <= len(interim) <= 64
    assert interim != name
    assert interim.startswith(name[:40])
    assert storage_group_calls.interim_name(name) == interim


@given(NAMES, NAMES)
def test_interim_names_of_different_groups_differ(one, other):
    """Two groups never meet under one interim name."""
    if one != other:
        assert storage_group_calls.interim_name(one) != storage_group_calls.interim_name(other)


def test_long_interim_names_differ_in_their_digits():
    """Where the name must be cut, digits of its hash tell it from others that begin alike."""
    one, other = ("x" * 63 + end for end in "ab")
    assert storage_group_calls.interim_name(one) != storage_group_calls.interim_name(other)
