"""What a test may do with SRDF without going through REST: look at it, make groups, cut and restore links."""

import attrs

from pmax.simulator.rules.srdf_copying import finish_copy
from pmax.simulator.rules.srdf_groups import create_rdf_group
from pmax.simulator.rules.srdf_pairs import all_groups, all_pairs, find_group, pairs_of_volume
from pmax.simulator.rules.srdf_transitions import LINKED, access, shown_state, steady_state
from pmax.simulator.state.masking_records import PortKind
from pmax.simulator.state.srdf_records import CutLink, PairState, RdfGroup, RdfMode, RdfPair, RdfSide, link_key
from pmax.simulator.state.srdf_schema import CUT_LINKS
from pmax.simulator.state.transaction import Transaction
from pmax.simulator.state.world import World

GroupEnd = tuple[str, int]
"""An array and the number of an RDF group on it."""


class SrdfHandle:
    """The RDF groups, pairs and links between all arrays of a simulator.

    Everything that is looked up is a copy of the committed state. An array that is down, and ports or directors that
    are offline, are the business of `ArrayHandle`; pairs follow what happens there.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def groups(self) -> tuple[RdfGroup, ...]:
        """All RDF groups, by the array and the number of their first end."""
        with self._world.changing() as transaction:
            return tuple(sorted(all_groups(transaction), key=lambda group: group.group_id))

    @property
    def pairs(self) -> tuple[RdfPair, ...]:
        """All pairs, by group and volume."""
        with self._world.changing() as transaction:
            return tuple(sorted(all_pairs(transaction), key=lambda pair: pair.pair_id))

    def pair_of(self, symmetrix_id: str, volume_id: str, number: int | None = None) -> RdfPair:
        """Return the pair of a volume, in the group of that number if one is given, else in the first one.

        Raises:
            KeyError: it is in no such pair.
        """
        with self._world.changing() as transaction:
            return _find(transaction, symmetrix_id, volume_id, number)[1]

    def state_of(self, symmetrix_id: str, volume_id: str, number: int | None = None) -> PairState:
        """Return the state of a volume's pair as answers show it; unlike a client's look, this lets nothing go on."""
        with self._world.changing() as transaction:
            return shown_state(*_find(transaction, symmetrix_id, volume_id, number))

    def access_to(self, symmetrix_id: str, volume_id: str, number: int | None = None) -> str:
        """Return what the pair of a volume lets hosts do with it: `Ready`, `Write Disabled` or `Not Ready`."""
        with self._world.changing() as transaction:
            group, pair = _find(transaction, symmetrix_id, volume_id, number)
            return access(group, pair, group.side_of(symmetrix_id)).value

    def other_side(self, symmetrix_id: str, volume_id: str, number: int | None = None) -> tuple[str, str]:
        """Return array and id of the volume that a volume is paired with."""
        with self._world.changing() as transaction:
            group, pair = _find(transaction, symmetrix_id, volume_id, number)
            far = 1 - group.side_of(symmetrix_id)
            return pair.arrays[far], pair.volumes[far]

    def add_group(self, label: str, one: GroupEnd, other: GroupEnd) -> RdfGroup:
        """Make an empty RDF group between two arrays, over all of their RDF ports.

        Raises:
            ArrayRefused: it cannot be made.
        """
        with self._world.changing() as transaction:
            sides = (_side(transaction, one), _side(transaction, other))
            return create_rdf_group(transaction, label, sides)

    def cut_link(self, one: str, other: str) -> None:
        """Let nothing get through between two arrays any more."""
        with self._world.changing() as transaction:
            first, second = sorted((one, other))
            transaction.rows(CUT_LINKS).put(CutLink(arrays=(first, second)))

    def restore_link(self, one: str, other: str) -> None:
        """Let two arrays reach each other again; nothing happens if they do."""
        with self._world.changing() as transaction:
            cut = transaction.rows(CUT_LINKS)
            if link_key(one, other) in cut:
                cut.delete(link_key(one, other))

    def set_witness(self, end: GroupEnd, *, is_there: bool) -> None:
        """Give the Metro pairs of a group a witness, or take it away: then bias decides."""
        with self._world.changing() as transaction:
            group = find_group(transaction.array(end[0]), end[1])
            if group is None:
                raise KeyError(end)
            group = attrs.evolve(group, has_witness=is_there)
            all_groups(transaction).put(group)
            for pair in all_pairs(transaction).where("group", group.group_id):
                if pair.mode is RdfMode.ACTIVE and pair.state in LINKED - {PairState.SYNC_IN_PROGRESS}:
                    all_pairs(transaction).put(attrs.evolve(pair, state=steady_state(group, pair)))

    def finish_copies(self) -> None:
        """Let all copies that are under way between arrays that reach each other end now."""
        with self._world.changing() as transaction:
            for pair in tuple(all_pairs(transaction)):
                if pair.state is PairState.SYNC_IN_PROGRESS and pair.progress is not None:
                    finish_copy(transaction, pair)


def _side(transaction: Transaction, end: GroupEnd) -> RdfSide:
    ports = transaction.array(end[0]).ports
    names = tuple(sorted(port.name for port in ports if port.kind is PortKind.RDF))
    return RdfSide(symmetrix_id=end[0], number=end[1], ports=names)


def _find(transaction: Transaction, symmetrix_id: str, volume_id: str, number: int | None) -> tuple[RdfGroup, RdfPair]:
    array = transaction.array(symmetrix_id)
    for group, pair in pairs_of_volume(array, volume_id):
        if number in {None, group.sides[group.side_of(symmetrix_id)].number}:
            return group, pair
    raise KeyError((symmetrix_id, volume_id, number))
