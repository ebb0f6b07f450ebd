"""`pmax complete`: completion of words in the shell, written out of the parsers."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Final

from pmax.adapters.cli import exit_status
from pmax.adapters.cli.base import Action
from pmax.adapters.cli.manual import options_of, parser_of
from pmax.adapters.cli.verbs import VERBS

_BASH: Final = """\
# Completion of pmax for bash. Source it, or put it into /etc/bash_completion.d.
_pmax() {
  local current="${COMP_WORDS[COMP_CWORD]}" place="pmax" word
  local -A after=(
%(table)s  )
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n "${after["$place $word"]+there}" ]]; then place="$place $word"; fi
  done
  if [[ "$current" != -* && "${after[$place]}" == -* ]]; then
    COMPREPLY=( $(compgen -f -- "$current") )
  else
    COMPREPLY=( $(compgen -W "${after[$place]}" -- "$current") )
  fi
}
complete -o filenames -F _pmax pmax
"""
_ZSH: Final = """\
#compdef pmax
# Completion of pmax for zsh. Put it as _pmax into a directory of $fpath.
_pmax() {
  local place="pmax" word
  local -A after
  after=(
%(table)s  )
  for word in "${(@)words[2,CURRENT-1]}"; do
    if (( ${+after[$place $word]} )); then place="$place $word"; fi
  done
  if [[ "$PREFIX" != -* && "${after[$place]}" == -* ]]; then
    _files
  else
    compadd -- ${=after[$place]}
  fi
}
compdef _pmax pmax
"""


class Complete(Action):
    """Print completion for bash or zsh; source it in ~/.bashrc."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the shell."""
        parser = super().get_parser(prog_name)
        parser.add_argument("--shell", choices=("bash", "zsh"), default="bash", help="which shell [bash]")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Write the script."""
        words = {
            place: " ".join(sorted(candidates, key=lambda word: (word.startswith("-"), word)))
            for place, candidates in self._after().items()
        }
        if parsed_args.shell == "bash":
            table = "".join(f"    ['{place}']='{after}'\n" for place, after in words.items())
            self.app.stdout.write(_BASH % {"table": table})
        else:
            table = "".join(f"    '{place}' '{after}'\n" for place, after in words.items())
            self.app.stdout.write(_ZSH % {"table": table})
        return exit_status.DONE

    def _after(self) -> Mapping[str, set[str]]:
        """What may come after the words of a command: further words, and the options of a whole one."""
        after: dict[str, set[str]] = {"pmax": set()}
        for name in VERBS:
            place = "pmax"
            for word in name.split():
                after[place].add(word)
                place = f"{place} {word}"
                after.setdefault(place, set())
            after[place] |= {flag for option in options_of(parser_of(self.app, name)) for flag in option.option_strings}
        return after
