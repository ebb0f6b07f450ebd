"""Built-in plugin: what administrators do to RDF groups by hand."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from pmax.domain import rdf_checks
from pmax.domain.commands import ChangeSession, RdfGroupRepair, RepairRdfGroup, SessionChange
from pmax.domain.errors import InvalidRequest, NotFound
from pmax.domain.identifiers import ArrayId
from pmax.domain.plans import FailbackSession, FailoverSession, Plan, Recovery, ResumeSession, Step, SuspendSession
from pmax.domain.rdf_checks import RdfFinding
from pmax.domain.replication import Replication
from pmax.domain.srdf import RdfGroup, RdfSession, SessionAction, is_needed
from pmax.plugins.context import PluginContext
from pmax.plugins.handlers import AnyHandler, Handler, Look, Outcomes
from pmax.plugins.hookspecs import hookimpl
from pmax.plugins.rdf_inspection import RdfInspector
from pmax.ports.runtime import LockKey


def _lock(array_id: ArrayId, label: str) -> frozenset[LockKey]:
    return frozenset({LockKey(array_id, "rdf_group", label)})


def _inspector(context: PluginContext) -> RdfInspector:
    return RdfInspector(settings=context.settings, readers=context.readers, plugins=context.plugins)


@attrs.frozen(kw_only=True)
class SessionObserved:
    """What the plan of a change depends on.

    Attributes:
        group: the RDF group.
        session: of the storage group.
        replication: how the RDF group is used; None if nobody knows.
    """

    group: RdfGroup
    session: RdfSession
    replication: Replication | None


class ChangeSessionHandler(Handler[ChangeSession, SessionObserved, SessionChange]):
    """Suspends, resumes, fails over, fails back: two or three reads, one write."""

    command = ChangeSession

    def __init__(self, context: PluginContext) -> None:
        self._inspector = _inspector(context)

    def locks(self, command: ChangeSession) -> frozenset[LockKey]:
        """The RDF group."""
        return _lock(command.array_id, command.label)

    def observe(self, command: ChangeSession, look: Look) -> SessionObserved:
        """Read the group, and the states of the pairs.

        Raises:
            NotFound: there is no such RDF group, or the storage group has no pairs in it.
            InvalidRequest: no storage group was named, and the mode keeps none that holds all pairs.
        """
        group = self._inspector.group(command.array_id, command.label)
        replication = self._inspector.replication(group)
        name = command.storage_group or (replication.management_group if replication else None)
        if not name:
            rule = "the volumes of this RDF group are in no storage group of their own: name the one that is meant"
            raise InvalidRequest("storage group", "", rule)
        session = self._inspector.readers.replication.find_session(command.array_id, name, group.number)
        if session is None:
            raise NotFound("SRDF session", f"{name} in RDF group {group.label}")
        return SessionObserved(group=group, session=session, replication=replication)

    def plan(self, command: ChangeSession, observed: SessionObserved) -> Plan:
        """One step, if the states do not forbid it and it is needed.

        Raises:
            IllegalTransition: a pair's state forbids it.
        """
        session, is_alone = observed.session, observed.group.is_offline
        if not is_needed(command.action, session.states, session.storage_group, is_alone=is_alone):
            return Plan()
        return Plan(steps=(self._step(command, observed),), recovery=Recovery.FINISH)

    @staticmethod
    def _step(command: ChangeSession, observed: SessionObserved) -> Step:
        array_id, name, number = command.array_id, observed.session.storage_group, observed.group.number
        match command.action:
            case SessionAction.FAILOVER:
                return FailoverSession(array_id=array_id, storage_group=name, rdf_group=number)
            case SessionAction.FAILBACK | SessionAction.RESTORE as action:
                restores = action is SessionAction.RESTORE
                return FailbackSession(array_id=array_id, storage_group=name, rdf_group=number, restores=restores)
        used = observed.replication
        suspension = SuspendSession(
            array_id=array_id,
            storage_group=name,
            rdf_group=number,
            resume_action=used.mode.resume_action if used else SessionAction.RESUME,
            has_bias=used.has_bias if used else None,
        )
        if command.action is SessionAction.SUSPEND:
            return suspension
        return ResumeSession(**attrs.asdict(suspension))

    def result(self, command: ChangeSession, observed: SessionObserved, outcomes: Outcomes) -> SessionChange:
        """Say where the pairs were."""
        session = observed.session
        return SessionChange(
            storage_group=session.storage_group,
            rdf_group=session.rdf_group,
            before=session.states,
            was_needed=bool(outcomes.pairs),
        )


class RepairRdfGroupHandler(Handler[RepairRdfGroup, tuple[RdfFinding, ...], RdfGroupRepair]):
    """Mends what a look at both sides finds and can be mended by itself."""

    command = RepairRdfGroup

    def __init__(self, context: PluginContext) -> None:
        self._inspector = _inspector(context)

    def locks(self, command: RepairRdfGroup) -> frozenset[LockKey]:
        """The RDF group."""
        return _lock(command.array_id, command.label)

    def observe(self, command: RepairRdfGroup, look: Look) -> tuple[RdfFinding, ...]:
        """Inspect it."""
        return rdf_checks.inspect(self._inspector.inspect(command.array_id, command.label))

    def plan(self, command: RepairRdfGroup, observed: tuple[RdfFinding, ...]) -> Plan:
        """See `pmax.domain.rdf_checks`."""
        return rdf_checks.plan_repair(observed)

    def result(self, command: RepairRdfGroup, observed: tuple[RdfFinding, ...], outcomes: Outcomes) -> RdfGroupRepair:
        """What was mended, and what was not."""
        told = {finding: f"{finding.subject}: {finding.evidence}" for finding in observed}
        return RdfGroupRepair(
            mended=tuple(words for finding, words in told.items() if finding.steps),
            left=tuple(f"{words}; {finding.remedy}" for finding, words in told.items() if not finding.steps),
        )


@hookimpl
def pmax_register_handlers(context: PluginContext) -> Sequence[AnyHandler]:
    """The two commands of this plugin."""
    return (ChangeSessionHandler(context), RepairRdfGroupHandler(context))
