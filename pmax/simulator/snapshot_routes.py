"""The calls of snapshots and their policies, and the enhanced listing of volumes: a part of the table in `routes`.

The views of what is replicated (reference section 6.15) are among those of SRDF: `rdf_routes`.
"""

from pmax.simulator.resources import (
    enhanced_volumes,
    group_snapshot_edits,
    group_snapshots,
    snapshot_policies,
    volume_snapshot_reads,
    volume_snapshots,
)
from pmax.simulator.router import Handler, Route

_ARRAY = "/{version}/replication/symmetrix/{symmetrix_id}"
_SNAPSHOT = f"/private{_ARRAY}/snapshot/{{snapshot}}"
_VOLUMES = f"/private{_ARRAY}/volume"
_OF_VOLUME = f"{_VOLUMES}/{{volume_id}}/snapshot"
_GENERATIONS = f"{_OF_VOLUME}/{{snapshot}}/generation"
_GROUP = f"{_ARRAY}/storagegroup/{{storage_group}}"
_OF_GROUP = f"{_GROUP}/snapshot"
_BY_GENERATION = f"{_OF_GROUP}/{{snapshot}}/generation"
_BY_SNAP_ID = f"{_OF_GROUP}/{{snapshot}}/snapid"
_POLICIES = f"{_ARRAY}/snapshot_policy"
_POLICY = f"{_POLICIES}/{{snapshot_policy}}"
_ENHANCED_VOLUMES = "/rest/v1/systems/{symmetrix_id}/volumes"

_FIRST_WITH_SNAP_IDS = 92
_FIRST_WITH_POLICIES = 92
"""Inferred: snapshot policies came with Unisphere 9.2."""


def _snapshot(verb: str, template: str, handler: Handler, since: int = 0) -> Route:
    return Route(verb, template, handler, "snapshot", "6.13", since=since)


def _generation(verb: str, template: str, handler: Handler, since: int = 0) -> Route:
    return Route(verb, template, handler, "snapshot generation", "6.14", since=since)


def _policy(verb: str, template: str, handler: Handler) -> Route:
    return Route(verb, template, handler, "snapshot policy", "6.21", since=_FIRST_WITH_POLICIES)


SNAPSHOT_ROUTES: tuple[Route, ...] = (
    # Volume level, private
    _snapshot("POST", _SNAPSHOT, volume_snapshots.create_volume_snapshot),
    _snapshot("PUT", _SNAPSHOT, volume_snapshots.change_volume_snapshot),
    _snapshot("DELETE", _SNAPSHOT, volume_snapshots.remove_volume_snapshot),
    _snapshot("GET", _VOLUMES, volume_snapshot_reads.list_volumes_with_snapshots),
    _snapshot("GET", _OF_VOLUME, volume_snapshot_reads.get_volume_snapshots),
    _snapshot("GET", f"{_OF_VOLUME}/{{snapshot}}", volume_snapshot_reads.get_named_snapshots),
    _snapshot("GET", _GENERATIONS, volume_snapshot_reads.list_generations),
    _snapshot("GET", f"{_GENERATIONS}/{{generation}}", volume_snapshot_reads.get_generation),
    # Storage-group level, public
    _generation("GET", _OF_GROUP, group_snapshots.list_group_snapshots),
    _generation("POST", _OF_GROUP, group_snapshots.create_snapshot_of_group),
    _generation("DELETE", _OF_GROUP, group_snapshots.remove_group_snapshots, since=103),
    _generation("GET", _BY_GENERATION, group_snapshots.list_group_generations),
    _generation("GET", f"{_BY_GENERATION}/{{generation}}", group_snapshots.get_snapshot_of_group),
    _generation("PUT", f"{_BY_GENERATION}/{{generation}}", group_snapshot_edits.edit_group_snapshot),
    _generation("DELETE", f"{_BY_GENERATION}/{{generation}}", group_snapshots.remove_group_snapshot),
    _generation("GET", _BY_SNAP_ID, group_snapshots.list_group_snap_ids, _FIRST_WITH_SNAP_IDS),
    _generation("GET", f"{_BY_SNAP_ID}/{{snap_id}}", group_snapshots.get_snapshot_of_group, _FIRST_WITH_SNAP_IDS),
    _generation("PUT", f"{_BY_SNAP_ID}/{{snap_id}}", group_snapshot_edits.edit_group_snapshot, _FIRST_WITH_SNAP_IDS),
    _generation("DELETE", f"{_BY_SNAP_ID}/{{snap_id}}", group_snapshots.remove_group_snapshot, _FIRST_WITH_SNAP_IDS),
    # Policies
    _policy("GET", _POLICIES, snapshot_policies.list_policies),
    _policy("POST", _POLICIES, snapshot_policies.create_snapshot_policy),
    _policy("GET", _POLICY, snapshot_policies.get_policy),
    _policy("PUT", _POLICY, snapshot_policies.edit_policy),
    _policy("DELETE", _POLICY, snapshot_policies.remove_policy),
    _policy("GET", f"{_POLICY}/storagegroup", snapshot_policies.list_policy_groups),
    _policy("GET", f"{_POLICY}/storagegroup/{{storage_group}}", snapshot_policies.get_policy_group),
    _policy("GET", f"{_GROUP}/compliance/snapshot", snapshot_policies.get_compliance),
    # The enhanced API
    Route("GET", _ENHANCED_VOLUMES, enhanced_volumes.list_enhanced_volumes, "volumes", "6.23", since=100),
)
