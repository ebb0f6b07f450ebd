"""What is wrong with an RDF group: (both sides as observed) → findings, each with what mends it.

An administrator sees here what the arrays show only in pieces: whether both sides have the same pairs, whether the
management groups hold exactly these, whether a pair lost a half or has two sizes, whether the session stands still.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from pmax.domain.identifiers import DeviceId
from pmax.domain.plans import AddVolumes, Plan, RemoveVolumes, ResumeSession, Step
from pmax.domain.srdf import CUT_OFF, PairState, RdfGroup, RdfPair, SessionAction

_SHOWN_DEVICES = 8


@attrs.frozen(kw_only=True)
class SideObserved:
    """One end of an RDF group.

    Attributes:
        group: as its array shows it.
        paired: devices of that array that are paired in it.
        members: of the management group there; None if there is no such group, or the mode needs none.
    """

    group: RdfGroup
    paired: frozenset[DeviceId]
    members: frozenset[DeviceId] | None = None


@attrs.frozen(kw_only=True)
class RdfGroupInspected:
    """An RDF group in full.

    Attributes:
        near: the end from which one looks.
        far: the other one; None if its array cannot be asked.
        pairs: every pair, as the near array shows it.
        management_group: name of the group that should hold all pairs; None if the mode needs none.
        resume_action: how a suspended session is brought back.
        has_bias: what is said about the bias then.
    """

    near: SideObserved
    far: SideObserved | None
    pairs: tuple[RdfPair, ...]
    management_group: str | None = None
    resume_action: SessionAction = SessionAction.RESUME
    has_bias: bool | None = None


@attrs.frozen(kw_only=True)
class RdfFinding:
    """Something that is not as it should be.

    Attributes:
        rule: short name of the rule.
        subject: what is concerned, in words.
        evidence: what the arrays show.
        remedy: what mends it, in words.
        steps: the same as steps; empty where nothing mends it safely by itself.
    """

    rule: str
    subject: str
    evidence: str
    remedy: str
    steps: tuple[Step, ...] = ()


def inspect(observed: RdfGroupInspected) -> tuple[RdfFinding, ...]:
    """Everything that is wrong with an RDF group, the worst first."""
    return (
        *_link(observed),
        *_sides(observed),
        *_halves(observed),
        *_sizes(observed),
        *_members(observed),
        *_states(observed),
    )


def plan_repair(findings: tuple[RdfFinding, ...]) -> Plan:
    """Mend what can be mended by itself."""
    return Plan(steps=tuple(step for finding in findings for step in finding.steps))


def _link(observed: RdfGroupInspected) -> Iterator[RdfFinding]:
    group = observed.near.group
    cut = sorted({pair.state for pair in observed.pairs} & CUT_OFF)
    if group.is_offline or cut or observed.far is None:
        yield RdfFinding(
            rule="rdf-cut-off",
            subject=f"RDF group {group.label}",
            evidence=f"arrays {group.array_id} and {group.remote_array_id} cannot reach each other"
            + (f": pairs are {' and '.join(cut)}" if cut else ""),
            remedy="bring the SRDF links back; fail over if the array of R1 is lost",
        )


def _sides(observed: RdfGroupInspected) -> Iterator[RdfFinding]:
    far = observed.far
    if far is not None and len(observed.near.paired) != len(far.paired):
        near = observed.near
        yield RdfFinding(
            rule="rdf-uneven",
            subject=f"RDF group {near.group.label}",
            evidence=f"{len(near.paired)} devices are paired on array {near.group.array_id}, "
            f"{len(far.paired)} on array {far.group.array_id}",
            remedy="find the half pairs below, and delete or complete them",
        )


def _halves(observed: RdfGroupInspected) -> Iterator[RdfFinding]:
    far_devices = observed.far.paired if observed.far else None
    for pair in observed.pairs:
        is_half = far_devices is not None and pair.remote_device_id not in far_devices
        if is_half or pair.state is PairState.INVALID:
            yield RdfFinding(
                rule="rdf-half-pair",
                subject=f"device {pair.device_id} of array {pair.array_id}",
                evidence=f"its other side, {pair.remote_device_id} of array {pair.remote_array_id}, is not paired",
                remedy="delete what is left of the pair",
            )


def _sizes(observed: RdfGroupInspected) -> Iterator[RdfFinding]:
    for pair in observed.pairs:
        if not pair.has_equal_sizes:
            yield RdfFinding(
                rule="rdf-sizes",
                subject=f"device {pair.device_id} of array {pair.array_id}",
                evidence=f"{pair.larger_side} is larger than the other side",
                remedy="extend the volume once more: both sides then get the new size",
            )


def _members(observed: RdfGroupInspected) -> Iterator[RdfFinding]:
    name = observed.management_group
    if name is None:
        return
    for side in (observed.near, observed.far):
        if side is None:
            continue
        array_id, members = side.group.array_id, side.members or frozenset()
        missing, foreign = tuple(sorted(side.paired - members)), tuple(sorted(members - side.paired))
        if missing:
            steps = (AddVolumes(array_id=array_id, devices=missing, storage_group=name),)
            yield RdfFinding(
                rule="rdf-not-managed",
                subject=f"storage group {name} of array {array_id}",
                evidence=f"it lacks {_named(missing)} of the RDF group",
                remedy="add them" if side.members is not None else "make the storage group, and add them",
                steps=steps if side.members is not None else (),
            )
        if foreign:
            yield RdfFinding(
                rule="rdf-managed-in-vain",
                subject=f"storage group {name} of array {array_id}",
                evidence=f"it holds {_named(foreign)}, not paired in the RDF group",
                remedy="take them out",
                steps=(RemoveVolumes(array_id=array_id, devices=foreign, storage_group=name),),
            )


def _states(observed: RdfGroupInspected) -> Iterator[RdfFinding]:
    group, name = observed.near.group, observed.management_group
    suspended = tuple(pair.device_id for pair in observed.pairs if pair.state is PairState.SUSPENDED)
    if suspended:
        is_whole = name is not None and len(suspended) == len(observed.pairs) and observed.near.members is not None
        steps: tuple[Step, ...] = ()
        if is_whole and name is not None:
            steps = (
                ResumeSession(
                    array_id=group.array_id,
                    storage_group=name,
                    rdf_group=group.number,
                    resume_action=observed.resume_action,
                    has_bias=observed.has_bias,
                ),
            )
        yield RdfFinding(
            rule="rdf-suspended",
            subject=f"RDF group {group.label}",
            evidence=f"{_named(suspended)} do not replicate",
            remedy="resume the session, unless somebody suspended it on purpose",
            steps=steps,
        )


def _named(devices: tuple[DeviceId, ...]) -> str:
    shown = ", ".join(devices[:_SHOWN_DEVICES])
    more = len(devices) - _SHOWN_DEVICES
    return f"volumes {shown}" + (f" and {more} more" if more > 0 else "")
