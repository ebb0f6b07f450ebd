"""Names, whatever hosts, port groups and pools are called."""

import re
import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pmax.domain import naming
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import device_id
from pmax.domain.labels import HOST_LABELS, PORT_GROUP_LABELS, truncate
from pmax.domain.naming import GroupTraits, NamePolicy
from pmax.domain.service_levels import WORKLOADS

IN_NAMES = string.ascii_letters + string.digits + "_-"
ARRAY_TAKES = re.compile(r"[A-Za-z0-9_-]{1,64}")
SUFFIXES = ("", "-RE", "-RA", "-RM")

names = st.text(IN_NAMES, min_size=1, max_size=64)
domains = st.sampled_from(["", ".", ".example.com", ".prod.example.com"])
hosts = st.builds(str.__add__, st.text(IN_NAMES, min_size=1, max_size=200), domains)
hostile = st.one_of(
    st.text(max_size=200), st.text(IN_NAMES + ". é:/", max_size=40), st.text("-.", max_size=30), hosts, st.just("")
)
letters = st.sampled_from(["I", "F", "NT"])
traits = st.builds(
    GroupTraits,
    srp=st.text(IN_NAMES, min_size=1, max_size=16),
    service_level=st.none() | st.text(IN_NAMES, min_size=1, max_size=14),
    workload=st.none() | st.sampled_from(WORKLOADS),
    compression_disabled=st.booleans(),
    replication_suffix=st.sampled_from(SUFFIXES),
)


def templates(base, length):
    """Every valid template of a scheme."""

    def build(kept, from_end, follow, hashed):
        part = f"[-{kept}:]" if from_end else f"[:{kept}]"
        return base + part + (f"uuid[:{len(follow)}]" if hashed else follow)

    built = st.integers(1, length - 1).flatmap(
        lambda kept: st.builds(
            build, st.just(kept), st.booleans(), st.text(IN_NAMES, min_size=1, max_size=length - kept), st.booleans()
        )
    )
    return st.just(base) | built


policies = st.builds(
    NamePolicy,
    templates(HOST_LABELS.base, HOST_LABELS.length),
    templates(PORT_GROUP_LABELS.base, PORT_GROUP_LABELS.length),
)


@given(st.text(max_size=80), st.integers(0, 70))
def test_truncation(text, length):
    """A truncated text fits, keeps its beginning and its end, and is not truncated again."""
    short = truncate(text, length)
    assert len(short) <= length
    assert truncate(short, length) == short
    half = length // 2
    assert text.startswith(short[:half])
    assert text.endswith(short[len(short) - half :])


@given(policies, hostile)
@example(NamePolicy(), "")
@example(NamePolicy(), "É" * 200)
@example(NamePolicy(), "A" * 200 + ".example.com")
@example(NamePolicy("shortHostName[-6:]uuid[:9]"), "\ud800")
def test_any_host_has_a_valid_label_or_none(policy, host):
    """A host has labels of at most 16 characters that the array takes, or is refused by name."""
    try:
        labels = policy.known_host_labels(host)
    except InvalidRequest as error:
        assert error.field == "compute host"  # noqa: PT017 -- either outcome is right, and both are checked
        return
    assert labels[0] == policy.host_label(host)
    assert len(set(labels)) == len(labels)
    assert all(len(label) <= 16 and ARRAY_TAKES.fullmatch(label) for label in labels)


@given(policies, hosts)
def test_host_of_valid_characters_always_has_a_label(policy, host):
    """Upper case, dashes and 200 characters are no reason to refuse a host."""
    assert policy.host_label(host)


@given(hosts)
def test_label_does_not_depend_on_the_domain(host):
    """A compute host may give itself a short or a fully qualified name."""
    policy = NamePolicy()
    assert policy.known_host_labels(host) == policy.known_host_labels(host.partition(".")[0])


@given(st.text(IN_NAMES, min_size=17, max_size=60))
def test_generations_differ_in_case_only(host):
    """The labels of both generations are the same but for upper and lower case."""
    assert len({label.lower() for label in NamePolicy().known_host_labels(host)}) == 1


@given(policies, hosts, names)
def test_label_of_a_label_needs_no_template(policy, host, port_group):
    """A label that is already short stays as it is."""
    default = NamePolicy()
    assert default.host_label(policy.host_label(host)) == policy.host_label(host)
    assert default.port_group_label(policy.port_group_label(port_group)) == policy.port_group_label(port_group)


@given(policies, hosts, letters, names, traits)
def test_names_fit_into_the_array(policy, host, letter, port_group, group_traits):
    """Every name of every host, port group and template has at most 64 characters, and only valid ones."""
    for known in policy.known(host, letter, port_group):
        built = (
            known.masking_view,
            known.parent_storage_group,
            known.initiator_group,
            known.child_storage_group(group_traits),
            known.no_service_level_child(group_traits.replication_suffix),
        )
        assert all(ARRAY_TAKES.fullmatch(name) for name in built)
        assert len(known.masking_view) <= 38
        assert len(known.initiator_group) <= 25
        assert len(known.child_storage_group(group_traits)) <= 62


@given(policies, hosts, letters, names)
def test_masking_view_gives_its_host_away(policy, host, letter, port_group):
    """With its port group known, taking a view's name apart gives back what it was built of, in every known form."""
    for known in policy.known(host, letter, port_group):
        assert policy.host_names_of(known.masking_view, letter, port_group) == known


@given(policies, hosts, names)
def test_masking_view_is_of_one_protocol(policy, host, port_group):
    """A view of one protocol is never taken for one of another."""
    view = policy.masking_view(host, "I", port_group)
    assert policy.host_names_of(view, "F", port_group) is None
    assert policy.host_names_of(view, "NT", port_group) is None


@given(traits)
def test_default_storage_group_gives_its_traits_away(group_traits):
    """With its SRP known, taking a default group's name apart gives back what it was built of."""
    try:
        name = group_traits.default_storage_group
    except InvalidRequest:
        assume(False)
    found = naming.parse_default_storage_group(name, group_traits.srp, SUFFIXES)
    assert found is not None
    assert found.default_storage_group == name
    if group_traits.service_level is not None:
        assert found == group_traits


@given(st.uuids().map(str), st.sampled_from(["", "volume-", "snapshot-"]))
def test_volume_identifiers(uuid, prefix):
    """A volume's identifier holds its UUID, with and without the prefix."""
    assert naming.volume_identifier(prefix + uuid) == f"OS-{uuid}"
    assert naming.unmanaged_volume_identifier(prefix + uuid) == uuid


@given(st.uuids().map(str))
def test_snapshot_names_fit(uuid):
    """Snapshot names have 18 characters, well below the limit."""
    assert len(naming.snapshot_name(uuid)) == len(naming.group_snapshot_name(uuid)) == 18


@given(st.text(string.ascii_letters + string.digits + "_-.", min_size=1, max_size=29))
def test_managed_snapshots_can_be_given_up(name):
    """Giving a snapshot up restores the name that it had before it was taken over."""
    assert naming.unmanaged_snapshot_name(naming.managed_snapshot_name(name)) == name


@given(st.integers(0, 0xFFFFF).map(lambda number: device_id(f"{number:x}")))
def test_temporary_snapshots_give_their_device_away(device):
    """A temporary snapshot's name tells its source."""
    assert naming.device_of_temporary_snapshot(naming.temporary_snapshot_name(device)) == device


@given(st.none() | st.text(max_size=80), st.uuids().map(str))
def test_volume_groups_give_their_id_away(name, uuid):
    """Whatever users call a group, its storage group has a valid name that ends with its id."""
    storage_group = naming.volume_group_storage_group(name, uuid)
    assert ARRAY_TAKES.fullmatch(storage_group)
    assert naming.volume_group_of(storage_group) == uuid


@given(st.text(max_size=40))
def test_template_is_understood_or_refused(template):
    """No text configured as a template makes anything but a valid policy or an error of the option."""
    try:
        NamePolicy(host_template=template)
    except InvalidRequest as error:
        assert error.field == "powermax_short_host_name_template"  # noqa: PT017 -- either outcome is right
    else:
        assert template.startswith("shortHostName")


@pytest.mark.parametrize("scheme", [HOST_LABELS, PORT_GROUP_LABELS])
def test_base_word_alone_is_the_default(scheme):
    """The word alone changes nothing."""
    assert scheme.known(scheme.base, "name") == ("name",)
