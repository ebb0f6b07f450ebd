"""How steps on SRDF sessions, on whole storage groups, are carried out, and how their fate is found out."""

from __future__ import annotations

import logging
from abc import abstractmethod
from typing import TypeVar

from pmax.adapters.rest import replication_calls
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.handling import (
    CHANGED,
    AwaitHandler,
    OneCallHandler,
    UndecidedError,
)
from pmax.adapters.rest.messages import Call
from pmax.domain.errors import NotFound
from pmax.domain.plans import (
    AwaitMembership,
    AwaitSession,
    FailbackSession,
    FailoverSession,
    ProtectStorageGroup,
    ResumeSession,
    StepOutcome,
    SuspendSession,
    UnprotectStorageGroup,
)
from pmax.domain.srdf import CUT_OFF, LINKED, READY, PairState, RdfSession
from pmax.ports.array_commands import Claim

_log = logging.getLogger(__name__)


class ProtectStorageGroupHandler(OneCallHandler[ProtectStorageGroup]):
    """Replicates a storage group."""

    def call(self, step: ProtectStorageGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return replication_calls.protect(step, dialect)

    def look(self, step: ProtectStorageGroup) -> StepOutcome | None:
        """See `StepHandler`. While a job works on the group, pairs may still come."""
        if not self._is_protected(step):
            self.access.jobs.settle(step.array_id, step.storage_group, self.access.fresh_deadline())
        return CHANGED if self._is_protected(step) else None

    def _is_protected(self, step: ProtectStorageGroup) -> bool:
        found = self.access.replication.find_group_replication(step.array_id, step.storage_group)
        return found is not None and step.link.rdf_group in found.rdf_groups


class UnprotectStorageGroupHandler(OneCallHandler[UnprotectStorageGroup]):
    """Ends the replication of a storage group."""

    def call(self, step: UnprotectStorageGroup, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return replication_calls.unprotect(step, dialect)

    def look(self, step: UnprotectStorageGroup) -> StepOutcome | None:
        """See `StepHandler`."""
        session = self.access.replication.find_session(step.array_id, step.storage_group, step.link.rdf_group)
        return CHANGED if session is None else None


S = TypeVar("S", bound=SuspendSession | ResumeSession | FailoverSession | FailbackSession)


class _SessionHandler(OneCallHandler[S]):
    """A step whose effect shows in the states of the pairs."""

    def look(self, step: S) -> StepOutcome | None:
        """See `StepHandler`.

        Raises:
            NotFound: the storage group has no pairs in the RDF group.
        """
        session = self.access.replication.find_session(step.array_id, step.storage_group, step.rdf_group)
        if session is None:
            raise NotFound("SRDF session", step.storage_group)
        return CHANGED if self.is_wanted(session) else None

    @abstractmethod
    def is_wanted(self, session: RdfSession) -> bool:
        """Whether the pairs are where the step brings them."""


D = TypeVar("D", bound=SuspendSession | FailoverSession | FailbackSession)


class _DecisionHandler(_SessionHandler[D]):
    """A step after which hosts, or a whole site, rely on one side. Long after it was begun it is not for us to take."""

    def objection(self, step: D, claim: Claim) -> str:
        """See `StepHandler`."""
        if not claim.is_stale or self.look(step) is not None:
            return ""
        return f"somebody may rely by now on how the pairs of storage group {step.storage_group} are"


class SuspendSessionHandler(_DecisionHandler[SuspendSession]):
    """Suspends."""

    def call(self, step: SuspendSession, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return replication_calls.suspend(step, dialect)

    def look(self, step: SuspendSession) -> StepOutcome | None:
        """See `StepHandler`. Where no pairs are left, none replicates."""
        try:
            return super().look(step)
        except NotFound:
            return CHANGED

    def is_there(self, step: SuspendSession) -> bool:
        """See `StepHandler`. A group that the array did not find may have another name by now, and replicate."""
        return super().look(step) is not None

    def is_wanted(self, session: RdfSession) -> bool:
        """All are suspended.

        Raises:
            UndecidedError: while the arrays cannot talk to each other, it does not show.
        """
        if session.states & CUT_OFF:
            raise UndecidedError(f"storage group {session.storage_group} is {' and '.join(sorted(session.states))}")
        return session.states <= {PairState.SUSPENDED}


class ResumeSessionHandler(_SessionHandler[ResumeSession]):
    """Resumes."""

    def call(self, step: ResumeSession, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return replication_calls.resume(step, dialect)

    def is_wanted(self, session: RdfSession) -> bool:
        """Data flow to R2 again."""
        return session.states <= LINKED


class FailoverSessionHandler(_DecisionHandler[FailoverSession]):
    """Fails over."""

    def call(self, step: FailoverSession, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return replication_calls.fail_over(step, dialect)

    def is_wanted(self, session: RdfSession) -> bool:
        """Hosts may write to R2. While the arrays cannot talk to each other, only the pairs tell."""
        if session.states <= {PairState.FAILED_OVER}:
            return True
        if not session.states <= CUT_OFF | {PairState.FAILED_OVER}:
            return False
        array_id, number = session.array_id, session.rdf_group
        devices = self.access.volumes.list_devices(array_id, storage_group=session.storage_group)
        pairs = (self.access.replication.find_pair(array_id, number, device) for device in devices)
        return all(pair is None or pair.status == READY for pair in pairs)


class FailbackSessionHandler(_DecisionHandler[FailbackSession]):
    """Fails back."""

    def call(self, step: FailbackSession, dialect: Dialect) -> Call:
        """See `StepHandler`."""
        return replication_calls.fail_back(step, dialect)

    def is_wanted(self, session: RdfSession) -> bool:
        """Data flow to R2 again."""
        return session.states <= LINKED | {PairState.R1_UPDATING, PairState.R1_UPDATED}


class AwaitSessionHandler(AwaitHandler[AwaitSession]):
    """Looks at the pairs of a storage group."""

    def seen(self, step: AwaitSession) -> StepOutcome:
        """See `AwaitHandler`."""
        session = self.access.replication.find_session(step.array_id, step.storage_group, step.rdf_group)
        if session is None:
            raise NotFound("SRDF session", step.storage_group)
        return StepOutcome(changed=False, is_settled=session.states <= step.states)


class AwaitMembershipHandler(AwaitHandler[AwaitMembership]):
    """Compares a management group with its RDF group."""

    def seen(self, step: AwaitMembership) -> StepOutcome:
        """See `AwaitHandler`: how the group is replicated, and if nobody knows it, how many pairs the RDF group has."""
        members = self.access.replication.find_group_replication(step.array_id, step.storage_group)
        if members is None and step.pair_count:
            # It was there when the volume joined it. To take the volume back would not bring it back.
            _log.warning(
                "storage group %s of array %s is gone: somebody renamed or deleted it; see `pmax rdf check`",
                step.storage_group,
                step.array_id,
            )
            return StepOutcome(changed=False)
        count = step.pair_count
        if count is None:
            group = self.access.replication.find_rdf_group(step.array_id, step.link.rdf_group)
            if group is None:
                raise NotFound("RDF group", str(step.link.rdf_group))
            count = group.pair_count
        if members is None:
            return StepOutcome(changed=False, is_settled=count == 0)
        is_settled = members.is_exactly(step.link.rdf_group, count)
        return StepOutcome(changed=False, is_settled=is_settled)
