"""`pmax rdf suspend|resume|failover|failback|check|repair`: what is done to RDF groups by hand."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.columns import Claim, Names
from pmax.adapters.cli.commands.rdf import RdfAction
from pmax.adapters.cli.listing import Listing
from pmax.adapters.cli.waiting import Advance, take_wait
from pmax.adapters.cli.writing import ShowWriting
from pmax.domain import rdf_checks
from pmax.domain.commands import ChangeSession, Command, RdfGroupRepair, RepairRdfGroup, SessionChange
from pmax.domain.srdf import COPYING, SessionAction


class _ChangesSession(ShowWriting):
    """Does something to the pairs of a storage group.

    Attributes:
        action: what is done.
        danger: what hosts may lose by it, asked before; empty if nothing.
        awaited: what `--wait` waits for.
    """

    usage = "RDF_GROUP"
    action: ClassVar[SessionAction]
    danger: ClassVar[str] = ""
    awaited: ClassVar[str] = "no pair has data under way"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take an RDF group, and a storage group."""
        parser = super().get_parser(prog_name)
        parser.add_argument("rdf_group", metavar="RDF_GROUP", help="label or number")
        parser.add_argument(
            "--storage-group",
            metavar="NAME",
            default="",
            help="only its pairs; by default all, where one storage group holds them all (Asynchronous, Metro)",
        )
        take_wait(parser, self.awaited)
        if self.danger:
            parser.add_argument("--yes", action="store_true", help="do not ask")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """One command."""
        command = ChangeSession(
            array_id=self.array_id,
            label=parsed_args.rdf_group,
            storage_group=parsed_args.storage_group,
            action=self.action,
        )
        return [(f"{self.action.value} RDF group {parsed_args.rdf_group}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Do it, and say what it was."""
        [(words, command)] = self.commands(parsed_args)
        if self.danger:
            self.confirm(f"{words}? {self.danger}", parsed_args, danger="hosts may be hurt")
        result: SessionChange = self.session.engine.execute(command)
        if parsed_args.wait:
            what = f"pairs of {result.storage_group} in RDF group {parsed_args.rdf_group}"
            shown_by = f"pmax rdf show {parsed_args.rdf_group}"
            self.wait(what, shown_by, lambda: self._advance(result), parsed_args.timeout)
        fields = {
            "array_id": self.array_id,
            "storage_group": result.storage_group,
            "number": result.rdf_group,
            "states_before": Names(sorted(state.value for state in result.before)),
            "was_needed": Claim(result.was_needed),
        }
        return tuple(fields), tuple(fields.values())

    def _advance(self, change: SessionChange) -> Advance:
        """How far the pairs are: over when no data are under way."""
        session = self.readers.replication.find_session(self.array_id, change.storage_group, change.rdf_group)
        states = session.states if session else frozenset()
        return Advance(words=", ".join(sorted(state.value for state in states)), is_over=not states & COPYING)


class SuspendRdf(_ChangesSession):
    """Suspend the replication of an RDF group.

    What is written meanwhile is copied when the group is resumed.
    """

    action = SessionAction.SUSPEND
    danger = "What is written then is on one array only, and of Metro volumes hosts lose one side."


class ResumeRdf(_ChangesSession):
    """Resume the replication of an RDF group."""

    action = SessionAction.RESUME


class FailoverRdf(_ChangesSession):
    """Fail an RDF group over, to R2.

    Hosts may write to R2 then, and to R1 no more. Name the array of R2 with --array: it does the work, also when the
    other one is lost. Cinder's volumes are failed over by `cinder failover-host`, which tells Cinder as well.
    """

    action = SessionAction.FAILOVER
    danger = "Hosts lose one side of these volumes."


class FailbackRdf(_ChangesSession):
    """Fail an RDF group back, to R1.

    R1 gets what was written to R2. Name the array of R2 with --array. Cinder's volumes are failed back by
    `cinder failover-host --backend_id default`.
    """

    action = SessionAction.FAILBACK
    danger = "Hosts lose one side of these volumes."


class RestoreRdf(_ChangesSession):
    """Bring split R1 volumes back from R2.

    Pairs are split after a failover of which R1 was not told, since the arrays could not talk. What was written to R1
    since is lost.
    """

    action = SessionAction.RESTORE
    danger = "Hosts lose one side of these volumes."


class CheckRdf(Listing, RdfAction):
    """Check RDF groups from both ends.

    Membership, sizes, half pairs and states are compared, and nothing is changed. The exit status is 4 if
    something was found. It takes about eight calls for each RDF group, and one for each pair.
    """

    nothing = "Nothing was found."
    columns = ("rule", "subject", "evidence", "remedy")
    more_columns = ("is_repairable",)

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take groups."""
        parser = super().get_parser(prog_name)
        parser.add_argument("rdf_groups", metavar="RDF_GROUP", nargs="*", help="label or number; by default all")
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Check; the exit status says whether something was found."""
        self._is_clean = True
        status = super().run(parsed_args)
        return status if self._is_clean or status else exit_status.CONFLICT

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Inspect one group after the other."""
        labels = parsed_args.rdf_groups or [
            str(each.number) for each in self.readers.replication.list_rdf_groups(self.array_id)
        ]
        for label in labels:
            for finding in rdf_checks.inspect(self.inspector.inspect(self.array_id, label)):
                self._is_clean = False
                repairable = Claim(bool(finding.steps))
                yield finding.rule, finding.subject, finding.evidence, finding.remedy, repairable


class RepairRdf(ShowWriting):
    """Mend the membership and sessions of an RDF group.

    Its management groups get the members that they should have, and a session that is suspended as a whole is resumed;
    `pmax rdf check` shows what else is wrong.
    """

    usage = "RDF_GROUP"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take a group."""
        parser = super().get_parser(prog_name)
        parser.add_argument("rdf_group", metavar="RDF_GROUP", help="label or number")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """One command."""
        command = RepairRdfGroup(array_id=self.array_id, label=parsed_args.rdf_group)
        return [(f"Repair RDF group {parsed_args.rdf_group}", command)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Repair it."""
        [(_, command)] = self.commands(parsed_args)
        result: RdfGroupRepair = self.session.engine.execute(command)
        fields = {
            "array_id": self.array_id,
            "rdf_group": parsed_args.rdf_group,
            "mended": Names(result.mended),
            "left": Names(result.left),
        }
        return tuple(fields), tuple(fields.values())
