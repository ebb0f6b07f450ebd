"""Errors in two sentences: one names the object and what is the matter, one says what to do.

Pure: an error goes in, texts and an exit status come out. Writing them is the business of `complaints`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.refusals import Declined, StillGoing, WouldHurt, WrongUsage
from pmax.domain import errors


@attrs.frozen
class Explanation:
    """An error as people read it.

    Attributes:
        what: what is the matter; names the object.
        remedy: what to do, one sentence; each further line of it is one more thing to do.
        status: the exit status.
    """

    what: str
    remedy: str
    status: int


#: What shows the objects of a kind.
_SHOWN_BY: Final = {
    "array": "`pmax array list` shows the arrays that this Unisphere manages.",
    "volume": "`pmax volume list` shows the volumes.",
    "host": "`pmax host list` shows the hosts.",
    "port group": "`pmax port group list` shows the port groups.",
    "masking view": "`pmax masking view list` shows the masking views.",
    "director": "`pmax director list` shows the directors.",
    "storage group": "`pmax storage group list` shows the storage groups.",
    "snapshot": "`pmax snapshot list` shows the snapshots.",
    "volume group": "`pmax group list` shows the volume groups.",
    "RDF group": "`pmax rdf list` shows the RDF groups.",
    "interrupted operation": "`pmax journal list` shows the interrupted operations.",
    "job": "`pmax job list` shows the jobs.",
    "object": "`pmax tree` shows what there is, and `pmax array list` other arrays to look on with --array.",
    "path": "`pmax volume show VOLUME` shows the hosts that see a volume.",
    "storage resource pool": "`pmax srp list` shows the pools; set powermax_srp to one of them.",
    "SRP": "`pmax srp list` shows the pools; set powermax_srp to one of them.",
    "plugin": "`pmax plugin list` shows the plugins.",
    "backend": "Name a section of the configuration with --backend.",
}
_WHICH: Final = "say which with --generation or --snap-id; `pmax snapshot list VOLUME --long` shows them"
_TREE: Final = "`pmax tree` shows what there is."
_RECOVER: Final = "`pmax journal list` shows it, and `pmax journal recover` finishes or undoes it."
_REACH: Final = "check san_ip and san_api_port, the network between here and there, and that Unisphere runs."
_AUTHORITY: Final = "set driver_ssl_cert_path to the CA certificate that signed it."
_RETRY: Final = "Nothing was left behind: mend the cause and try again; --explain shows the calls."


def explain(error: errors.PmaxError) -> Explanation:
    """Say what is the matter and what to do."""
    what, remedy = _words(error)
    return Explanation(_sentence(what), "\n".join(_sentence(line) for line in remedy), exit_status.of_error(error))


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _sentence(text: str) -> str:
    """A text with a capital letter, unless it begins with a name or code, and a full stop."""
    text = text.strip()
    first = text.split(" ", 1)[0]
    if first.isalpha() and first.islower():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else text + "."


def _words(error: errors.PmaxError) -> tuple[str, tuple[str, ...]]:  # noqa: C901, PLR0911, PLR0912 - a table of every error
    match error:
        case WrongUsage(what=what, remedy=remedy):
            return what, (remedy,)
        case WouldHurt(what=what, harm=harm, remedy=remedy):
            return what, (*harm, remedy)
        case Declined():
            return str(error), ()
        case StillGoing(shown_by=shown_by):
            return str(error), (f"`{shown_by}` shows how far it is",)
        case errors.InvalidRequest(field=field, value=value, rule=rule):
            return f"{field} {_shown(value)} is not valid", (rule,)
        case errors.ConfigurationInvalid(problems=(problem,)):
            return _split(problem, ": ", "correct the configuration")
        case errors.ConfigurationInvalid(problems=problems):
            return "the configuration is not valid", problems
        case errors.NotFound(kind=kind, name=name):
            return f"{kind} {name} does not exist", (_SHOWN_BY.get(kind, _TREE),)
        case errors.AlreadyExists(kind=kind):
            return str(error), (f"choose another name, or use the {kind} that is there",)
        case errors.InUse(kind="snapshot name", name=name, by=by):
            return f"snapshot name {name} is that of {by.partition(';')[0]}", (_WHICH,)
        case errors.InUse(kind=kind, name=name, by=by):
            return _split(f"{kind} {name} is in use by {by}", "; ", _TREE)
        case errors.NotManageable(kind=kind, name=name, reasons=reasons):
            return f"{kind} {name} cannot be managed, and was left as it is", reasons
        case errors.WrongIdentity(kind=kind, name=name, expected=expected, found=found):
            return (
                f"{kind} {name} carries the identifier {_shown(found)}, not {_shown(expected)}",
                ("it was left alone: look who uses it now before you do anything else with it",),
            )
        case errors.IllegalTransition(kind=kind, name=name):
            return str(error), (f"wait until {kind} {name} has changed, or change it first",)
        case errors.CredentialsRejected(endpoint=endpoint, status=401, message=message):
            return f"Unisphere at {endpoint} does not accept the user (HTTP 401: {message})", (
                "check san_login and san_password in the configuration",
            )
        case errors.CredentialsRejected(endpoint=endpoint, status=status, message=message):
            return f"Unisphere at {endpoint} does not let the user do this (HTTP {status}: {message})", (
                "give the user the Storage Admin role on the array",
            )
        case errors.CertificateRefused(endpoint=endpoint, cause=cause):
            return _of_refusal(endpoint, *_split(cause, ": ", _AUTHORITY))
        case errors.Unavailable(endpoint=endpoint, cause=cause):
            return _of_silence(endpoint, *_split(cause, ": ", _REACH))
        case errors.Interrupted():
            return str(error), ("what had been made was taken back; run the same command again when you want it",)
        case errors.Busy(resource=resource, waited_s=waited_s):
            return f"{resource} was busy for {waited_s:.0f} s, and nothing was done", ("try again later",)
        case errors.OutcomeUnknown(step=step, cause=cause):
            return f"whether the array did this is not known: {step} ({cause})", (_RECOVER,)
        case errors.PlanFailed(step=step, left_behind=left_behind):
            return f"could not {step}; left on the array: {', '.join(left_behind)}", (_RECOVER,)
        case errors.DeadlinePassed():
            return str(error), ("look at the array's jobs in Unisphere, then try again",)
        case errors.MalformedReply():
            return str(error), ("run again with --debug and report it with the version of Unisphere",)
    return str(error), (_RETRY,)


def _split(text: str, separator: str, remedy: str) -> tuple[str, tuple[str, ...]]:
    """A text that may name its own remedy, taken apart; `remedy` if it does not."""
    what, _, own = text.partition(separator)
    return what, (own or remedy,)


def _of_silence(endpoint: str, why: str, remedy: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    return f"Unisphere at {endpoint} gave no answer: {why}", remedy


def _of_refusal(endpoint: str, why: str, remedy: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    return f"Unisphere at {endpoint} was refused: {why}", remedy


def _shown(value: object) -> str:
    return f"{value!r}" if isinstance(value, str) else str(value)
