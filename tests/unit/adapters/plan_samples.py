"""One value of every step, with every field filled in."""

from pmax.domain.capacity import Capacity
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import Connection, PortKey
from pmax.domain.plans import (
    AddInitiators,
    AddReplicatedVolume,
    AddTags,
    AddVolume,
    AddVolumes,
    AwaitGroupSnapshot,
    AwaitGroupSnapshotGone,
    AwaitLinkDefined,
    AwaitLinksDefined,
    AwaitLunAddress,
    AwaitMembership,
    AwaitPair,
    AwaitRestored,
    AwaitSession,
    AwaitSnapshot,
    AwaitSnapshotGone,
    CreateGroupSnapshot,
    CreatePair,
    CreateReplicatedVolume,
    CreateSnapshot,
    CreateTemporaryGroupSnapshot,
    CreateTemporarySnapshot,
    CreateVolume,
    DeleteInitiatorGroup,
    DeleteMaskingView,
    DeletePair,
    DeleteStorageGroup,
    DeleteTemporaryGroupSnapshot,
    DeleteTemporarySnapshot,
    DeleteVolume,
    DiscardPair,
    DissolveStorageGroup,
    EndRestore,
    EnsureChildStorageGroup,
    EnsureInitiatorGroup,
    EnsureMaskingView,
    EnsureStorageGroup,
    ExpandVolume,
    FailbackSession,
    FailoverSession,
    LinkSnapshot,
    LinkSnapshots,
    MoveVolume,
    NewVolume,
    PairTerms,
    ProtectStorageGroup,
    PruneInitiatorGroup,
    PruneStorageGroup,
    Recovery,
    RemoveChildStorageGroup,
    RemoveInitiators,
    RemoveTags,
    RemoveVolume,
    RemoveVolumes,
    RenameSnapshot,
    RenameStorageGroup,
    RenameVolume,
    RestoreSnapshot,
    ResumeSession,
    SetHostIoLimits,
    Step,
    StepOutcome,
    SuspendSession,
    TerminateGroupSnapshot,
    TerminateSnapshot,
    UnlinkSnapshot,
    UnlinkSnapshots,
    UnprotectStorageGroup,
    plan_of,
)
from pmax.domain.qos import Distribution, HostIoLimits
from pmax.domain.snapvx import NewSnapshot, SnapshotKey
from pmax.domain.srdf import PairState, RdfLink, SessionAction
from pmax.domain.storage_groups import StorageGroupDefinition
from pmax.ports.runtime import LockKey

ARRAY = ArrayId("000197900123")
DEVICE = DeviceId("0012F")
IDENTIFIER = "OS-5d0c7e12-93ab-4f6e-8c21-7b44e0a9d153"
GROUP = StorageGroupDefinition(
    name="OS-SRP_1-Gold-NONE-SG", srp="SRP_1", service_level="Gold", workload="OLTP", is_compression_disabled=True
)
INITIATORS = frozenset({"iqn.1994-05.com.example:b", "iqn.1994-05.com.example:a"})
KEY = SnapshotKey(generation=1, snap_id=214_400_500_001, siblings=2)
NEW = NewSnapshot(known=2, known_ids=frozenset({214_400_500_002, 214_400_500_001}))
TEMPORARY = "temp-0012F-snapshot_for_clone"
LIMITS = HostIoLimits(1000, None, Distribution.ON_FAILURE)

LINK = RdfLink(
    array_id=ARRAY, rdf_group=70, remote_array_id=ArrayId("000197900456"), remote_rdf_group=71, label="label"
)

STEPS: tuple[Step, ...] = (
    EnsureStorageGroup(array_id=ARRAY, definition=GROUP),
    DeleteStorageGroup(array_id=ARRAY, definition=StorageGroupDefinition(name="OS-no_SLO-SG")),
    PruneStorageGroup(array_id=ARRAY, name="a", when_emptied="b", parent="p", is_shared=True),
    DissolveStorageGroup(array_id=ARRAY, name="a"),
    PruneInitiatorGroup(array_id=ARRAY, name="a"),
    EnsureChildStorageGroup(array_id=ARRAY, parent="p", child="c"),
    RemoveChildStorageGroup(array_id=ARRAY, parent="p", child="c"),
    SetHostIoLimits(array_id=ARRAY, storage_group="c", before=LIMITS, after=None),
    AddTags(array_id=ARRAY, storage_group="c", tags=("b", "a")),
    RemoveTags(array_id=ARRAY, storage_group="c", tags=("b", "a")),
    CreateVolume(array_id=ARRAY, storage_group="c", identifier=IDENTIFIER, capacity=Capacity.from_gib(3)),
    DeleteVolume(array_id=ARRAY, device=NewVolume(IDENTIFIER), identifier=IDENTIFIER),
    CreateReplicatedVolume(
        link=LINK,
        storage_group="c",
        identifier=IDENTIFIER,
        capacity=Capacity.from_gib(3),
        remote_storage_groups=("c", "m"),
    ),
    AddReplicatedVolume(
        link=LINK,
        device=NewVolume(IDENTIFIER),
        identifier=IDENTIFIER,
        storage_group="c",
        remote_storage_groups=("c", "m"),
    ),
    CreatePair(
        link=LINK,
        device=NewVolume(IDENTIFIER),
        identifier=IDENTIFIER,
        terms=PairTerms(mode="Active", establishes=True, is_exempt=False, has_bias=True),
        storage_group="c",
    ),
    DeletePair(link=LINK, device=DEVICE, remote_device=DEVICE, storage_group="c", remote_storage_groups=("c", "m")),
    DiscardPair(
        link=LINK,
        device=DEVICE,
        remote_device=NewVolume(IDENTIFIER, is_remote=True),
        identifier=IDENTIFIER,
        storage_group="c",
        remote_storage_groups=(),
        deletes_local=True,
    ),
    ProtectStorageGroup(
        link=LINK,
        storage_group="c",
        remote_storage_group="d",
        remote_service_level="Gold",
        terms=PairTerms(mode="Synchronous", establishes=True),
    ),
    UnprotectStorageGroup(link=LINK, storage_group="c"),
    SuspendSession(array_id=ARRAY, storage_group="c", rdf_group=70, is_exempt=True),
    ResumeSession(
        array_id=ARRAY, storage_group="c", rdf_group=70, resume_action=SessionAction.ESTABLISH, has_bias=False
    ),
    FailoverSession(array_id=ARRAY, storage_group="c", rdf_group=70),
    FailbackSession(array_id=ARRAY, storage_group="c", rdf_group=70),
    AwaitSession(
        array_id=ARRAY,
        storage_group="c",
        rdf_group=70,
        states=frozenset({PairState.ACTIVE_BIAS, PairState.ACTIVE_ACTIVE}),
        settle_timeout_s=600,
    ),
    AwaitPair(link=LINK, device=DEVICE, states=frozenset({PairState.CONSISTENT}), settle_timeout_s=600),
    AwaitMembership(link=LINK, storage_group="m", pair_count=3),
    RenameVolume(array_id=ARRAY, device=DEVICE, before="", after="näme"),
    ExpandVolume(
        array_id=ARRAY, device=DEVICE, before=Capacity.from_gib(1), after=Capacity.from_gib(64_000), rdf_group=12
    ),
    AddVolume(array_id=ARRAY, device=DEVICE, storage_group="c"),
    RemoveVolume(array_id=ARRAY, device=DEVICE, storage_group="c"),
    MoveVolume(array_id=ARRAY, device=DEVICE, source="a", target="b"),
    AddVolumes(array_id=ARRAY, devices=(NewVolume(IDENTIFIER), DEVICE), storage_group="c"),
    RemoveVolumes(array_id=ARRAY, devices=(DEVICE,), storage_group="c"),
    RenameStorageGroup(array_id=ARRAY, before="a", after="b"),
    CreateGroupSnapshot(array_id=ARRAY, storage_group="c", name="snap", devices=(DEVICE,)),
    TerminateGroupSnapshot(array_id=ARRAY, name="snap", devices=(DEVICE,), snapshot=NewSnapshot(known=0)),
    CreateTemporaryGroupSnapshot(array_id=ARRAY, storage_group="c", copy_id="id", devices=(DEVICE,)),
    DeleteTemporaryGroupSnapshot(
        array_id=ARRAY, copy_id="id", devices=(DEVICE,), snapshot=SnapshotKey(generation=0, snap_id=7)
    ),
    LinkSnapshots(
        array_id=ARRAY,
        name="snap",
        snapshot=NewSnapshot(known=0),
        devices=(DEVICE,),
        targets=(NewVolume(IDENTIFIER),),
        with_copy=True,
    ),
    UnlinkSnapshots(
        array_id=ARRAY,
        name="snap",
        snapshot=NewSnapshot(known=0),
        devices=(DEVICE,),
        targets=(DeviceId("00130"),),
        is_target_discarded=True,
    ),
    AwaitGroupSnapshot(array_id=ARRAY, name="snap", devices=(DEVICE,)),
    AwaitGroupSnapshotGone(array_id=ARRAY, name="snap", devices=(DEVICE,)),
    AwaitLinksDefined(
        array_id=ARRAY, name="snap", devices=(DEVICE,), targets=(NewVolume(IDENTIFIER),), until_copied=True
    ),
    EnsureInitiatorGroup(array_id=ARRAY, name="i", initiators=INITIATORS),
    DeleteInitiatorGroup(array_id=ARRAY, name="i", initiators=INITIATORS),
    AddInitiators(array_id=ARRAY, initiator_group="i", initiators=INITIATORS),
    RemoveInitiators(array_id=ARRAY, initiator_group="i", initiators=frozenset()),
    EnsureMaskingView(array_id=ARRAY, name="v", initiator_group="i", port_group="p", storage_group="s"),
    DeleteMaskingView(array_id=ARRAY, name="v", initiator_group="i", port_group="p", storage_group="s"),
    AwaitLunAddress(array_id=ARRAY, masking_view="v", device=DEVICE),
    CreateSnapshot(array_id=ARRAY, device=DEVICE, name="s", new=NEW, life_hours=24),
    TerminateSnapshot(array_id=ARRAY, device=DEVICE, name="s", snapshot=KEY),
    CreateTemporarySnapshot(array_id=ARRAY, device=DEVICE, new=NEW),
    DeleteTemporarySnapshot(array_id=ARRAY, device=DEVICE, snapshot=NEW),
    LinkSnapshot(
        array_id=ARRAY, device=DEVICE, name=TEMPORARY, snapshot=NEW, target=NewVolume(IDENTIFIER), with_copy=True
    ),
    UnlinkSnapshot(
        array_id=ARRAY, device=DEVICE, name="s", snapshot=KEY, target=DeviceId("00130"), is_target_discarded=True
    ),
    RestoreSnapshot(array_id=ARRAY, device=DEVICE, name="s", snapshot=KEY),
    EndRestore(array_id=ARRAY, device=DEVICE, name="s", snapshot=SnapshotKey(generation=0)),
    RenameSnapshot(array_id=ARRAY, device=DEVICE, before="s", after="OS-s", snapshot=KEY),
    AwaitSnapshot(array_id=ARRAY, device=DEVICE, name="s", snapshot=NEW),
    AwaitSnapshotGone(array_id=ARRAY, device=DEVICE, name="s", snapshot=KEY),
    AwaitLinkDefined(
        array_id=ARRAY, device=DEVICE, name="s", snapshot=KEY, target=DeviceId("00130"), until_copied=True
    ),
    AwaitRestored(array_id=ARRAY, device=DEVICE, name="s", snapshot=KEY),
)

OUTCOME = StepOutcome(
    changed=True,
    device_id=DEVICE,
    remote_device_id=DeviceId("00ABC"),
    emptied=frozenset({"b", "a"}),
    connections=(
        Connection(
            device_id=DEVICE,
            lun=3,
            initiator="iqn.1994-05.com.example:a",
            port=PortKey("SE-1E", "0"),
            is_logged_in=None,
        ),
    ),
    snapshot=KEY,
)

PLAN = plan_of(STEPS, recovery=Recovery.FINISH)
LOCKS = (LockKey(ARRAY, "host", "node-1"), LockKey(ARRAY, "volume", "0012F"))
