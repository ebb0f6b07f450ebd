"""JSON of the service → values: the one cattrs converter.

Strict by default, since stock cattrs turns `None` into `'None'` and `'false'` into `True`. Where the service really
sends text for a number or a boolean, the field says so here, one by one. Unknown keys are ignored, because the service
grows; a key whose value is null counts as absent. Whatever does not fit becomes `MalformedReply`, never another
exception.

Source of the keys: unisphere-rest.md section 6. Shapes that differ from the domain's stand in `wire`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin

import cattrs
from cattrs.gen import make_dict_structure_fn, override

from pmax.adapters.rest import fields as read
from pmax.adapters.rest import private_wire, snapshot_wire, wire
from pmax.domain.arrays import Array
from pmax.domain.errors import InvalidRequest, MalformedReply
from pmax.domain.identifiers import ArrayId, DeviceId, array_id, device_id
from pmax.domain.masking import Connection, DirectorPort, Initiator, InitiatorGroup, MaskingView, PortGroup, PortKey
from pmax.domain.snapvx import LinkState
from pmax.domain.srdf import GroupReplication, PairState, RdfGroup, RdfGroupName, RdfPair, RdfSession
from pmax.domain.srps import StorageResourcePool
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume

T = TypeVar("T")

Hook = Callable[[Any, Any], Any]

_COLLECTIONS: Final[frozenset[object]] = frozenset({tuple, frozenset})


class Structurer:
    """Turns JSON into values."""

    def __init__(self, converter: cattrs.Converter) -> None:
        """Take a converter with all its hooks."""
        self._converter = converter

    def structure(self, payload: object, form: type[T], path: str, array: ArrayId | None = None) -> T:
        """Make a value.

        Args:
            payload: JSON as parsed.
            form: the class of the value.
            path: the resource that sent it, for messages.
            array: serial for values that carry one, since the service does not repeat it.

        Raises:
            MalformedReply: it does not fit, with one sentence for each problem.
        """
        if array is not None and isinstance(payload, Mapping):
            payload = {**payload, "array_id": array}
        try:
            return self._converter.structure(payload, form)
        except cattrs.BaseValidationError as error:
            problems = cattrs.transform_error(error, path="reply", format_exception=_in_words)
            raise MalformedReply(path, tuple(problems)) from error
        except (TypeError, ValueError, ArithmeticError, LookupError, InvalidRequest) as error:
            raise MalformedReply(path, (_in_words(error, None),)) from error


def _in_words(error: BaseException, _type: type | None) -> str:
    match error:
        case KeyError():
            return f"{error.args[0]!r} is missing"
        case _:
            return str(error) or type(error).__name__


@cache
def make_structurer() -> Structurer:
    """Make the converter with everything that it needs to know.

    cattrs writes and compiles code for each class, which takes some 40 ms. Nothing in it changes afterwards, so one is
    enough for a process.
    """
    converter = cattrs.Converter()
    _register_fields(converter)
    tables = (_VOLUMES, _MASKING, _SYSTEM, _PRIVATE, _SNAPSHOTS, _REPLICATION, _LISTS)
    for form, fields in (each for table in tables for each in table.items()):
        _register(converter, form, fields)
    _register_detours(converter)
    return Structurer(converter)


def _register_fields(converter: cattrs.Converter) -> None:
    converter.register_structure_hook(str, read.text)
    converter.register_structure_hook(int, read.integer)
    converter.register_structure_hook(bool, read.boolean)
    converter.register_structure_hook(float, read.decimal)
    # By a predicate: registered like the others, it would catch every class.
    converter.register_structure_hook_func(lambda form: form is object, lambda value, _: value)
    converter.register_structure_hook(ArrayId, lambda value, _: array_id(read.text(value)))
    converter.register_structure_hook(DeviceId, lambda value, _: device_id(read.text(value)))
    converter.register_structure_hook(PortKey, read.port_key)
    converter.register_structure_hook(LinkState, lambda value, _: LinkState(read.text(value)))
    converter.register_structure_hook(PairState, read.pair_state)

    def make_list_hook(form: Any) -> Hook:  # noqa: ANN401 - any annotation of a collection
        element = get_args(form)[0]
        collection = get_origin(form)

        def hook(value: object, _type: object) -> object:
            # A text would do as a sequence of characters, and an object as one of keys.
            if not isinstance(value, list):
                raise read.expected("a list", value)
            return collection(converter.structure(each, element) for each in value)

        return hook

    converter.register_structure_hook_factory(lambda form: get_origin(form) in _COLLECTIONS, make_list_hook)


def _register_detours(converter: cattrs.Converter) -> None:
    """Values of the domain that are made by way of a class of their own."""

    def array(value: object, _type: object) -> Array:
        return converter.structure(value, wire.ArrayReply).to_domain()

    def srp(value: object, _type: object) -> StorageResourcePool:
        return converter.structure(value, wire.SrpReply).to_domain()

    def port(value: object, _type: object) -> DirectorPort:
        return converter.structure(value, wire.PortReply).to_domain()

    converter.register_structure_hook(Array, array)
    converter.register_structure_hook(StorageResourcePool, srp)
    converter.register_structure_hook(DirectorPort, port)


class _Key:
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


def _register(converter: cattrs.Converter, form: type, keys: Mapping[str, _Key | None]) -> None:
    """Teach the converter one class; an attribute without a key is not read."""
    overrides = {
        attribute: override(omit=True) if key is None else override(rename=key.name, struct_hook=key.hook)
        for attribute, key in keys.items()
    }
    structure: Hook = make_dict_structure_fn(form, converter, **overrides)  # type: ignore[arg-type]  # by attribute name
    known = [key for key in keys.values() if key is not None]
    absent = {key.name: key.absent for key in known if key.absent is not None}
    required = {key.name for key in known if key.is_required}

    def hook(value: object, _type: object) -> object:
        if not isinstance(value, Mapping):
            raise read.expected("an object", value)
        present = {**absent, **{key: each for key, each in value.items() if each is not None}}
        missing = required - present.keys()
        if missing:
            raise KeyError(min(missing))
        return structure(present, form)

    converter.register_structure_hook(form, hook)


# In each of these tables a part stands before the whole that holds it: a class takes over what is known of its parts
# when it is registered.

_VOLUMES: Final[Mapping[type, Mapping[str, _Key | None]]] = {
    Volume: {
        "device_id": _Key("volumeId"),
        "identifier": _Key("volume_identifier", read.text_or_none, absent=""),
        "capacity": _Key("cap_cyl", read.cylinders),
        "storage_groups": _Key("storageGroupId"),
        "configuration": _Key("type"),
        "front_end_paths": _Key("num_of_front_end_paths", read.lenient_integer, is_required=True),
        "is_snapshot_source": _Key("snapvx_source", read.lenient_boolean, is_required=True),
        "is_snapshot_target": _Key("snapvx_target", read.lenient_boolean, is_required=True),
        "rdf_groups": _Key("rdfGroupId", read.rdf_groups),
    },
    StorageGroup: {
        "name": _Key("storageGroupId"),
        "srp": _Key("srp", read.level_or_none),
        "service_level": _Key("slo", read.level_or_none),
        "workload": _Key("workload", read.level_or_none),
        "volume_count": _Key("num_of_vols", read.lenient_integer, is_required=True),
        "parents": _Key("parent_storage_group"),
        "children": _Key("child_storage_group"),
        "masking_views": _Key("maskingview"),
        "is_compressed": _Key("compression", read.lenient_boolean),
        "limits": _Key("hostIOLimit", read.limits),
        "tags": _Key("tags", read.tags),
        "snapshot_count": _Key("num_of_snapshots", read.lenient_integer),
    },
}

_MASKING: Final[Mapping[type, Mapping[str, _Key | None]]] = {
    MaskingView: {
        "name": _Key("maskingViewId"),
        "storage_group": _Key("storageGroupId"),
        "port_group": _Key("portGroupId"),
        "initiator_group": _Key("hostId"),
        "host_group": _Key("hostGroupId"),
    },
    InitiatorGroup: {
        "name": _Key("hostId"),
        "initiators": _Key("initiator", absent=[]),
        "masking_views": _Key("maskingview"),
        "protocol": _Key("type", read.text_or_none),
        "host_groups": _Key("num_of_host_groups", read.lenient_integer),
    },
    PortGroup: {
        "name": _Key("portGroupId"),
        "ports": _Key("symmetrixPortKey", absent=[]),
        "protocol": _Key("port_group_protocol", read.text_or_none),
        "masking_views": _Key("maskingview"),
    },
    Initiator: {
        "name": _Key("initiatorId"),
        "initiator_group": _Key("host", read.text_or_none, absent=""),
        "port": None,
        "is_logged_in": _Key("logged_in", read.lenient_boolean, is_required=True),
    },
    Connection: {
        "device_id": _Key("volumeId"),
        "lun": _Key("host_lun_address", read.hexadecimal),
        "initiator": _Key("initiatorId"),
        "port": _Key("dir_port"),
        "is_logged_in": _Key("logged_in", read.lenient_boolean),
    },
}

_SYSTEM: Final[Mapping[type, Mapping[str, _Key | None]]] = {
    wire.ArrayReply: {"symmetrix_id": _Key("symmetrixId"), "is_local": _Key("local", read.lenient_boolean)},
    wire.SrpCapacity: {},
    wire.EffectiveCapacity: {},
    wire.ProvisionedCapacity: {},
    wire.FbaSrpCapacity: {},
    wire.SrpReply: {
        "name": _Key("srpId"),
        "reserved_percent": _Key("reserved_cap_percent", read.lenient_integer),
        "capacity": _Key("srp_capacity"),
        "fba_capacity": _Key("fba_srp_capacity"),
    },
    wire.PortDetail: {"key": _Key("symmetrixPortKey")},
    wire.PortReply: {"port": _Key("symmetrixPort")},
}

_PRIVATE: Final[Mapping[type, Mapping[str, _Key | None]]] = {
    private_wire.Reservation: {"is_reserved": _Key("reserved", read.lenient_boolean)},
    private_wire.Masking: {"is_masked": _Key("masked", read.lenient_boolean)},
    private_wire.VolumeHeader: {
        "device_id": _Key("volumeId"),
        "capacity": _Key("capCYL", read.cylinders),
        "emulation": _Key("emulationType"),
        "user_defined_identifier": _Key("userDefinedIdentifier", read.text_or_none),
        "name_modifier": _Key("nameModifier", read.text_or_none),
        "storage_groups": _Key("storageGroup"),
        "masking_views": _Key("numSymDevMaskingViews", read.lenient_integer, is_required=True),
        "is_mapped": _Key("mapped", read.lenient_boolean),
        "srp": _Key("SRP", read.level_or_none),
        "service_state": _Key("serviceState"),
        "is_system_resource": _Key("system_resource", read.lenient_boolean),
        "is_private": _Key("private", read.lenient_boolean),
        "is_encapsulated": _Key("encapsulated", read.lenient_boolean),
        "reservation": _Key("reservationInfo"),
    },
    private_wire.SnapshotOfVolume: {
        "name": _Key("snapshotName"),
        "generation": _Key("generation", read.lenient_integer),
        "snap_id": _Key("snapid", read.lenient_integer),
        "is_secure": _Key("secured", read.lenient_boolean),
        "is_expired": _Key("expired", read.lenient_boolean),
        "ends_at_s": _Key("timeToLive"),
        "created_at_ms": _Key("timestamp"),
    },
    private_wire.SnapshotWithLinks: {"header": _Key("snapshotHeader"), "links": _Key("lnkSnapshotGenInfo")},
    private_wire.SnapshotRole: {"snapshots": _Key("srcSnapshotGenInfo")},
    private_wire.TimeFinderInfo: {
        "is_source": _Key("snapVXSrc", read.lenient_boolean),
        "is_target": _Key("snapVXTgt", read.lenient_boolean),
        "roles": _Key("snapVXSession"),
    },
    private_wire.RdfSession: {"group": _Key("SRDFGroupNumber", read.lenient_integer)},
    private_wire.RdfInfo: {
        "is_rdf": _Key("RDF", read.lenient_boolean),
        "is_concurrent": _Key("concurrentRDF", read.lenient_boolean),
        "is_asynchronous": _Key("RDFA", read.lenient_boolean),
        "sessions": _Key("RDFSession"),
    },
    private_wire.PrivateVolume: {
        "header": _Key("volumeHeader"),
        "time_finder": _Key("timeFinderInfo"),
        "masking": _Key("maskingInfo"),
        "rdf": _Key("rdfInfo"),
    },
}

_SNAPSHOTS: Final[Mapping[type, Mapping[str, _Key | None]]] = {
    snapshot_wire.LinkedDevice: {
        "target": _Key("targetDevice"),
        "is_defined": _Key("defined", read.lenient_boolean),
        "percent_copied": _Key("percentageCopied", read.lenient_integer),
    },
    snapshot_wire.SourceSession: {
        "name": _Key("snapshotName"),
        "generation": _Key("generation", read.lenient_integer),
        "snap_id": _Key("snap_id", read.lenient_integer),
        "created": _Key("timestamp"),
        "ends_at_s": _Key("ttl", read.lenient_integer),
        "is_expired": _Key("expired", read.lenient_boolean),
        "is_secure": _Key("secured", read.lenient_boolean),
        "links": _Key("linkedDevices"),
    },
    snapshot_wire.TargetEnd: {
        "source": _Key("linkSourceName"),
        "name": _Key("snapshot_name"),
        "generation": _Key("generation", read.lenient_integer),
        "snap_id": _Key("snap_id", read.lenient_integer),
        "is_defined": _Key("defined", read.lenient_boolean),
        "percent_copied": _Key("percentageCopied", read.lenient_integer),
    },
    snapshot_wire.SessionsReply: {
        "device_name": _Key("deviceName"),
        "sources": _Key("snapshotSrcs"),
        "sources_before_92": _Key("snapshotSrc"),
        "targets": _Key("snapshotLnks"),
    },
    snapshot_wire.ListedSession: {
        "generation": _Key("generation", read.lenient_integer),
        "is_linked": _Key("linked", read.lenient_boolean),
    },
    snapshot_wire.ListedSource: {"device_id": _Key("name"), "sessions": _Key("snapshot")},
    snapshot_wire.SourcesReply: {"devices": _Key("device")},
}

_REPLICATION: Final[Mapping[type, Mapping[str, _Key | None]]] = {
    RdfGroupName: {"number": _Key("rdfgNumber", read.lenient_integer)},
    wire.RdfGroupList: {"groups": _Key("rdfGroupID")},
    RdfGroup: {
        "number": _Key("rdfgNumber", read.lenient_integer),
        "remote_array_id": _Key("remoteSymmetrix"),
        "remote_number": _Key("remoteRdfgNumber", read.lenient_integer),
        "pair_count": _Key("numDevices", read.lenient_integer, is_required=True),
        "modes": _Key("modes"),
        "is_offline": _Key("offline", read.lenient_boolean),
    },
    RdfPair: {
        "array_id": _Key("localSymmetrixId"),
        "device_id": _Key("localVolumeName"),
        "rdf_group": _Key("localRdfGroupNumber", read.lenient_integer),
        "remote_array_id": _Key("remoteSymmetrixId"),
        "remote_device_id": _Key("remoteVolumeName"),
        "remote_rdf_group": _Key("remoteRdfGroupNumber", read.lenient_integer),
        "mode": _Key("rdfMode"),
        "state": _Key("rdfpairState"),
        "configuration": _Key("volumeConfig"),
        "larger_side": _Key("largerRdfSide"),
        "status": _Key("localVolumeState"),
        "remote_status": _Key("remoteVolumeState"),
    },
    wire.NewPairs: {"pairs": _Key("devicePair")},
    RdfSession: {
        "storage_group": _Key("storageGroupName"),
        "rdf_group": _Key("rdfGroupNumber", read.lenient_integer),
        "roles": _Key("volumeRdfTypes"),
    },
    GroupReplication: {
        "storage_group": _Key("name"),
        "volume_count": _Key("numDevicesNonGk", read.lenient_integer, is_required=True),
        "is_fully_replicated": _Key("rdf", read.lenient_boolean),
        "rdf_groups": _Key("rdf_groups", read.numbers),
    },
}

_LISTS: Final[Mapping[type, Mapping[str, _Key | None]]] = {
    wire.ListedVolume: {"device_id": _Key("volumeId")},
    wire.ConnectionsReply: {"rows": _Key("maskingViewConnection")},
    wire.ResultList: {
        "first": _Key("from", read.lenient_integer),
        "last": _Key("to", read.lenient_integer),
        "results": _Key("result"),
    },
    wire.IteratorReply: {
        "iterator_id": _Key("id"),
        "count": _Key("count", read.lenient_integer),
        "page_size": _Key("maxPageSize", read.lenient_integer),
        "page": _Key("resultList"),
    },
    wire.ArrayKey: {
        "array_id": _Key("symmetrixId"),
        "last_available": _Key("lastAvailableDate", read.lenient_integer),
    },
    wire.ArrayKeys: {"arrays": _Key("arrayInfo")},
    wire.JobTask: {},
    wire.JobReply: {
        "job_id": _Key("jobId"),
        "resource_link": _Key("resourceLink"),
        "tasks": _Key("task"),
    },
}
