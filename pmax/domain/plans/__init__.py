"""Plans: the changes that an operation will make, as values.

A step names one change to the array. It is the only way to change anything: the executor applies steps through one
port, journals them, and takes them back in reverse when a later one fails. What belongs here: the steps, one module for
each noun, their words and their inverses. What does not: how a step is sent (the command port's adapter) and when (the
executor).

Rules of this package:
- `Ensure…` steps find the wanted state already there to be success; they then changed nothing and are never undone.
- A destructive step carries what it takes to make the object again (its inverse), or the identifier that proves
  whose it is (volumes, which cannot be made again).
- `inverse(inverse(step)) == step` wherever an inverse exists.
- `Prune…` and `Await…` steps are never undone: a prune takes away only what is empty or unused, an await only looks.
  A prune is housekeeping at the end of a plan: it may be tried again, and its failure does not fail the operation.
- Where a step has no way back and nothing is lost by it (a finished copy is unlinked), it stays done.
"""

from pmax.domain.plans.masking import (
    AddInitiators,
    AwaitLunAddress,
    DeleteInitiatorGroup,
    DeleteMaskingView,
    EnsureInitiatorGroup,
    EnsureMaskingView,
    MaskingStep,
    PruneInitiatorGroup,
    RemoveInitiators,
)
from pmax.domain.plans.plan import (
    Plan,
    Recovery,
    Step,
    inverse,
    is_await,
    is_housekeeping,
    is_left_done,
    plan_of,
    resolve,
)
from pmax.domain.plans.references import (
    NewVolume,
    StepOutcome,
    VolumeReference,
    emptied_on,
)
from pmax.domain.plans.replication import (
    AwaitMembership,
    AwaitPair,
    AwaitSession,
    CreatePair,
    CreateReplicatedVolume,
    DeletePair,
    DiscardPair,
    FailbackSession,
    FailoverSession,
    PairTerms,
    ProtectStorageGroup,
    ReplicationStep,
    ResumeSession,
    SuspendSession,
    UnprotectStorageGroup,
)
from pmax.domain.plans.snapshots import (
    AwaitLinkDefined,
    AwaitRestored,
    AwaitSnapshot,
    AwaitSnapshotGone,
    CreateSnapshot,
    CreateTemporarySnapshot,
    DeleteTemporarySnapshot,
    EndRestore,
    LinkSnapshot,
    RenameSnapshot,
    RestoreSnapshot,
    SnapshotStep,
    TerminateSnapshot,
    UnlinkSnapshot,
)
from pmax.domain.plans.storage_groups import (
    AddTags,
    DeleteStorageGroup,
    EnsureChildStorageGroup,
    EnsureStorageGroup,
    PruneStorageGroup,
    RemoveChildStorageGroup,
    RemoveTags,
    SetHostIoLimits,
    StorageGroupStep,
)
from pmax.domain.plans.volumes import (
    AddVolume,
    CreateVolume,
    DeleteVolume,
    ExpandVolume,
    MoveVolume,
    RemoveVolume,
    RenameVolume,
    VolumeStep,
)

__all__ = [
    "AddInitiators",
    "AddTags",
    "AddVolume",
    "AwaitLinkDefined",
    "AwaitLunAddress",
    "AwaitMembership",
    "AwaitPair",
    "AwaitRestored",
    "AwaitSession",
    "AwaitSnapshot",
    "AwaitSnapshotGone",
    "CreatePair",
    "CreateReplicatedVolume",
    "CreateSnapshot",
    "CreateTemporarySnapshot",
    "CreateVolume",
    "DeleteInitiatorGroup",
    "DeleteMaskingView",
    "DeletePair",
    "DeleteStorageGroup",
    "DeleteTemporarySnapshot",
    "DeleteVolume",
    "DiscardPair",
    "EndRestore",
    "EnsureChildStorageGroup",
    "EnsureInitiatorGroup",
    "EnsureMaskingView",
    "EnsureStorageGroup",
    "ExpandVolume",
    "FailbackSession",
    "FailoverSession",
    "LinkSnapshot",
    "MaskingStep",
    "MoveVolume",
    "NewVolume",
    "PairTerms",
    "Plan",
    "ProtectStorageGroup",
    "PruneInitiatorGroup",
    "PruneStorageGroup",
    "Recovery",
    "RemoveChildStorageGroup",
    "RemoveInitiators",
    "RemoveTags",
    "RemoveVolume",
    "RenameSnapshot",
    "RenameVolume",
    "ReplicationStep",
    "RestoreSnapshot",
    "ResumeSession",
    "SetHostIoLimits",
    "SnapshotStep",
    "Step",
    "StepOutcome",
    "StorageGroupStep",
    "SuspendSession",
    "TerminateSnapshot",
    "UnlinkSnapshot",
    "UnprotectStorageGroup",
    "VolumeReference",
    "VolumeStep",
    "emptied_on",
    "inverse",
    "is_await",
    "is_housekeeping",
    "is_left_done",
    "plan_of",
    "resolve",
]
