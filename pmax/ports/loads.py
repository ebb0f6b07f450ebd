"""How busy ports are."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from pmax.domain.identifiers import ArrayId
from pmax.domain.load_balancing import LoadBalancing


class LoadReader(Protocol):
    """Reads performance figures."""

    @abstractmethod
    def port_group_loads(self, array_id: ArrayId, port_groups: tuple[str, ...], how: LoadBalancing) -> dict[str, float]:
        """The load of each port group over the last period; those without figures are left out.

        Raises:
            NotFound: no performance figures are collected for the array.
        """
