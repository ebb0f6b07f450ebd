"""`pmax complete`: completion of words in the shell."""

from __future__ import annotations

from cliff.complete import CompleteCommand

from pmax.adapters.cli.base import Action


class Complete(Action, CompleteCommand):
    """Print completion for bash; source it in ~/.bashrc."""
