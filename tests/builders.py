"""Values for tests: complete and valid, with whatever matters given by the test."""

from __future__ import annotations

import attrs

from pmax.domain.attach import AttachObserved, HostObserved
from pmax.domain.capacity import Capacity
from pmax.domain.commands import AttachVolume, DetachVolume
from pmax.domain.exposures import Exposure
from pmax.domain.identifiers import ArrayId, DeviceId
from pmax.domain.masking import Connector, DirectorPort, InitiatorGroup, PortGroup, PortKey
from pmax.domain.naming import HostNames
from pmax.domain.policies import VolumePolicy
from pmax.domain.volumes import Volume, VolumeTarget

ARRAY = ArrayId("000197900123")
DEVICE = DeviceId("0012F")
IDENTIFIER = "OS-5d0c7e12-93ab-4f6e-8c21-7b44e0a9d153"
IQN = "iqn.1994-05.com.example:host-a"
GOLD = VolumePolicy(srp="SRP_1", service_level="Gold")
PLAIN = VolumePolicy(srp="SRP_1")
PORT = DirectorPort(
    key=PortKey("SE-1E", "0"), identifier="iqn.1992-04.com.emc:600009700bc", ip_addresses=("10.0.0.11",)
)


def volume(**changes: object) -> Volume:
    """A plain volume of 1 GiB in the default storage group for Gold."""
    plain = Volume(
        array_id=ARRAY,
        device_id=DEVICE,
        identifier=IDENTIFIER,
        capacity=Capacity.from_cylinders(547),
        storage_groups=(GOLD.traits.default_storage_group,),
    )
    return attrs.evolve(plain, **changes)  # type: ignore[arg-type]  # whatever the test says


def target() -> VolumeTarget:
    """The volume of `volume()`, to be proven by its identifier."""
    return VolumeTarget(array_id=ARRAY, device_id=DEVICE, identifiers=(IDENTIFIER,))


def names(host: str = "host-a") -> HostNames:
    """Names of a host's objects over iSCSI and the port group PG1."""
    return HostNames(host, "I", "PG1")


def host(name: str = "host-a", **changes: object) -> HostObserved:
    """A host that the array does not know yet."""
    unknown = HostObserved(
        names=names(name),
        wanted_initiators=frozenset({IQN}),
        initiator_group_name=names(name).initiator_group,
        initiator_group=None,
        port_group=PortGroup(array_id=ARRAY, name="PG1", ports=(PORT.key,)),
        ports=(PORT,),
        has_view=False,
    )
    return attrs.evolve(unknown, **changes)  # type: ignore[arg-type]  # whatever the test says


def initiator_group(name: str = "host-a", *initiators: str) -> InitiatorGroup:
    """The group of a host that has one view."""
    return InitiatorGroup(
        array_id=ARRAY,
        name=names(name).initiator_group,
        initiators=frozenset(initiators or (IQN,)),
        masking_views=(names(name).masking_view,),
    )


def exposure(name: str, policy: VolumePolicy = GOLD, *, is_waiting: bool = False) -> Exposure:
    """A volume that the host sees, in the child group of its service level or in the one without."""
    own = names(name)
    child = own.no_service_level_child() if is_waiting else own.child_storage_group(policy.traits)
    return Exposure(
        storage_group=child,
        masking_view=own.masking_view,
        parent=own.parent_storage_group,
        names=own,
        is_fast_managed=not is_waiting and policy.service_level is not None,
    )


def attach(policy: VolumePolicy = GOLD) -> AttachVolume:
    """Attach `volume()` to host-a over iSCSI."""
    return AttachVolume(
        target=target(),
        connector=Connector(host="host-a", properties={"initiator": IQN}),
        protocol="iscsi",
        policy=policy,
    )


def attach_observed(**changes: object) -> AttachObserved:
    """A detached volume and a host that the array does not know."""
    first = AttachObserved(
        volume=volume(),
        host=host(),
        here=None,
        elsewhere=(),
        child_name=names().child_storage_group(GOLD.traits),
        child=None,
        source=GOLD.traits.default_storage_group,
        source_is_own=True,
        supports_compression=True,
    )
    return attrs.evolve(first, **changes)  # type: ignore[arg-type]  # whatever the test says


def detach(policy: VolumePolicy = GOLD) -> DetachVolume:
    """Detach `volume()` from host-a."""
    return DetachVolume(
        target=target(),
        connector=Connector(host="host-a", properties={"initiator": IQN}),
        protocol="iscsi",
        policy=policy,
    )
