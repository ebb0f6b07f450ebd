"""The records of SRDF: groups between two arrays, pairs of volumes in them, and links that are cut.

They belong to the world, not to an array: both arrays show the same record with local and remote swapped (rule 73). A
side is 0 or 1, the position of an array in its group. R1 and R2 are roles, which may change sides.
"""

from enum import StrEnum

import attrs

from pmax.simulator.pace import Progress


class RdfMode(StrEnum):
    """How a pair replicates; the value is what answers show."""

    SYNCHRONOUS = "Synchronous"
    ASYNCHRONOUS = "Asynchronous"
    ADAPTIVE_COPY = "Adaptive Copy"
    ACTIVE = "Active"

    @property
    def acts_as_one(self) -> bool:
        """All pairs of a group are one consistency set (rule 74)."""
        return self in {RdfMode.ASYNCHRONOUS, RdfMode.ACTIVE}


class PairState(StrEnum):
    """The states of a pair (reference section 7.1).

    The last three are only shown, never kept: the first two while the arrays cannot talk to each other, the third of a
    pair that has lost its other half. `R1 Updated`, `R1 UpdInProg` and `Mixed` never occur: no simulated action leads
    to them, and a group with pairs in several states lists all of them.
    """

    SYNC_IN_PROGRESS = "SyncInProg"
    SYNCHRONIZED = "Synchronized"
    CONSISTENT = "Consistent"
    ACTIVE_ACTIVE = "ActiveActive"
    ACTIVE_BIAS = "ActiveBias"
    SUSPENDED = "Suspended"
    SPLIT = "Split"
    FAILED_OVER = "Failed Over"
    PARTITIONED = "Partitioned"
    TRANSMIT_IDLE = "TransIdle"
    INVALID = "Invalid"


class Access(StrEnum):
    """What hosts may do with a volume of a pair."""

    READY = "Ready"
    WRITE_DISABLED = "Write Disabled"
    NOT_READY = "Not Ready"


@attrs.frozen(kw_only=True)
class RdfSide:
    """One of the two ends of an RDF group.

    Attributes:
        symmetrix_id: the array.
        number: of the group on that array; the other end may have another one (rule 66).
        ports: `director:number`, in the order in which they were added.
    """

    symmetrix_id: str
    number: int
    ports: tuple[str, ...]

    @property
    def key(self) -> str:
        """Identifies this end among all arrays."""
        return side_key(self.symmetrix_id, self.number)


@attrs.frozen(kw_only=True)
class RdfGroup:
    """A group between two arrays, in which volumes are paired.

    Attributes:
        group_id: the first end's key when the group was made.
        sides: the two ends.
        has_witness: something third decides which side survives when Metro loses its link; without it, bias does.
        is_connected: the two ends can talk to each other.
    """

    group_id: str
    label: str
    sides: tuple[RdfSide, RdfSide]
    has_witness: bool = True
    is_connected: bool = True

    def side_of(self, symmetrix_id: str) -> int:
        """Return which side an array is."""
        return 0 if self.sides[0].symmetrix_id == symmetrix_id else 1


@attrs.frozen(kw_only=True)
class RdfPair:
    """Two volumes of which one replicates to the other.

    Attributes:
        group_id: of the group that they are paired in.
        arrays: the arrays of the two sides, as in the group.
        volumes: their ids.
        r1_side: the side whose volume is R1.
        state: the last one; what is shown also depends on the link.
        progress: of copying, in state `SyncInProg` while the arrays are connected.
        copies_to: the side that has yet to receive data that only the other one has: the direction of copying, kept
            while it is interrupted. None when nothing is known to be owed.
        is_exempt: not yet one of the consistency set of its group (reference section 7.2).
        has_bias: Metro prefers R1 when the link is lost, even if there is a witness.
        has_consistency_protection: as switched by EnableConsistency and DisableConsistency.
        missing_side: the side whose half was deleted alone; None for a whole pair.
    """

    group_id: str
    arrays: tuple[str, str]
    volumes: tuple[str, str]
    r1_side: int
    mode: RdfMode
    state: PairState
    progress: Progress | None = None
    copies_to: int | None = None
    is_exempt: bool = False
    has_bias: bool = False
    has_consistency_protection: bool = True
    missing_side: int | None = None

    @property
    def pair_id(self) -> str:
        """Identifies the pair; one volume alone does not, because half a pair may outlive its other half."""
        return f"{self.group_id}/{self.volumes[0]}/{self.volumes[1]}"

    @property
    def r2_side(self) -> int:
        """The side whose volume is R2."""
        return 1 - self.r1_side

    @property
    def present_sides(self) -> tuple[int, ...]:
        """The sides that know of the pair."""
        return tuple(side for side in (0, 1) if side != self.missing_side)


@attrs.frozen(kw_only=True)
class CutLink:
    """Two arrays between which no RDF port reaches any other.

    Attributes:
        arrays: their ids, sorted.
    """

    arrays: tuple[str, str]

    @property
    def key(self) -> str:
        """Identifies the link."""
        return link_key(*self.arrays)


def side_key(symmetrix_id: str, number: int) -> str:
    """Return what identifies an RDF group number of an array among all arrays."""
    return f"{symmetrix_id}:{number}"


def device_key(symmetrix_id: str, volume_id: str) -> str:
    """Return what identifies a volume among all arrays."""
    return f"{symmetrix_id}/{volume_id}"


def link_key(one: str, other: str) -> str:
    """Return what identifies the link between two arrays, whichever is named first."""
    return " ".join(sorted((one, other)))
