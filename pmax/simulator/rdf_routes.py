"""The calls of SRDF and of the replication views: a part of the table in `routes`."""

from pmax.simulator.resources import (
    rdf_directors,
    rdf_groups,
    rdf_pairs,
    storage_group_rdf,
    storage_group_replication,
)
from pmax.simulator.router import Route

_REPLICATION = "/{version}/replication"
_ARRAY = f"{_REPLICATION}/symmetrix/{{symmetrix_id}}"
_RDF_GROUP = f"{_ARRAY}/rdf_group"
_PAIRS = f"{_RDF_GROUP}/{{rdf_group}}/volume"
_PAIR = f"{_PAIRS}/{{volume_id}}"
_STORAGE_GROUP = f"{_ARRAY}/storagegroup"
_GROUP_RDF = f"{_STORAGE_GROUP}/{{storage_group}}/rdf_group"
_RDF_DIRECTOR = f"{_ARRAY}/rdf_director"
_RDF_PORT = f"{_RDF_DIRECTOR}/{{director}}/port"
_FREE_NUMBERS = "/internal/{version}/file/symmetrix/{symmetrix_id}/rdf_group_numbers_free"

_VIEW, _GROUP, _PAIR_KIND, _PROTECTION = "storage group", "SRDF Group", "SRDF Pair", "Storage Group SRDF Group"


RDF_ROUTES: tuple[Route, ...] = (
    # Views
    Route("GET", f"{_REPLICATION}/capabilities/symmetrix", storage_group_replication.list_capabilities, _VIEW, "6.15"),
    Route("GET", _ARRAY, storage_group_replication.get_replication_array, _VIEW, "6.15"),
    Route("GET", _STORAGE_GROUP, storage_group_replication.list_replication_groups, _VIEW, "6.15"),
    Route("POST", _STORAGE_GROUP, storage_group_replication.create_group_of_rdf_group, _VIEW, "6.15", since=103),
    Route("GET", f"{_STORAGE_GROUP}/{{storage_group}}", storage_group_replication.get_replication_group, _VIEW, "6.15"),
    # RDF groups
    Route("GET", _RDF_GROUP, rdf_groups.list_rdf_groups, _GROUP, "6.16"),
    Route("POST", _RDF_GROUP, rdf_groups.create_group, _GROUP, "6.16"),
    Route("GET", f"{_RDF_GROUP}/{{rdf_group}}", rdf_groups.get_rdf_group, _GROUP, "6.16"),
    Route("PUT", f"{_RDF_GROUP}/{{rdf_group}}", rdf_groups.edit_rdf_group, _GROUP, "6.16"),
    Route("DELETE", f"{_RDF_GROUP}/{{rdf_group}}", rdf_groups.remove_rdf_group, _GROUP, "6.16"),
    Route("GET", _FREE_NUMBERS, rdf_groups.list_free_numbers, _GROUP, "6.16", since=100),
    # Pairs: private up to 91, public as of 92
    Route("GET", _PAIRS, rdf_pairs.list_pairs, _PAIR_KIND, "6.17"),
    Route("POST", _PAIRS, rdf_pairs.create_pairs, _PAIR_KIND, "6.17", since=92),
    Route("GET", _PAIR, rdf_pairs.get_pair, _PAIR_KIND, "6.17"),
    Route("DELETE", _PAIR, rdf_pairs.delete_pair, _PAIR_KIND, "6.17", since=92),
    Route("POST", f"/private{_PAIRS}", rdf_pairs.create_named_pairs, _PAIR_KIND, "6.17", since=90, until=91),
    Route("PUT", f"/private{_PAIR}", rdf_pairs.edit_pair, _PAIR_KIND, "6.17", since=90, until=91),
    Route("DELETE", f"/private{_PAIR}", rdf_pairs.delete_pair, _PAIR_KIND, "6.17", since=90, until=91),
    # Storage groups
    Route("GET", _GROUP_RDF, storage_group_rdf.list_groups_of_storage_group, _PROTECTION, "6.18"),
    Route("POST", _GROUP_RDF, storage_group_rdf.protect_storage_group, _PROTECTION, "6.18"),
    Route("GET", f"{_GROUP_RDF}/{{rdf_group}}", storage_group_rdf.get_storage_group_rdf, _PROTECTION, "6.18"),
    Route("PUT", f"{_GROUP_RDF}/{{rdf_group}}", storage_group_rdf.edit_storage_group_rdf, _PROTECTION, "6.18"),
    Route("DELETE", f"{_GROUP_RDF}/{{rdf_group}}", storage_group_rdf.unprotect_storage_group, _PROTECTION, "6.18"),
    # Directors and ports
    Route("GET", _RDF_DIRECTOR, rdf_directors.list_rdf_directors, "RDF director", "6.19"),
    Route("GET", f"{_RDF_DIRECTOR}/{{director}}", rdf_directors.get_rdf_director, "RDF director", "6.19"),
    Route("GET", _RDF_PORT, rdf_directors.list_rdf_ports, "RDF port", "6.19"),
    Route("GET", f"{_RDF_PORT}/{{port}}", rdf_directors.get_rdf_port, "RDF port", "6.19"),
    Route("GET", f"{_RDF_PORT}/{{port}}/remote_port", rdf_directors.list_remote_ports, "RDF port", "6.19"),
)
