"""The policy of a volume, for callers without volume types: out of options, or out of the groups that hold it."""

from __future__ import annotations

import attrs

from pmax.adapters.cli.refusals import WrongUsage
from pmax.domain.arrays import Array
from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.extra_specs import DISABLE_COMPRESSION, POOL_NAME, PORT_GROUP
from pmax.domain.identifiers import ArrayId
from pmax.domain.policies import PolicyDefaults, VolumePolicy, parse_policy, read_policy
from pmax.domain.settings import Settings
from pmax.domain.storage_groups import StorageGroup
from pmax.domain.volumes import Volume
from pmax.plugins.context import PluginAnswers
from pmax.ports.readers import Readers

_NONE = "None"


@attrs.frozen(kw_only=True)
class LevelOptions:
    """What the command line says about a new volume; None where it says nothing.

    Attributes:
        pool: name of a pool as Cinder has it; excludes the next two.
        service_level: `None` asks for none.
        workload: needs a service level.
        is_uncompressed: whether the array shall not compress it.
    """

    pool: str | None = None
    service_level: str | None = None
    workload: str | None = None
    is_uncompressed: bool = False

    def check(self) -> None:
        """Refuse what cannot go together, before anything is asked of the array.

        Raises:
            WrongUsage: names the options.
        """
        if self.pool and (self.service_level or self.workload):
            what = f"pool {self.pool} names service level and workload already"
            raise WrongUsage(what, "give --pool alone, or --service-level and --workload")
        if self.workload and not self.service_level:
            what = f"workload {self.workload} has no service level that it could refine"
            raise WrongUsage(what, "give --service-level too, or leave --workload out")


@attrs.frozen
class PolicyMaker:
    """Makes policies with what one array offers.

    Attributes:
        readers: of the array.
        settings: of the backend.
    """

    readers: Readers
    settings: Settings

    def for_new(self, options: LevelOptions) -> tuple[VolumePolicy, tuple[str, ...]]:
        """The policy of a new volume, and warnings in words.

        Raises:
            InvalidRequest: with every mistake, and what the array offers.
            NotFound: the array does not have the configured storage resource pool.
        """
        options.check()
        specs = {POOL_NAME: options.pool} if options.pool else {}
        if options.is_uncompressed:
            specs[DISABLE_COMPRESSION] = "true"
        level = options.service_level
        defaults = PolicyDefaults(
            srp=self.settings.srp,
            service_level=level or self.settings.service_level,
            workload=options.workload if level else self.settings.workload,
            said_by="the command line" if level else "the configuration",
        )
        array, levels, workloads = self._offer(self.settings.array_id)
        self._check_srp()
        return parse_policy(specs, None, defaults, array, levels, workloads)

    def for_retype(
        self, before: VolumePolicy, options: LevelOptions, *, is_uncompressed: bool | None
    ) -> tuple[VolumePolicy, tuple[str, ...]]:
        """The policy of a volume of which only some of that changes, and warnings in words. Its replication stays.

        Args:
            before: its policy so far.
            options: what changes; without a service level and a pool, the service level stays.
            is_uncompressed: None leaves compression as it is.

        Raises:
            InvalidRequest: with every mistake, and what the array offers.
            NotFound: the array does not have the configured storage resource pool.
        """
        wanted = attrs.evolve(
            options, is_uncompressed=before.compression_disabled if is_uncompressed is None else is_uncompressed
        )
        if wanted.pool is None and wanted.service_level is None:
            level, workload = before.service_level or _NONE, wanted.workload or before.workload
            wanted = attrs.evolve(wanted, service_level=level, workload=workload)
        policy, warnings = self.for_new(wanted)
        kept = attrs.evolve(
            policy, replication_enabled=before.replication_enabled, replication_backend=before.replication_backend
        )
        return kept, warnings

    def _check_srp(self) -> None:
        """Refuse a storage resource pool that the array does not have, before a group is made for it.

        Raises:
            NotFound: the array does not have it.
        """
        if self.settings.srp not in self.readers.arrays.list_srps(self.settings.array_id):
            raise NotFound("storage resource pool", self.settings.srp)

    def of_volume(self, volume: Volume, port_group: str | None = None) -> VolumePolicy:
        """The policy that a volume has on the array, as the groups that hold it tell.

        A volume of a group without service level has none. Of several groups, only one can have a service level.

        Args:
            volume: as read.
            port_group: for the masking view; None leaves the choice to the configuration.

        Raises:
            InvalidRequest: the port group cannot be one.
        """
        group = self._managed_group(volume)
        srp = group.srp if group and group.srp else self.settings.srp
        level, workload = (group.service_level, group.workload) if group else (None, None)
        specs = {POOL_NAME: f"{level or _NONE}+{workload or _NONE}+{srp}+{volume.array_id}"}
        if group is not None and group.is_compressed is False:
            specs[DISABLE_COMPRESSION] = "true"
        if port_group:
            specs[PORT_GROUP] = port_group
        reading = read_policy(specs, None, PolicyDefaults(srp=srp), *self._offer(volume.array_id))
        for problem in reading.problems:
            if problem.field == PORT_GROUP:
                raise problem
        return reading.policy

    def replicated_as(self, policy: VolumePolicy, name: str, plugins: PluginAnswers) -> VolumePolicy:
        """The same policy with the replication that a name means.

        Args:
            policy: of a volume.
            name: `backend_id` of a replication device, or its mode; `None` for no replication.
            plugins: know the modes.

        Raises:
            InvalidRequest: the backend has no such device.
        """
        if name.lower() == _NONE.lower():
            return attrs.evolve(policy, replication_enabled=False, replication_backend=None)
        devices = self.settings.replication_devices
        for device in devices:
            if name == device.backend_id or plugins.replication_mode(device.mode).is_called(name):
                return attrs.evolve(policy, replication_enabled=True, replication_backend=device.backend_id)
        known = ", ".join(device.backend_id or plugins.replication_mode(device.mode).name for device in devices)
        raise InvalidRequest("replication", name, f"the backend has {known or 'no replication_device'}; None is none")

    def with_replication_of(self, volume: Volume, policy: VolumePolicy) -> VolumePolicy:
        """The policy of a volume with the replication that it has, as the label of its RDF group tells."""
        for number in volume.rdf_groups:
            group = self.readers.replication.find_rdf_group(volume.array_id, number)
            for device in self.settings.replication_devices:
                if group is not None and device.rdf_group_label == group.label:
                    return attrs.evolve(policy, replication_enabled=True, replication_backend=device.backend_id)
        return policy

    def _managed_group(self, volume: Volume) -> StorageGroup | None:
        for name in volume.storage_groups:
            group = self.readers.storage_groups.find_storage_group(volume.array_id, name)
            if group is not None and group.is_fast_managed:
                return group
        return None

    def _offer(self, array_id: ArrayId) -> tuple[Array, tuple[str, ...], tuple[str, ...]]:
        arrays = self.readers.arrays
        return arrays.get_array(array_id), arrays.list_service_levels(array_id), arrays.list_workloads(array_id)
