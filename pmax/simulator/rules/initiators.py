"""Initiators: how they are written, who speaks what, and that each is in one host at most (rules 33, 34 and 36)."""

from collections.abc import Sequence

import attrs

from pmax.simulator.identifiers import IQN, NQN, WWPN
from pmax.simulator.refusals import ArrayRefused
from pmax.simulator.state.masking_records import Initiator, Protocol
from pmax.simulator.state.transaction import ArrayTables


def normal_id(text: str) -> tuple[str, Protocol]:
    """Return an initiator id as the array writes it, and what it speaks.

    WWNs and IQNs are written in lower case; an NVMe host is `nqn…:HOSTID` with the host id in upper case.

    Raises:
        ArrayRefused: it is neither.
    """
    folded = text.strip().lower()
    wwn = folded.replace(":", "")
    if WWPN.fullmatch(wwn):
        return wwn, Protocol.FIBRE
    if IQN.fullmatch(folded):
        return folded, Protocol.ISCSI
    nqn = NQN.fullmatch(text.strip())
    if nqn:
        return f"{nqn[1].lower()}:{nqn[2].upper()}", Protocol.NVME_TCP
    if folded.startswith("nqn."):
        raise ArrayRefused(f"[{text[:80]}] is not in the format of a valid NQN:HostID")
    raise ArrayRefused(f"[{text[:80]}] is no valid initiator")


def known_initiator(array: ArrayTables, text: str) -> Initiator:
    """Return an initiator, made known to the array if it was not; it need not have logged in (rule 34)."""
    initiator_id, protocol = normal_id(text)
    found = array.initiators.find(initiator_id)
    if found is not None:
        return found
    new = Initiator(initiator_id=initiator_id, protocol=protocol)
    array.initiators.put(new)
    return new


def initiators_for_host(
    array: ArrayTables, texts: Sequence[str], host_name: str, known: Sequence[str]
) -> tuple[str, ...]:
    """Return the ids of initiators that shall join a host.

    Raises:
        ArrayRefused: one is in a host (rule 33), or they speak different protocols (rule 36, inferred).
    """
    joining = [known_initiator(array, text) for text in texts]
    for initiator in joining:
        if array.hosts.count("initiator", initiator.initiator_id):
            raise ArrayRefused(
                f"Cannot use the initiator {initiator.initiator_id} for host {host_name}: it is already in use in "
                f"another Initiator Group"
            )
    members = [array.initiators.get(each) for each in known] + joining
    if len({initiator.protocol for initiator in members}) > 1:
        raise ArrayRefused(f"Host [{host_name}] cannot mix initiators of different protocols")
    return tuple(dict.fromkeys(initiator.initiator_id for initiator in joining))


def forget_if_idle(array: ArrayTables, initiator_id: str) -> None:
    """Forget an initiator that is in no host and never logged in."""
    initiator = array.initiators.find(initiator_id)
    if initiator is not None and not initiator.logins and not array.hosts.count("initiator", initiator_id):
        array.initiators.delete(initiator_id)


def protocol_of_hosts(array: ArrayTables, hosts: Sequence[str]) -> Protocol | None:
    """Return what the initiators of hosts speak; None if there are none."""
    for host in hosts:
        for initiator_id in array.hosts.get(host).initiators:
            return array.initiators.get(initiator_id).protocol
    return None


def replace_initiator(array: ArrayTables, old: Initiator, text: str) -> Initiator:
    """Put another initiator in the place of one; its host keeps its place in it.

    Raises:
        ArrayRefused: the new one is in a host already (rule 33), or speaks another protocol.
    """
    new_id, protocol = normal_id(text)
    if protocol is not old.protocol:
        raise ArrayRefused(f"[{new_id}] speaks another protocol than [{old.initiator_id}]")
    if array.hosts.count("initiator", new_id):
        raise ArrayRefused(f"[{new_id}] is already in use in another Initiator Group")
    new = known_initiator(array, text)
    host = array.hosts.find_where("initiator", old.initiator_id)
    if host is not None:
        members = tuple(new_id if each == old.initiator_id else each for each in host.initiators)
        array.hosts.put(attrs.evolve(host, initiators=members))
    forget_if_idle(array, old.initiator_id)
    return new
