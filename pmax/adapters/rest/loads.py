"""Performance figures, read over REST (unisphere-rest.md 6.20)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from pmax.adapters.rest import paths
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import POST, Call, Subject
from pmax.adapters.rest.resources import Resources
from pmax.adapters.rest.wire import ArrayKeys, IteratorReply
from pmax.domain.errors import NotFound
from pmax.domain.identifiers import ArrayId
from pmax.domain.load_balancing import LoadBalancing
from pmax.ports.loads import LoadReader

_MILLISECONDS_A_MINUTE: Final = 60_000


@attrs.frozen
class RestLoadReader(LoadReader):
    """Reads loads: one call for the times of which there are figures, and one for each port group."""

    resources: Resources

    def port_group_loads(self, array_id: ArrayId, port_groups: tuple[str, ...], how: LoadBalancing) -> dict[str, float]:
        """See `LoadReader`."""
        subject = Subject(kind="performance figures of array", name=array_id, array_id=array_id)
        keys = self.resources.get(ArrayKeys, subject, paths.PERFORMANCE_KEYS)
        newest = next((key.last_available for key in keys.arrays if key.array_id == array_id), None)
        if newest is None:
            raise NotFound(subject.kind, subject.name)
        loads = {}
        for name in port_groups:
            figures = self._figures(array_id, name, newest, how)
            if figures:
                loads[name] = sum(figures) / len(figures)
        return loads

    def _figures(self, array_id: ArrayId, port_group: str, newest: int, how: LoadBalancing) -> list[float]:
        def build(dialect: Dialect) -> Call:
            return Call(
                verb=POST,
                path=paths.PORT_GROUP_METRICS.at(dialect),
                subject=Subject(kind="port group", name=port_group, array_id=array_id),
                operation=f"show the load of port group {port_group}",
                body={
                    "symmetrixId": array_id,
                    "portGroupId": port_group,
                    "startDate": newest - how.look_back_minutes * _MILLISECONDS_A_MINUTE,
                    "endDate": newest,
                    "dataFormat": how.data_format,
                    "metrics": [how.metric],
                },
                is_query=True,
            )

        answer = self.resources.client.demand(build)
        if answer.reply.payload is None:
            return []
        path = answer.call.path
        reply = self.resources.structurer.structure(answer.reply.payload, IteratorReply, path)
        rows = (row for row in reply.page.results if isinstance(row, Mapping) and how.metric in row)
        return [self.resources.structurer.structure(row[how.metric], float, path) for row in rows]
