"""What the versions of the API do differently (reference section 9): one table, and nobody else asks for a version.

A dialect is chosen by the version in the path of each request; a Unisphere serves all versions up to its own.
"""

import re

import attrs

from pmax.simulator.refusals import NotFound


@attrs.frozen(kw_only=True)
class Dialect:
    """How one version of the API looks.

    Attributes:
        version: the number in the path.
        has_flat_volume_attributes: new volumes are described by `num_of_vols` + `volumeAttribute`, not by a list.
        has_flat_headroom: the headroom is one number, not one per pool and emulation.
        adds_children_directly: `addExistingStorageGroupParam` stands without `expandStorageGroupParam` around it.
        prefixes_port_ids: a port of a port group is `FA-1D:4`, not `4`.
        virtual_port_filter: the query key that tells virtual iSCSI ports from physical ones.
        has_endpoint_fields: ports report `iscsi_endpoint`, `nvmetcp_endpoint` and their protocols.
        private_identifier_key: the key of a volume's identifier in private answers.
        has_nguid: volumes report their NGUID.
        has_storage_group_pairs: volumes report `storage_groups` with the parents.
        takes_starting_lun: adding volumes may name the first LUN address.
        takes_terminate_snapshots: removing volumes may terminate their snapshots.
        takes_remote_groups: `remoteSymmSGInfoParam` is understood.
        takes_rdf_group_on_expand: `rdfGroupNumber` is understood when a volume is expanded.
        has_tags: storage groups and arrays have tags.
        has_host_bandwidth: hosts have a bandwidth limit.
        resets_wwn: `reset_wwn_param` is understood.
        has_v4_fields: arrays of code 6079 report `microcode` and their pools `fba_srp_capacity`.
        snapshot_sources_key: where a device's own snapshots are listed.
        has_snap_ids: snapshots are also known by snap id.
        snap_id_key_in_private_sessions: whether private volume sessions carry `snapid`.
        has_rdf_group_extras: the list of RDF groups says more than number and label.
        has_consistency_actions: SRDF consistency can be switched.
        has_more_replication_capabilities: arrays also say what they can with witnesses, policies and Metro.
    """

    version: int
    has_flat_volume_attributes: bool = True
    has_flat_headroom: bool = True
    adds_children_directly: bool = False
    prefixes_port_ids: bool = True
    virtual_port_filter: str = "iscsi_target"
    has_endpoint_fields: bool = False
    private_identifier_key: str = "nameModifier"
    has_nguid: bool = False
    has_storage_group_pairs: bool = False
    takes_starting_lun: bool = False
    takes_terminate_snapshots: bool = False
    takes_remote_groups: bool = False
    takes_rdf_group_on_expand: bool = False
    has_tags: bool = False
    has_host_bandwidth: bool = False
    resets_wwn: bool = False
    has_v4_fields: bool = False
    snapshot_sources_key: str = "snapshotSrc"
    has_snap_ids: bool = False
    snap_id_key_in_private_sessions: bool = False
    has_rdf_group_extras: bool = False
    has_consistency_actions: bool = False
    has_more_replication_capabilities: bool = False


def _until_9() -> tuple[Dialect, ...]:
    """Versions that Unisphere 9 serves, each out of the one before. 91 is pieced together (section 9)."""
    v83 = Dialect(version=83, adds_children_directly=True)
    v84 = attrs.evolve(v83, version=84, adds_children_directly=False)
    v90 = attrs.evolve(v84, version=90)
    v91 = attrs.evolve(
        v90,
        version=91,
        has_flat_volume_attributes=False,
        has_flat_headroom=False,
        takes_remote_groups=True,
        takes_rdf_group_on_expand=True,
        snapshot_sources_key="snapshotSrcs",  # assumed: seen at 90 and at 92 only
        has_rdf_group_extras=True,  # assumed
    )
    v92 = attrs.evolve(
        v91,
        version=92,
        prefixes_port_ids=False,
        private_identifier_key="userDefinedIdentifier",
        has_tags=True,
        has_snap_ids=True,
        snap_id_key_in_private_sessions=True,
        has_consistency_actions=True,
    )
    return v83, v84, v90, v91, v92


def _since_10(v92: Dialect) -> tuple[Dialect, ...]:
    """Versions that only Unisphere 10 serves, each out of the one before. 101 and 102 are pieced together."""
    v100 = attrs.evolve(
        v92,
        version=100,
        virtual_port_filter="iscsi_endpoint",
        has_endpoint_fields=True,
        has_nguid=True,
        has_storage_group_pairs=True,
        has_v4_fields=True,
        has_host_bandwidth=True,  # assumed: "partial" in section 9
        has_more_replication_capabilities=True,  # assumed: seen with PyU4V 10.x
    )
    v101 = attrs.evolve(v100, version=101, takes_starting_lun=True, resets_wwn=True)
    v102 = attrs.evolve(v101, version=102, takes_terminate_snapshots=True)
    v103 = attrs.evolve(v102, version=103)
    v104 = attrs.evolve(v103, version=104)  # assumed: no server of that version is described; PyU4V 10.4 asks for it
    return v100, v101, v102, v103, v104


_UNTIL_9 = _until_9()
DIALECTS = {each.version: each for each in (*_UNTIL_9, *_since_10(_UNTIL_9[-1]))}
NEWEST = DIALECTS[max(DIALECTS)]

_LONGEST = 3
_VERSION_TEXT = re.compile(r"[VTX](\d+)\.(\d+)\.(\d+)\.(\d+)")


@attrs.frozen
class UnisphereVersion:
    """The version of a Unisphere, such as `V9.2.0.0`; the letter says general, test or development build.

    Attributes:
        text: as given.
    """

    text: str = attrs.field(validator=attrs.validators.matches_re(_VERSION_TEXT))

    @property
    def api_version(self) -> int:
        """The newest path version that it serves: the first two parts, `V9.2…` is 92 and `V10.1…` is 101."""
        major, minor = (int(part) for part in self.text[1:].split(".")[:2])
        return major * 10 + minor

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """All that it serves, oldest first (reference section 1.4)."""
        return tuple(each for version, each in sorted(DIALECTS.items()) if version <= self.api_version)

    def dialect(self, version: str) -> Dialect:
        """Return what a path version means here.

        Raises:
            NotFound: this Unisphere does not serve it.
        """
        found = (
            DIALECTS.get(int(version)) if version.isdigit() and version.isascii() and len(version) <= _LONGEST else None
        )
        if found is None or found.version > self.api_version or version != str(found.version):
            raise NotFound(f"Version [{version}] of the API is not served by Unisphere {self.text}")
        return found
