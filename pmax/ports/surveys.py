"""The array as a whole, for administrators: what no operation needs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Protocol

from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import PortKey
from pmax.domain.survey import ArrayJob, Director, SurveyedVolume


class SurveyReader(Protocol):
    """Reads lists of what an array has. The lists of suspects may hold too many names, and never too few."""

    @abstractmethod
    def list_volumes(self, array_id: ArrayId) -> Iterator[SurveyedVolume]:
        """Every volume with its snapshots and pairs, page by page as they are consumed: pages + 1 calls."""

    @abstractmethod
    def list_storage_groups_without_volumes(self, array_id: ArrayId) -> tuple[str, ...]:
        """Names of groups that hold no volume, nor does a child of theirs: one call."""

    @abstractmethod
    def list_storage_groups_larger_than(self, array_id: ArrayId, volumes: int) -> tuple[str, ...]:
        """Names of groups that hold more volumes, their children's included: one call."""

    @abstractmethod
    def list_initiator_groups_without_initiators(self, array_id: ArrayId) -> tuple[str, ...]:
        """Names of initiator groups that hold nothing: one call."""

    @abstractmethod
    def list_initiator_groups_without_views(self, array_id: ArrayId) -> tuple[str, ...]:
        """Names of initiator groups that no view uses: one call."""

    @abstractmethod
    def list_directors(self, array_id: ArrayId) -> tuple[str, ...]:
        """Ids of all directors."""

    @abstractmethod
    def find_director(self, array_id: ArrayId, name: str) -> Director | None:
        """The director, or None when the array says that there is none of this id."""

    @abstractmethod
    def list_ports(self, array_id: ArrayId) -> tuple[PortKey, ...]:
        """Every port of every director."""

    @abstractmethod
    def list_jobs(self, array_id: ArrayId) -> tuple[str, ...]:
        """Ids of the jobs that Unisphere remembers of an array, oldest first."""

    @abstractmethod
    def find_job(self, array_id: ArrayId, job_id: str) -> ArrayJob | None:
        """The job, or None when Unisphere says that it knows none of this id."""
