"""How the service writes what pmax reads: a key for each attribute of each class, as tables.

What belongs here: names of keys, and by which reader of `fields` a value is read where the strict one is not meant.
What does not: how a table becomes a converter (`converter`).

Source of the keys: unisphere-rest.md section 6. Shapes that differ from the domain's stand in `wire`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pmax.adapters.rest import fields as read
from pmax.adapters.rest import private_wire, snapshot_wire, wire
from pmax.domain.masking import Connection, Initiator, InitiatorGroup, MaskingView, PortGroup
from pmax.domain.srdf import GroupReplication, RdfGroup, RdfGroupName, RdfPair, RdfSession
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume

Hook = Callable[[Any, Any], Any]


class Key:
    """How the service writes one attribute.

    `absent` is what a key means that is not there, for attributes without a default; `is_required` refuses its absence
    although the attribute has one, so that a figure that is missing never reads as zero.
    """

    def __init__(
        self, name: str, hook: Hook | None = None, *, absent: object = None, is_required: bool = False
    ) -> None:
        self.name = name
        self.hook = hook
        self.absent = absent
        self.is_required = is_required


# In each of these tables a part stands before the whole that holds it: a class takes over what is known of its parts
# when it is registered.

_VOLUMES: Final[Mapping[type, Mapping[str, Key | None]]] = {
    Volume: {
        "device_id": Key("volumeId"),
        "identifier": Key("volume_identifier", read.text_or_none, absent=""),
        "capacity": Key("cap_cyl", read.cylinders),
        "storage_groups": Key("storageGroupId"),
        "configuration": Key("type"),
        "front_end_paths": Key("num_of_front_end_paths", read.lenient_integer, is_required=True),
        "is_snapshot_source": Key("snapvx_source", read.lenient_boolean, is_required=True),
        "is_snapshot_target": Key("snapvx_target", read.lenient_boolean, is_required=True),
        "rdf_groups": Key("rdfGroupId", read.rdf_groups),
    },
    StorageGroup: {
        "name": Key("storageGroupId"),
        "srp": Key("srp", read.level_or_none),
        "service_level": Key("slo", read.level_or_none),
        "workload": Key("workload", read.level_or_none),
        "volume_count": Key("num_of_vols", read.lenient_integer, is_required=True),
        "parents": Key("parent_storage_group"),
        "children": Key("child_storage_group"),
        "masking_views": Key("maskingview"),
        "is_compressed": Key("compression", read.lenient_boolean),
        "limits": Key("hostIOLimit", read.limits),
        "tags": Key("tags", read.tags),
        "snapshot_count": Key("num_of_snapshots", read.lenient_integer),
    },
}

_MASKING: Final[Mapping[type, Mapping[str, Key | None]]] = {
    MaskingView: {
        "name": Key("maskingViewId"),
        "storage_group": Key("storageGroupId"),
        "port_group": Key("portGroupId"),
        "initiator_group": Key("hostId"),
        "host_group": Key("hostGroupId"),
    },
    InitiatorGroup: {
        "name": Key("hostId"),
        "initiators": Key("initiator", absent=[]),
        "masking_views": Key("maskingview"),
        "protocol": Key("type", read.text_or_none),
        "host_groups": Key("num_of_host_groups", read.lenient_integer),
    },
    PortGroup: {
        "name": Key("portGroupId"),
        "ports": Key("symmetrixPortKey", absent=[]),
        "protocol": Key("port_group_protocol", read.text_or_none),
        "masking_views": Key("maskingview"),
    },
    Initiator: {
        "name": Key("initiatorId"),
        "initiator_group": Key("host", read.text_or_none, absent=""),
        "port": None,
        "is_logged_in": Key("logged_in", read.lenient_boolean, is_required=True),
    },
    Connection: {
        "device_id": Key("volumeId"),
        "lun": Key("host_lun_address", read.hexadecimal),
        "initiator": Key("initiatorId"),
        "port": Key("dir_port"),
        "is_logged_in": Key("logged_in", read.lenient_boolean),
    },
}

_SYSTEM: Final[Mapping[type, Mapping[str, Key | None]]] = {
    wire.ArrayReply: {"symmetrix_id": Key("symmetrixId"), "is_local": Key("local", read.lenient_boolean)},
    wire.SrpCapacity: {},
    wire.EffectiveCapacity: {},
    wire.ProvisionedCapacity: {},
    wire.FbaSrpCapacity: {},
    wire.SrpReply: {
        "name": Key("srpId"),
        "reserved_percent": Key("reserved_cap_percent", read.lenient_integer),
        "capacity": Key("srp_capacity"),
        "fba_capacity": Key("fba_srp_capacity"),
    },
    wire.PortDetail: {"key": Key("symmetrixPortKey")},
    wire.PortReply: {"port": Key("symmetrixPort")},
}

_PRIVATE: Final[Mapping[type, Mapping[str, Key | None]]] = {
    private_wire.Reservation: {"is_reserved": Key("reserved", read.lenient_boolean)},
    private_wire.Masking: {"is_masked": Key("masked", read.lenient_boolean)},
    private_wire.VolumeHeader: {
        "device_id": Key("volumeId"),
        "capacity": Key("capCYL", read.cylinders),
        "emulation": Key("emulationType"),
        "user_defined_identifier": Key("userDefinedIdentifier", read.text_or_none),
        "name_modifier": Key("nameModifier", read.text_or_none),
        "storage_groups": Key("storageGroup"),
        "service_level": Key("serviceLevel", read.level_or_none),
        "masking_views": Key("numSymDevMaskingViews", read.lenient_integer, is_required=True),
        "is_mapped": Key("mapped", read.lenient_boolean),
        "srp": Key("SRP", read.level_or_none),
        "service_state": Key("serviceState"),
        "is_system_resource": Key("system_resource", read.lenient_boolean),
        "is_private": Key("private", read.lenient_boolean),
        "is_encapsulated": Key("encapsulated", read.lenient_boolean),
        "reservation": Key("reservationInfo"),
    },
    private_wire.SnapshotOfVolume: {
        "name": Key("snapshotName"),
        "generation": Key("generation", read.lenient_integer),
        "snap_id": Key("snapid", read.lenient_integer),
        "is_secure": Key("secured", read.lenient_boolean),
        "is_expired": Key("expired", read.lenient_boolean),
        "ends_at_s": Key("timeToLive"),
        "created_at_ms": Key("timestamp"),
    },
    private_wire.LinkOfSnapshot: {"target": Key("targetDevice")},
    private_wire.SnapshotWithLinks: {"header": Key("snapshotHeader"), "links": Key("lnkSnapshotGenInfo")},
    private_wire.SnapshotRole: {"snapshots": Key("srcSnapshotGenInfo")},
    private_wire.TimeFinderInfo: {
        "is_source": Key("snapVXSrc", read.lenient_boolean),
        "is_target": Key("snapVXTgt", read.lenient_boolean),
        "roles": Key("snapVXSession"),
    },
    private_wire.RdfSession: {
        "group": Key("SRDFGroupNumber", read.lenient_integer),
        "remote_array": Key("remoteSymmetrixID"),
        "remote_device": Key("remoteDeviceID"),
        "state": Key("pairState"),
        "mode": Key("SRDFReplicationMode"),
    },
    private_wire.RdfInfo: {
        "is_rdf": Key("RDF", read.lenient_boolean),
        "is_concurrent": Key("concurrentRDF", read.lenient_boolean),
        "is_asynchronous": Key("RDFA", read.lenient_boolean),
        "sessions": Key("RDFSession"),
    },
    private_wire.PrivateVolume: {
        "header": Key("volumeHeader"),
        "time_finder": Key("timeFinderInfo"),
        "masking": Key("maskingInfo"),
        "rdf": Key("rdfInfo"),
    },
}

_SNAPSHOTS: Final[Mapping[type, Mapping[str, Key | None]]] = {
    snapshot_wire.LinkedDevice: {
        "target": Key("targetDevice"),
        "is_defined": Key("defined", read.lenient_boolean),
        "percent_copied": Key("percentageCopied", read.lenient_integer),
    },
    snapshot_wire.SourceSession: {
        "name": Key("snapshotName"),
        "generation": Key("generation", read.lenient_integer),
        "snap_id": Key("snap_id", read.lenient_integer),
        "created": Key("timestamp"),
        "ends_at_s": Key("ttl", read.lenient_integer),
        "is_expired": Key("expired", read.lenient_boolean),
        "is_secure": Key("secured", read.lenient_boolean),
        "links": Key("linkedDevices"),
    },
    snapshot_wire.TargetEnd: {
        "source": Key("linkSourceName"),
        "name": Key("snapshot_name"),
        "generation": Key("generation", read.lenient_integer),
        "snap_id": Key("snap_id", read.lenient_integer),
        "is_defined": Key("defined", read.lenient_boolean),
        "percent_copied": Key("percentageCopied", read.lenient_integer),
    },
    snapshot_wire.SessionsReply: {
        "device_name": Key("deviceName"),
        "sources": Key("snapshotSrcs"),
        "sources_before_92": Key("snapshotSrc"),
        "targets": Key("snapshotLnks"),
    },
    snapshot_wire.ListedSession: {
        "generation": Key("generation", read.lenient_integer),
        "is_linked": Key("linked", read.lenient_boolean),
    },
    snapshot_wire.ListedSource: {"device_id": Key("name"), "sessions": Key("snapshot")},
    snapshot_wire.SourcesReply: {"devices": Key("device")},
}

_REPLICATION: Final[Mapping[type, Mapping[str, Key | None]]] = {
    RdfGroupName: {"number": Key("rdfgNumber", read.lenient_integer)},
    wire.RdfGroupList: {"groups": Key("rdfGroupID")},
    RdfGroup: {
        "number": Key("rdfgNumber", read.lenient_integer),
        "remote_array_id": Key("remoteSymmetrix"),
        "remote_number": Key("remoteRdfgNumber", read.lenient_integer),
        "pair_count": Key("numDevices", read.lenient_integer, is_required=True),
        "modes": Key("modes"),
        "is_offline": Key("offline", read.lenient_boolean),
    },
    RdfPair: {
        "array_id": Key("localSymmetrixId"),
        "device_id": Key("localVolumeName"),
        "rdf_group": Key("localRdfGroupNumber", read.lenient_integer),
        "remote_array_id": Key("remoteSymmetrixId"),
        "remote_device_id": Key("remoteVolumeName"),
        "remote_rdf_group": Key("remoteRdfGroupNumber", read.lenient_integer),
        "mode": Key("rdfMode"),
        "state": Key("rdfpairState"),
        "configuration": Key("volumeConfig"),
        "larger_side": Key("largerRdfSide"),
        "status": Key("localVolumeState"),
        "remote_status": Key("remoteVolumeState"),
    },
    wire.NewPairs: {"pairs": Key("devicePair")},
    RdfSession: {
        "storage_group": Key("storageGroupName"),
        "rdf_group": Key("rdfGroupNumber", read.lenient_integer),
        "roles": Key("volumeRdfTypes"),
    },
    GroupReplication: {
        "storage_group": Key("name"),
        "volume_count": Key("numDevicesNonGk", read.lenient_integer, is_required=True),
        "is_fully_replicated": Key("rdf", read.lenient_boolean),
        "rdf_groups": Key("rdf_groups", read.numbers),
    },
}

_LISTS: Final[Mapping[type, Mapping[str, Key | None]]] = {
    wire.ListedVolume: {"device_id": Key("volumeId")},
    wire.ConnectionsReply: {"rows": Key("maskingViewConnection")},
    wire.ResultList: {
        "first": Key("from", read.lenient_integer),
        "last": Key("to", read.lenient_integer),
        "results": Key("result"),
    },
    wire.IteratorReply: {
        "iterator_id": Key("id"),
        "count": Key("count", read.lenient_integer),
        "page_size": Key("maxPageSize", read.lenient_integer),
        "page": Key("resultList"),
    },
    wire.ArrayKey: {
        "array_id": Key("symmetrixId"),
        "last_available": Key("lastAvailableDate", read.lenient_integer),
    },
    wire.ArrayKeys: {"arrays": Key("arrayInfo")},
    wire.JobTask: {},
    wire.JobReply: {
        "job_id": Key("jobId"),
        "resource_link": Key("resourceLink"),
        "tasks": Key("task"),
    },
}

#: Every class with its keys; an attribute whose key is None is not read.
KEYS: Final[Mapping[type, Mapping[str, Key | None]]] = {
    **_VOLUMES,
    **_MASKING,
    **_SYSTEM,
    **_PRIVATE,
    **_SNAPSHOTS,
    **_REPLICATION,
    **_LISTS,
}
