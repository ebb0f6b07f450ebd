"""The machines of a simulator, whoever asks them: arrays, the links between them, and Unispheres in front of them."""

from collections.abc import Mapping

from pmax.simulator.array_handle import ArrayHandle
from pmax.simulator.behaviour import Behaviour
from pmax.simulator.clock import Clock
from pmax.simulator.front import Front
from pmax.simulator.identifiers import SYMMETRIX_ID
from pmax.simulator.rules.families import family_of, service_levels_of
from pmax.simulator.rules.snapvx_policies import DEFAULT_POLICIES, create_policy
from pmax.simulator.srdf_handle import SrdfHandle
from pmax.simulator.state.records import Array
from pmax.simulator.state.world import World


class Site:
    """What fixtures furnish and faults break.

    Attributes:
        clock: its time.
        seed: decides everything that is random.
        world: its state, for those who extend the simulator.
    """

    def __init__(self, clock: Clock, behaviour: Behaviour, seed: int) -> None:
        self.clock = clock
        self.seed = seed
        self.world = World(clock, behaviour, seed)
        self._fronts: dict[str, Front] = {}

    def add_array(self, symmetrix_id: str, model: str = "PowerMax_2000", microcode: str | None = None) -> ArrayHandle:
        """Add an array with the service levels of its family, but without pools and ports.

        Args:
            symmetrix_id: twelve digits.
            model: one of a known family.
            microcode: the code level; the family's usual one if None.

        Raises:
            ValueError: the id or the model is impossible, or the array exists.
        """
        if not SYMMETRIX_ID.fullmatch(symmetrix_id) or symmetrix_id in self.arrays:
            raise ValueError(f"{symmetrix_id!r} is no new array: its id must have twelve digits")
        family = family_of(model)
        array = Array(
            symmetrix_id=symmetrix_id,
            model=model,
            microcode=microcode or family.microcode,
            is_all_flash=family.is_all_flash,
            is_compression_capable=family.is_compression_capable,
        )
        with self.world.changing() as transaction:
            transaction.arrays.put(array)
            for level in service_levels_of(model):
                transaction.array(symmetrix_id).service_levels.put(level)
            for policy in DEFAULT_POLICIES:
                create_policy(transaction.array(symmetrix_id), policy)
        return ArrayHandle(self.world, symmetrix_id)

    @property
    def arrays(self) -> dict[str, ArrayHandle]:
        """The arrays by id."""
        with self.world.changing() as transaction:
            return {each: ArrayHandle(self.world, each) for each in transaction.arrays.sorted_keys()}

    @property
    def srdf(self) -> SrdfHandle:
        """The RDF groups, pairs and links between the arrays."""
        return SrdfHandle(self.world)

    @property
    def unispheres(self) -> Mapping[str, Front]:
        """The Unispheres by name."""
        return dict(self._fronts)
