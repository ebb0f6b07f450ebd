"""Plans of retypes, as the steps that they show to people: a table of what was observed and what is planned."""

from __future__ import annotations

import attrs
import pytest

from pmax.domain.commands import RetypeVolume
from pmax.domain.errors import IllegalTransition, InUse, InvalidRequest, PmaxError
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.plans import Recovery
from pmax.domain.policies import VolumePolicy
from pmax.domain.qos import HostIoLimits
from pmax.domain.replicated_retype import Joining, ReplicationChange
from pmax.domain.replication import OtherSide, PairObserved, RdfGroupObserved, Replication
from pmax.domain.replication_devices import ReplicationDevice
from pmax.domain.replication_modes import ReplicationMode
from pmax.domain.retype import Goal, Home, RetypeObserved, groups_after, homes_of, notes_of, plan_retype
from pmax.domain.srdf import GroupReplication, PairState, RdfGroup, RdfPair
from pmax.domain.storage_groups import StorageGroup, StorageGroupDefinition
from pmax.domain.volumes import Volume
from pmax.plugins.replication_async import ASYNCHRONOUS
from pmax.plugins.replication_metro import METRO
from pmax.plugins.replication_sync import SYNCHRONOUS
from tests import builders
from tests.builders import ARRAY, DEVICE, GOLD, PLAIN, exposure

SILVER = attrs.evolve(GOLD, service_level="Silver")
LIMITED = attrs.evolve(SILVER, limits=HostIoLimits(500, None), storage_group_tags=("finance",))
REMOTE = ArrayId("000197900998")
TWIN = DeviceId("00AAA")
WAITING_GOLD, WAITING_SILVER = "OS-SRP_1-Gold-NONE-SG", "OS-SRP_1-Silver-NONE-SG"
CHILD_GOLD, CHILD_SILVER = "OS-host-a-SRP_1-GoldNONE-PG1", "OS-host-a-SRP_1-SilverNONE-PG1"
PARENT = "OS-host-a-I-PG1-SG"


def command(after: VolumePolicy = SILVER, before: VolumePolicy = GOLD) -> RetypeVolume:
    """Retype `volume()`."""
    return RetypeVolume(target=builders.target(), before=before, after=after, protocol="iscsi")


def group(name: str, **changes: object) -> StorageGroup:
    """A group that exists."""
    plain = StorageGroup(array_id=ARRAY, name=name, srp="SRP_1", service_level="Silver", volume_count=1)
    return attrs.evolve(plain, **changes)  # type: ignore[arg-type]  # whatever the test says


def hidden(**changes: object) -> RetypeObserved:
    """A volume that no host sees, and a group for it that exists."""
    plain = RetypeObserved(
        volume=builders.volume(),
        shown=(),
        hidden=WAITING_GOLD,
        hidden_is_own=True,
        goal=Goal(name=WAITING_SILVER, group=group(WAITING_SILVER)),
        homes=(),
        supports_compression=True,
    )
    return attrs.evolve(plain, **changes)  # type: ignore[arg-type]  # whatever the test says


def shown(found: StorageGroup | None, wanted: str = CHILD_SILVER) -> RetypeObserved:
    """A volume that host-a sees, and what is known of the group that shall hold it."""
    seen = exposure("host-a")
    home = Home(storage_group=CHILD_GOLD, parents=(PARENT,), wanted=wanted)
    return hidden(
        volume=builders.volume(storage_groups=(CHILD_GOLD,), front_end_paths=2),
        shown=(seen,),
        hidden=None,
        goal=None,
        homes=((home, Goal(name=wanted, group=found)),),
    )


MOVED = f"move volume {DEVICE} from storage group"
TABLE = {
    "nothing": (hidden(goal=None), SILVER, []),
    "moved": (
        hidden(),
        SILVER,
        [
            f"{MOVED} {WAITING_GOLD} to {WAITING_SILVER}",
            f"delete storage group {WAITING_GOLD} if that left it empty",
        ],
    ),
    "group made, and the old one of others": (
        hidden(goal=Goal(name=WAITING_SILVER, group=None), hidden_is_own=False),
        SILVER,
        [f"create storage group {WAITING_SILVER} (Silver)", f"{MOVED} {WAITING_GOLD} to {WAITING_SILVER}"],
    ),
    "in no group": (hidden(hidden=None), SILVER, [f"add volume {DEVICE} to storage group {WAITING_SILVER}"]),
    "on a host, group made": (
        shown(None),
        LIMITED,
        [
            f"create storage group {CHILD_SILVER} (Silver)",
            f"put storage group {CHILD_SILVER} under {PARENT}",
            f"set host I/O limits of storage group {CHILD_SILVER} to {LIMITED.limits}",
            f"tag storage group {CHILD_SILVER} with finance",
            f"{MOVED} {CHILD_GOLD} to {CHILD_SILVER}",
            f"delete storage group {CHILD_GOLD} if that left it empty",
        ],
    ),
    "on a host, group there": (
        shown(group(CHILD_SILVER, parents=(PARENT,))),
        SILVER,
        [f"{MOVED} {CHILD_GOLD} to {CHILD_SILVER}", f"delete storage group {CHILD_GOLD} if that left it empty"],
    ),
    "on a host, limits only": (
        shown(group(CHILD_GOLD), wanted=CHILD_GOLD),
        LIMITED,
        [
            f"set host I/O limits of storage group {CHILD_GOLD} to {LIMITED.limits}",
            f"tag storage group {CHILD_GOLD} with finance",
        ],
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_plans(case: str) -> None:
    """What was observed and asked decides every step, and all of it can be taken back."""
    observed, after, steps = TABLE[case]
    plan = plan_retype(command(after), observed)
    assert [str(step) for step in plan.steps] == steps
    assert plan.recovery is Recovery.UNDO


def test_a_group_that_hosts_see_is_no_place_to_wait() -> None:
    """A default group in a masking view would show the volume to hosts."""
    masked = Goal(name=WAITING_SILVER, group=group(WAITING_SILVER, masking_views=("view",)))
    with pytest.raises(InUse, match="view"):
        plan_retype(command(), hidden(goal=masked))


@pytest.mark.parametrize(("count", "steps"), [(1, 2), (2, 0)])
def test_what_was_limited_before(count: int, steps: int) -> None:
    """Limits and tags of the former type go only from a group that no other volume shares; else it is said."""
    own = group(CHILD_GOLD, limits=LIMITED.limits, tags=("finance",), volume_count=count)
    observed = shown(own, wanted=CHILD_GOLD)
    asked = command(GOLD, before=attrs.evolve(LIMITED, service_level="Gold"))
    assert len(plan_retype(asked, observed).steps) == steps
    assert bool(notes_of(asked, observed, frozenset())) is (count > 1)


def test_homes() -> None:
    """With a service level one group changes; without one, that of each host."""
    seen = (exposure("host-a"), exposure("host-b", is_waiting=True))
    assert [(home.storage_group, home.wanted) for home in homes_of(seen, SILVER.traits)] == [(CHILD_GOLD, CHILD_SILVER)]
    wanted = [home.wanted for home in homes_of(seen, PLAIN.traits)]
    assert wanted == ["OS-host-a-No_SLO-PG1", "OS-host-b-No_SLO-PG1"]
    replicated = attrs.evolve(SILVER.traits, replication_suffix="-RE")
    assert [(home.wanted, home.is_waiting) for home in homes_of(seen, replicated)] == [
        (f"{CHILD_SILVER}-RE", False),
        ("OS-host-b-No_SLO-PG1-RE", True),
    ]


# Replication


def replication(mode: ReplicationMode, **changes: object) -> Replication:
    """To the other array, in a mode."""
    device = ReplicationDevice(
        target_array_id=REMOTE, remote_srp="SRP_1", remote_port_group="PG1", rdf_group_label="label", mode=mode.name
    )
    return Replication(array_id=ARRAY, device=attrs.evolve(device, **changes), mode=mode)  # type: ignore[arg-type]


def rdf_group(mode: ReplicationMode, count: int, **changes: object) -> RdfGroupObserved:
    """An RDF group that both arrays know alike, with so many pairs."""
    shown_modes = (mode.expected_mode,) if count else ()
    near, far = (
        RdfGroup(
            array_id=array,
            number=7,
            label="label",
            remote_array_id=other,
            remote_number=7,
            modes=shown_modes,
            pair_count=count,
        )
        for array, other in ((ARRAY, REMOTE), (REMOTE, ARRAY))
    )
    members = None
    if count and mode.needs_management_group:
        members = GroupReplication(
            array_id=ARRAY, storage_group="", volume_count=count, is_fully_replicated=True, rdf_groups=(7,)
        )
    states = frozenset(mode.steady_states) if count else frozenset()
    found = RdfGroupObserved(near=near, far=far, states=states, near_members=members, far_members=members)
    return attrs.evolve(found, **changes)  # type: ignore[arg-type]


def management(mode: ReplicationMode) -> tuple[str, ...]:
    """The group that holds all volumes, if there is one."""
    return (f"OS-label-{mode.name}-rdf-sg",) if mode.needs_management_group else ()


def pair(mode: ReplicationMode, *groups: str, count: int = 2, **changes: object) -> PairObserved:
    """The pair of a volume that is in these groups on both arrays."""
    volume = builders.volume(storage_groups=(*groups, *management(mode)), rdf_groups=(7,))
    shown_pair = RdfPair(
        array_id=ARRAY,
        rdf_group=7,
        device_id=DEVICE,
        remote_array_id=REMOTE,
        remote_rdf_group=7,
        remote_device_id=TWIN,
        state=next(iter(mode.steady_states)),
        mode=mode.expected_mode,
        configuration="RDF1+TDEV",
    )
    found = PairObserved(
        replication=replication(mode, allow_delete_metro=True),
        group=rdf_group(mode, count),
        volume=volume,
        pair=shown_pair,
        remote=attrs.evolve(volume, array_id=REMOTE, device_id=TWIN),
    )
    return attrs.evolve(found, **changes)  # type: ignore[arg-type]


def joining(mode: ReplicationMode, count: int = 1, **changes: object) -> Joining:
    """What a volume of Gold becomes a part of."""
    there = OtherSide(storage_group=f"OS-SRP_1-Gold-NONE{mode.suffix}-SG")
    part = Joining(replication=replication(mode), group=rdf_group(mode, count), other=there)
    return attrs.evolve(part, **changes)  # type: ignore[arg-type]


def becoming(mode: ReplicationMode, *, on_host: bool = False, **changes: object) -> RetypeObserved:
    """A plain volume that shall be replicated."""
    name = f"OS-SRP_1-Gold-NONE{mode.suffix}-SG"
    child = CHILD_GOLD + mode.suffix
    observed = (
        shown(group(child, parents=(PARENT,)), wanted=child)
        if on_host
        else hidden(goal=Goal(name=name, group=group(name)))
    )
    return attrs.evolve(observed, replication=ReplicationChange(joining=joining(mode, **changes)))


def leaving(mode: ReplicationMode, *, on_host: bool = False, **changes: object) -> RetypeObserved:
    """A replicated volume that shall be plain."""
    default, child = f"OS-SRP_1-Gold-NONE{mode.suffix}-SG", CHILD_GOLD + mode.suffix
    found = pair(mode, child if on_host else default, **changes)
    assert found.remote is not None
    remote = attrs.evolve(found.remote, storage_groups=(default, *management(mode)))
    found = attrs.evolve(found, remote=remote)
    observed = hidden(volume=found.volume, hidden=default, goal=Goal(name=WAITING_GOLD, group=group(WAITING_GOLD)))
    if on_host:
        observed = attrs.evolve(
            shown(group(CHILD_GOLD, parents=(PARENT,)), wanted=CHILD_GOLD),
            volume=attrs.evolve(found.volume, front_end_paths=2),
            homes=(
                (
                    Home(storage_group=child, parents=(PARENT,), wanted=CHILD_GOLD),
                    Goal(name=CHILD_GOLD, group=group(CHILD_GOLD, parents=(PARENT,))),
                ),
            ),
        )
    change = ReplicationChange(leaving=found, own_groups=frozenset({default}))
    return attrs.evolve(observed, replication=change)


KINDS = {
    "CreatePair": "pair",
    "DeletePair": "part",
    "SuspendSession": "suspend",
    "RenameVolume": "name",
    "DeleteVolume": "delete",
    "AwaitPair": "look",
    "AwaitMembership": "look",
    "MoveVolume": "move",
    "AddVolume": "add",
    "EnsureStorageGroup": "make",
    "PruneStorageGroup": "prune",
}
MODES = (SYNCHRONOUS, ASYNCHRONOUS, METRO)


def words(observed: RetypeObserved) -> str:
    """The plan as words, R2 in capitals."""
    found = []
    for step in plan_retype(command(GOLD), observed).steps:
        word = KINDS[type(step).__name__]
        found.append(word.upper() if step.array_id == REMOTE else word)
    return " ".join(found)


@pytest.mark.parametrize("on_host", [False, True], ids=["hidden", "on a host"])
@pytest.mark.parametrize(
    ("mode", "expected"),
    [(SYNCHRONOUS, "move pair NAME ADD look prune"), (ASYNCHRONOUS, "move pair NAME ADD add ADD look LOOK prune")],
    ids=["Synchronous", "Asynchronous"],
)
def test_a_volume_that_joins(mode: ReplicationMode, expected: str, on_host: bool) -> None:
    """It is in the group of its new type before it is paired, so that no group holds paired volumes and others."""
    assert words(becoming(mode, on_host=on_host)) == expected
    assert plan_retype(command(GOLD), becoming(mode, on_host=on_host)).recovery is Recovery.UNDO


@pytest.mark.parametrize(
    ("mode", "on_host", "count", "expected"),
    [
        (SYNCHRONOUS, False, 2, "part DELETE add prune PRUNE"),
        (SYNCHRONOUS, True, 2, "make add part DELETE move prune PRUNE prune"),
        (ASYNCHRONOUS, False, 2, "part DELETE look move prune PRUNE PRUNE prune"),
        (ASYNCHRONOUS, True, 2, "part DELETE look move prune PRUNE PRUNE prune"),
        (METRO, False, 2, "part DELETE look move prune PRUNE PRUNE prune"),
        (METRO, False, 1, "suspend part DELETE move prune PRUNE PRUNE prune"),
    ],
)
def test_a_volume_that_leaves(mode: ReplicationMode, on_host: bool, count: int, expected: str) -> None:
    """R1 stays in the group through which hosts see it until its pair is gone; there is no way back to R2."""
    observed = leaving(mode, on_host=on_host, count=count)
    assert words(observed) == expected
    assert plan_retype(command(GOLD), observed).recovery is Recovery.FINISH


def test_from_one_replication_to_another() -> None:
    """The former pair ends before the next one begins, since an array would not take both everywhere."""
    name = "OS-SRP_1-Gold-NONE-RA-SG"
    observed = leaving(SYNCHRONOUS)
    change = attrs.evolve(observed.replication, joining=joining(ASYNCHRONOUS))
    observed = attrs.evolve(observed, goal=Goal(name=name, group=group(name)), replication=change)
    assert words(observed) == "part DELETE add pair NAME ADD add ADD look LOOK prune PRUNE"


def test_another_service_level() -> None:
    """Both sides move, and the pair is left alone."""
    before, after = "OS-SRP_1-Gold-NONE-RA-SG", "OS-SRP_1-Silver-NONE-RA-SG"
    definition = StorageGroupDefinition(name=after, srp="SRP_1", service_level="Silver")
    change = ReplicationChange(
        staying=pair(ASYNCHRONOUS, before),
        remote_goal=OtherSide(storage_group=after, missing=((REMOTE, definition),)),
        own_groups=frozenset({before}),
    )
    observed = hidden(
        volume=change.staying.volume, hidden=before, goal=Goal(name=after, group=group(after)), replication=change
    )
    assert words(observed) == "move MAKE MOVE prune PRUNE"


def of_group(volume: Volume) -> Volume:
    """The volume as a member of a generic volume group."""
    return attrs.evolve(volume, storage_groups=(*volume.storage_groups, "name_5d0c7e12-93ab-4f6e-8c21-7b44e0a9d153"))


REFUSED = {
    "hosts see it, and the mode takes none": (becoming(METRO, on_host=True), InUse, "detach"),
    "no name": (
        attrs.evolve(becoming(SYNCHRONOUS), volume=builders.volume(identifier=None)),
        InvalidRequest,
        "no name",
    ),
    "in a volume group": (
        attrs.evolve(becoming(SYNCHRONOUS), volume=of_group(builders.volume())),
        InUse,
        "volume group",
    ),
    "group in disorder": (
        becoming(ASYNCHRONOUS, group=rdf_group(ASYNCHRONOUS, 1, near_members=None)),
        IllegalTransition,
        "disorder",
    ),
    "group in another mode": (becoming(ASYNCHRONOUS, group=rdf_group(SYNCHRONOUS, 1)), InvalidRequest, "mode"),
    "Metro that may not be deleted": (
        leaving(METRO, replication=replication(METRO)),
        InvalidRequest,
        "allow_delete_metro",
    ),
    "failed over": (
        leaving(SYNCHRONOUS, pair=attrs.evolve(pair(SYNCHRONOUS).pair, state=PairState.FAILED_OVER)),
        IllegalTransition,
        "Failed Over",
    ),
    "uneven": (
        leaving(SYNCHRONOUS, group=attrs.evolve(rdf_group(SYNCHRONOUS, 2), far=rdf_group(SYNCHRONOUS, 1).far)),
        IllegalTransition,
        "uneven",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    """What cannot be done is refused with its reason before there is a plan."""
    observed, error, reason = REFUSED[case]
    with pytest.raises(error, match=reason):
        plan_retype(command(GOLD), observed)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"front_end_paths": 2}, "detach it first"),
        ({"is_snapshot_source": True}, "snapshots"),
        ({"storage_groups": ("somebodys",)}, "not ours"),
    ],
)
def test_an_other_side_that_somebody_needs(changes: dict[str, object], reason: str) -> None:
    """R2 is deleted only if nobody sees it, has snapshots of it, or put it into a group."""
    observed = leaving(SYNCHRONOUS)
    found = observed.replication.leaving
    assert found is not None
    needed = attrs.evolve(found, remote=attrs.evolve(found.remote, **changes))
    change = attrs.evolve(observed.replication, leaving=needed)
    with pytest.raises(PmaxError, match=reason):
        plan_retype(command(GOLD), attrs.evolve(observed, replication=change))


def test_groups_after() -> None:
    """Where the volume is follows from the steps about it, and from none about a twin with the same device id."""
    observed = leaving(SYNCHRONOUS)
    plan = plan_retype(command(GOLD), observed)
    twin = [attrs.evolve(step, array_id=REMOTE) for step in plan_retype(command(), hidden()).steps[:1]]
    assert groups_after(observed.volume, [*plan.steps, *twin]) == (WAITING_GOLD,)
    assert groups_after(builders.volume(), plan_retype(command(), hidden()).steps) == (WAITING_SILVER,)
