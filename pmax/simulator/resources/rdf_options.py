"""Reads bodies that do something to pairs: actions with their options, modes (reference sections 6.17 and 6.18)."""

from collections.abc import Mapping
from types import MappingProxyType

from pmax.simulator.body import Fields
from pmax.simulator.dialect import Dialect
from pmax.simulator.refusals import ArrayRefused, BadRequest
from pmax.simulator.rules.srdf_actions import Options
from pmax.simulator.rules.srdf_transitions import Action
from pmax.simulator.state.srdf_records import RdfMode

MODES: Mapping[str, RdfMode] = MappingProxyType(
    {
        "Synchronous": RdfMode.SYNCHRONOUS,
        "Asynchronous": RdfMode.ASYNCHRONOUS,
        "AdaptiveCopyDisk": RdfMode.ADAPTIVE_COPY,
        "AdaptiveCopy": RdfMode.ADAPTIVE_COPY,
        "Active": RdfMode.ACTIVE,
    }
)
"""What bodies call the modes."""

_CONSISTENCY = frozenset({Action.ENABLE_CONSISTENCY, Action.DISABLE_CONSISTENCY})
_ACTIONS = tuple(action for action in Action if action is not Action.DELETE_PAIR)
_EVERYWHERE = ("force", "symForce", "star", "hop2", "bypass")
_FLAGS: Mapping[Action, tuple[str, ...]] = MappingProxyType(
    {
        Action.ESTABLISH: (*_EVERYWHERE, "metroBias", "full"),
        Action.RESUME: (*_EVERYWHERE, "remote", "recoverPoint"),
        Action.RESTORE: (*_EVERYWHERE, "metroBias", "full", "remote", "recoverPoint"),
        Action.SUSPEND: (*_EVERYWHERE, "metroBias", "immediate", "consExempt"),
        Action.SPLIT: (*_EVERYWHERE, "immediate"),
        Action.FAILOVER: (*_EVERYWHERE, "immediate", "remote", "establish", "restore"),
        Action.FAILBACK: (*_EVERYWHERE, "remote", "recoverPoint"),
        Action.SWAP: (*_EVERYWHERE, "halfSwap", "refreshR1", "refreshR2"),
        Action.SET_MODE: _EVERYWHERE,
        Action.SET_BIAS: _EVERYWHERE,
        Action.ENABLE_CONSISTENCY: _EVERYWHERE,
        Action.DISABLE_CONSISTENCY: _EVERYWHERE,
    }
)
"""The flags of each action; those of Split, Restore and the last four are inferred."""


def read_mode(fields: Fields, name: str) -> RdfMode:
    """Return a mode that must be there."""
    return MODES[fields.choice(name, MODES)]


def read_action(body: Fields, dialect: Dialect) -> tuple[Action, Options]:
    """Return what shall be done to pairs; the options may be absent.

    Raises:
        BadRequest: the version does not know the action, or SetMode has no mode.
        ArrayRefused: the mode cannot be set.
    """
    action = Action(body.choice("action", _ACTIONS))
    if action in _CONSISTENCY and not dialect.has_consistency_actions:
        raise BadRequest(f"Version [{dialect.version}] of the API does not have action {action}")
    key = action[0].lower() + action[1:]
    fields = body.optional_fields(key) or Fields({}, key)
    # `metroBias` that is not sent leaves the bias as it is.
    says_bias = "metroBias" in fields
    flags = {name: fields.boolean(name, default=False) for name in _FLAGS[action]}
    mode = read_mode(fields, "mode") if action is Action.SET_MODE else None
    if mode is RdfMode.ACTIVE:
        raise ArrayRefused("The mode of RDF devices cannot be changed to Active")
    return action, Options(
        is_forced=flags["force"] or flags["symForce"],
        is_exempt=flags.get("consExempt", False),
        is_immediate=flags.get("immediate", False),
        has_bias=flags["metroBias"] if says_bias else None,
        mode=mode,
        establishes=flags.get("establish", False),
        restores=flags.get("restore", False),
        refreshes_r1=flags.get("refreshR1", False),
        refreshes_r2=flags.get("refreshR2", False),
        is_half=flags.get("halfSwap", False),
    )
