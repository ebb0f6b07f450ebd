"""`pmax audit` and `pmax repair`: debris and dangers on an array, and what takes them away."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.auditor import Auditor
from pmax.adapters.cli.columns import Claim
from pmax.adapters.cli.commands.drift import add_cinder_options, cinder_volumes
from pmax.adapters.cli.listing import Listing
from pmax.adapters.cli.refusals import WrongUsage
from pmax.adapters.cli.writing import ListWriting
from pmax.domain import audit
from pmax.domain.commands import Command, Repair, SnapshotTidying


class AuditArray(Listing):
    """Find debris and dangers on the array.

    Changes nothing. The exit status is 4 if something was found. It takes ten calls, one for each thousand volumes, and
    one for each default storage group, port group, port of one, and object that looks suspicious.
    """

    nothing = "Nothing was found."
    columns = ("finding", "kind", "evidence", "remedy")
    more_columns = ("rule", "name", "title", "is_repairable")

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take rules, and where Cinder's volumes are listed."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--rule", metavar="ID", action="append", default=[], dest="rules", help="only this rule; repeat it"
        )
        add_cinder_options(parser, is_required=False)
        parser.add_argument("--list-rules", action="store_true", help="say what the rules are, and read nothing")
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Audit; the exit status says whether something was found."""
        self._is_clean = True
        status = super().run(parsed_args)
        return status if self._is_clean or status else exit_status.CONFLICT

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """List the rules, or what they find."""
        if parsed_args.list_rules:
            rows = [(rule.rule_id, rule.title, Claim(rule.repair is not None), rule.reason) for rule in audit.RULES]
            return ("rule", "title", "is_repairable", "reason"), rows
        columns, rows_found = super().take_action(parsed_args)
        return columns, self._counted(rows_found)

    def rows(self, parsed_args: argparse.Namespace) -> Iterator[Sequence[Any]]:
        """Survey the array, then let each rule judge."""
        rules = [audit.rule_of(rule_id) for rule_id in dict.fromkeys(parsed_args.rules)] or audit.RULES
        auditor = Auditor(
            readers=self.readers, array_id=self.array_id, at_a_time=self.session.engine.settings.read_slots
        )
        cinder = cinder_volumes(parsed_args, self.array_id)
        known = None if cinder is None else frozenset(name for volume in cinder for name in volume.identifiers)
        with self.reading("reading the array"):
            survey = auditor.survey(self.readers.surveys.list_volumes(self.array_id), known)
        for rule in rules:
            for found in rule.check(survey):
                yield (
                    found.finding_id,
                    found.kind,
                    found.evidence,
                    found.proposal,
                    found.rule_id,
                    found.name,
                    rule.title,
                    Claim(found.is_repairable),
                )

    def _counted(self, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            self._is_clean = False
            yield row


class RepairFindings(ListWriting):
    """Take away what an audit found, where that is safe.

    Only what pmax or Cinder made, holds nothing and serves nobody is taken away; each object is read again first. The
    other findings need a person to decide.
    """

    usage = "FINDING [FINDING ...]"
    nothing = "Nothing to repair."

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take findings."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "findings", metavar="FINDING", nargs="+", help="as `pmax audit` names it, such as GRP01:OS-node1-SG"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask if there are several")
        return parser

    def commands(self, parsed_args: argparse.Namespace) -> list[tuple[str, Command[Any]]]:
        """Make a command of each finding."""
        return [self._command(finding) for finding in dict.fromkeys(parsed_args.findings)]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        """Ask, if there are several, and repair one after the other."""
        findings = tuple(dict.fromkeys(parsed_args.findings))
        self.commands(parsed_args)  # says what is wrong with any of them, before anybody is asked
        if len(findings) > 1:
            self.confirm(f"Repair {len(findings)} findings?", parsed_args, len(findings), danger="several are repaired")
        return ("finding", "kind", "name", "was_needed"), self._repaired(parsed_args)

    def _repaired(self, parsed_args: argparse.Namespace) -> Iterator[tuple[Any, ...]]:
        commands = self.commands(parsed_args)
        for finding, (_, command) in zip(dict.fromkeys(parsed_args.findings), commands, strict=True):
            result: Repair | SnapshotTidying = self.session.engine.execute(command)
            if isinstance(result, SnapshotTidying):
                yield finding, "snapshot", finding.partition(":")[2], Claim(bool(result.deleted))
            else:
                yield finding, result.kind, result.name, Claim(result.was_needed)

    def _command(self, finding: str) -> tuple[str, Command[Any]]:
        rule_id, _, name = finding.partition(":")
        rule = audit.rule_of(rule_id)
        if not name:
            raise WrongUsage(f"{finding} names a rule, but no finding", "write it as `pmax audit` does, RULE:NAME")
        if rule.repair is None:
            remedy = "`pmax audit` says what to do; a person has to decide"
            raise WrongUsage(f"nothing repairs {rule_id} ({rule.title}) without a risk", remedy)
        return f"Repair {finding}", rule.repair(self.array_id, name)
