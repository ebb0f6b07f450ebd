"""The array as a whole, read over REST.

Lists of suspects rely on filters of the service. A filter that a server does not know is ignored (rule 87, uncertain),
and then a list has every name: too many, never too few, so whoever looks at each suspect is right, only slower. That
counts of storage groups can be compared is assumed (unisphere-rest.md 6.6).
"""

from __future__ import annotations

from collections.abc import Iterator

from pmax.adapters.rest import paths, survey_wire
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.fields import port_key
from pmax.adapters.rest.messages import Call, Subject
from pmax.adapters.rest.pages import LIFE_MINUTES, PagedList
from pmax.adapters.rest.paths import Query
from pmax.adapters.rest.private_wire import PrivateVolume
from pmax.adapters.rest.resources import Resources, read_call
from pmax.adapters.rest.survey_wire import checked
from pmax.domain.identifiers import ArrayId
from pmax.domain.masking import PortKey
from pmax.domain.survey import ArrayJob, Director, SurveyedVolume
from pmax.ports.surveys import SurveyReader


class RestSurveyReader(SurveyReader):
    """Reads what an array has."""

    def __init__(self, resources: Resources) -> None:
        """Take what reads."""
        self._resources = resources

    def list_volumes(self, array_id: ArrayId) -> Iterator[SurveyedVolume]:
        """See `SurveyReader`."""
        subject = Subject(kind="list of volumes", name="", array_id=array_id)

        def build(dialect: Dialect) -> Call:
            query: Query = (("data_volume", "false"),)
            if dialect.keeps_iterators:
                query += (("expiration_time_mins", LIFE_MINUTES),)
            return read_call(subject, paths.VOLUMES_IN_FULL.at(dialect, query=query, array=array_id))

        def read(result: object, path: str) -> SurveyedVolume:
            return self._resources.structurer.structure(result, PrivateVolume, path, array_id).surveyed()

        listed = PagedList(
            resources=self._resources, build=build, read=read, identity=lambda each: each.volume.device_id
        )
        return iter(listed)

    def list_storage_groups_without_volumes(self, array_id: ArrayId) -> tuple[str, ...]:
        """See `SurveyReader`."""
        return self._storage_groups(array_id, (("num_of_vols", "0"),))

    def list_storage_groups_larger_than(self, array_id: ArrayId, volumes: int) -> tuple[str, ...]:
        """See `SurveyReader`."""
        return self._storage_groups(array_id, (("num_of_vols", f">{volumes}"),))

    def list_initiator_groups_without_initiators(self, array_id: ArrayId) -> tuple[str, ...]:
        """See `SurveyReader`."""
        return self._initiator_groups(array_id, (("num_of_initiators", "0"),))

    def list_initiator_groups_without_views(self, array_id: ArrayId) -> tuple[str, ...]:
        """See `SurveyReader`."""
        return self._initiator_groups(array_id, (("num_of_masking_views", "0"),))

    def list_directors(self, array_id: ArrayId) -> tuple[str, ...]:
        """See `SurveyReader`."""
        subject = Subject(kind="list of directors", name="", array_id=array_id)
        return self._resources.names("directorId", subject, paths.DIRECTORS, array=array_id)

    def find_director(self, array_id: ArrayId, name: str) -> Director | None:
        """See `SurveyReader`."""
        subject = Subject(kind="director", name=name, array_id=array_id)
        reply = self._resources.find(object, subject, paths.DIRECTOR, array=array_id, director=name)
        return None if reply is None else checked(f"director {name}", lambda: survey_wire.director(reply))

    def list_ports(self, array_id: ArrayId) -> tuple[PortKey, ...]:
        """See `SurveyReader`."""
        subject = Subject(kind="list of ports", name="", array_id=array_id)
        reply = self._resources.get(object, subject, paths.PORTS, array=array_id)
        return checked("list of ports", lambda: tuple(map(port_key, survey_wire.port_keys(reply))))

    def list_jobs(self, array_id: ArrayId) -> tuple[str, ...]:
        """See `SurveyReader`. Ids are times, so their order is that of the jobs."""
        subject = Subject(kind="list of jobs", name="", array_id=array_id)
        return tuple(sorted(self._resources.names("jobId", subject, paths.JOBS, array=array_id)))

    def find_job(self, array_id: ArrayId, job_id: str) -> ArrayJob | None:
        """See `SurveyReader`."""
        subject = Subject(kind="job", name=job_id, array_id=array_id)
        reply = self._resources.find(object, subject, paths.JOB_OF_ARRAY, array=array_id, job=job_id)
        return None if reply is None else checked(f"job {job_id}", lambda: survey_wire.job(reply))

    def _storage_groups(self, array_id: ArrayId, query: Query) -> tuple[str, ...]:
        subject = Subject(kind="list of storage groups", name="", array_id=array_id)
        return self._resources.names("storageGroupId", subject, paths.STORAGE_GROUPS, query, array=array_id)

    def _initiator_groups(self, array_id: ArrayId, query: Query) -> tuple[str, ...]:
        subject = Subject(kind="list of initiator groups", name="", array_id=array_id)
        return self._resources.names("hostId", subject, paths.INITIATOR_GROUPS, query, array=array_id)
