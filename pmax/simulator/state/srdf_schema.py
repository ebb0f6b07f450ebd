"""The tables of SRDF; `state.schema` lists them with all others, so that persistence finds them."""

from pmax.simulator.state.srdf_records import CutLink, RdfGroup, RdfPair, device_key
from pmax.simulator.state.table import Index, TableSpec


def _devices(pair: RdfPair) -> tuple[str, ...]:
    return tuple(device_key(pair.arrays[side], pair.volumes[side]) for side in pair.present_sides)


def _ends(pair: RdfPair) -> tuple[tuple[str, int], ...]:
    return tuple((pair.group_id, side) for side in pair.present_sides)


RDF_GROUPS = TableSpec(
    "rdf_groups",
    RdfGroup,
    key=lambda row: row.group_id,
    indexes=(
        Index("side", lambda row: tuple(side.key for side in row.sides)),
        Index("array", lambda row: tuple(side.symmetrix_id for side in row.sides)),
    ),
)
RDF_PAIRS = TableSpec(
    "rdf_pairs",
    RdfPair,
    key=lambda row: row.pair_id,
    indexes=(
        Index("group", lambda row: (row.group_id,)),
        Index("end", _ends),
        Index("device", _devices),
    ),
)
CUT_LINKS = TableSpec("cut_links", CutLink, key=lambda row: row.key)

SRDF_TABLES = (RDF_GROUPS, RDF_PAIRS, CUT_LINKS)
