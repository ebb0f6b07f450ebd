"""Where things are: one template for each resource, and the one place where names are quoted into paths.

A template's `{version}` is that of the dialect; every other field is a name that came from outside. Source:
unisphere-rest.md 1.1, 1.5 and section 6.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import Final
from urllib.parse import quote, urlencode

import attrs

from pmax.adapters.rest.dialects import Dialect
from pmax.domain.errors import InvalidRequest

#: A query as pairs; a key may occur several times.
Query = tuple[tuple[str, str], ...]

#: Before a value of a filter: look for it anywhere in the field (unisphere-rest.md 4.3).
LIKE: Final = "<like>"

#: Segments that a server, or anything on the way to it, would take for something else than a name.
_NO_NAME: Final = re.compile(r"\.{0,2}|.*[\x00-\x1f\x7f\ud800-\udfff].*", re.DOTALL)
#: Ids of initiators and ports contain colons, which every client sends as they are.
_SAFE: Final = ":"


def _fields(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name) - {"version"}


@attrs.frozen
class PathTemplate:
    """Where a kind of resource is.

    Attributes:
        text: below the base path of Unisphere.
    """

    text: str

    def at(self, dialect: Dialect | None = None, /, query: Query = (), **names: str) -> str:
        """Fill the template in.

        Args:
            dialect: gives the version; None for paths without one.
            query: filters; empty for none.
            names: one for each field.

        Raises:
            InvalidRequest: a name cannot stand in a path.
        """
        if names.keys() != _fields(self.text):
            raise TypeError(f"{self.text} wants {sorted(_fields(self.text))}, not {sorted(names)}")
        quoted = {field: _quoted(field, name) for field, name in names.items()}
        path = self.text.format(version=dialect.version if dialect else "", **quoted)
        return f"{path}?{urlencode(query, quote_via=quote, safe=_SAFE)}" if query else path


def _quoted(field: str, name: str) -> str:
    if _NO_NAME.fullmatch(name):
        raise InvalidRequest(
            field.replace("_", " "), name, "a name is neither empty, nor dots, nor holds control characters"
        )
    return quote(name, safe=_SAFE)


REPLICATION_CAPABILITIES: Final = PathTemplate("/{version}/replication/capabilities/symmetrix")
VERSION: Final = PathTemplate("/version")
#: How servers before 9.1 tell their version; the number in it is the oldest that pmax speaks.
VERSION_OF_OLD_SERVERS: Final = PathTemplate("/90/system/version")

_SYSTEM: Final = "/{version}/system/symmetrix"
_PROVISIONING: Final = "/{version}/sloprovisioning/symmetrix/{array}"

ARRAYS: Final = PathTemplate(_SYSTEM)
ARRAY: Final = PathTemplate(_SYSTEM + "/{array}")
DIRECTOR_PORT: Final = PathTemplate(_SYSTEM + "/{array}/director/{director}/port/{port}")
DIRECTORS: Final = PathTemplate(_SYSTEM + "/{array}/director")
DIRECTOR: Final = PathTemplate(_SYSTEM + "/{array}/director/{director}")
PORTS: Final = PathTemplate(_PROVISIONING + "/port")
JOB_OF_ARRAY: Final = PathTemplate(_SYSTEM + "/{array}/job/{job}")
JOBS: Final = PathTemplate(_SYSTEM + "/{array}/job")
JOB: Final = PathTemplate("/{version}/system/job/{job}")

SERVICE_LEVELS: Final = PathTemplate(_PROVISIONING + "/slo")
WORKLOADS: Final = PathTemplate(_PROVISIONING + "/workloadtype")
SRPS: Final = PathTemplate(_PROVISIONING + "/srp")
SRP: Final = PathTemplate(_PROVISIONING + "/srp/{name}")
VOLUMES: Final = PathTemplate(_PROVISIONING + "/volume")
VOLUME: Final = PathTemplate(_PROVISIONING + "/volume/{device}")
VOLUMES_IN_FULL: Final = PathTemplate("/private" + _PROVISIONING + "/volume")
STORAGE_GROUPS: Final = PathTemplate(_PROVISIONING + "/storagegroup")
STORAGE_GROUP: Final = PathTemplate(_PROVISIONING + "/storagegroup/{name}")
INITIATOR_GROUPS: Final = PathTemplate(_PROVISIONING + "/host")
INITIATOR_GROUP: Final = PathTemplate(_PROVISIONING + "/host/{name}")
INITIATORS: Final = PathTemplate(_PROVISIONING + "/initiator")
INITIATOR: Final = PathTemplate(_PROVISIONING + "/initiator/{name}")
PORT_GROUPS: Final = PathTemplate(_PROVISIONING + "/portgroup")
PORT_GROUP: Final = PathTemplate(_PROVISIONING + "/portgroup/{name}")
MASKING_VIEWS: Final = PathTemplate(_PROVISIONING + "/maskingview")
MASKING_VIEW: Final = PathTemplate(_PROVISIONING + "/maskingview/{name}")
CONNECTIONS: Final = PathTemplate(_PROVISIONING + "/maskingview/{name}/connections")

_REPLICATION: Final = "/private/{version}/replication/symmetrix/{array}"
SNAPSHOTS_OF_GROUP: Final = PathTemplate("/{version}/replication/symmetrix/{array}/storagegroup/{name}/snapshot")
SNAPSHOT: Final = PathTemplate(_REPLICATION + "/snapshot/{name}")
SNAPSHOTS_OF_VOLUME: Final = PathTemplate(_REPLICATION + "/volume/{device}/snapshot")
VOLUMES_WITH_SNAPSHOTS: Final = PathTemplate(_REPLICATION + "/volume")
_SRDF: Final = "/{version}/replication/symmetrix/{array}"

RDF_GROUPS: Final = PathTemplate(_SRDF + "/rdf_group")
RDF_GROUP: Final = PathTemplate(_SRDF + "/rdf_group/{number}")
RDF_PAIRS: Final = PathTemplate(_SRDF + "/rdf_group/{number}/volume")
RDF_PAIR: Final = PathTemplate(_SRDF + "/rdf_group/{number}/volume/{device}")
GROUP_REPLICATION: Final = PathTemplate(_SRDF + "/storagegroup/{name}")
GROUP_RDF_GROUPS: Final = PathTemplate(_SRDF + "/storagegroup/{name}/rdf_group")
RDF_SESSION: Final = PathTemplate(_SRDF + "/storagegroup/{name}/rdf_group/{number}")

PERFORMANCE_KEYS: Final = PathTemplate("/performance/Array/keys")
PORT_GROUP_METRICS: Final = PathTemplate("/performance/PortGroup/metrics")

#: Pages of long lists are without a version (unisphere-rest.md 4.2).
ITERATOR: Final = PathTemplate("/common/Iterator/{iterator}")
ITERATOR_PAGE: Final = PathTemplate("/common/Iterator/{iterator}/page")
