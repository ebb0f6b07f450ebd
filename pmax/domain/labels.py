"""Labels: the short forms of compute hosts and port groups that stand inside the names of other objects.

Two generations of the upstream driver differ: a name that is too long is replaced by its last characters and a hash,
and the older one writes these characters in lower case. The operator may also set a template. pmax writes the newest
form and recognises all of them.

Source: driver-provisioning.md 3.1, 3.2, 3.3 and 3.9.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

import attrs

from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import object_name

#: How many characters of a name that is too long stay readable.
_TAIL: Final = 6


def truncate(text: str, length: int) -> str:
    """Shorten a text to its beginning and its end.

    Returns:
        The text if it fits, else its first and last `length // 2` characters: for an odd length one fewer than allowed.
    """
    half = length // 2
    return text if len(text) <= length else text[:half] + text[len(text) - half :]


def _hash(name: str) -> str:
    """32 digits that distinguish long names. MD5 is what existing names were made with; it protects nothing here."""
    return hashlib.md5(name.lower().encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


@attrs.frozen
class _Template:
    """A template that was understood: some characters of the name, then digits of its hash or a fixed text.

    Attributes:
        kept: how many characters of the name, counted from its beginning, or from its end if `from_end`.
        from_end: see `kept`.
        hash_digits: how many digits of the hash follow; 0 for none.
        text: what follows if no hash does.
    """

    kept: int
    from_end: bool
    hash_digits: int
    text: str

    def apply(self, name: str) -> str:
        part = name[-self.kept :] if self.from_end else name[: self.kept]
        return part + (_hash(name)[: self.hash_digits] or self.text)

    @property
    def maximum_length(self) -> int:
        return self.kept + self.hash_digits + len(self.text)


@attrs.frozen(kw_only=True)
class LabelScheme:
    """How names of one kind become labels.

    Attributes:
        kind: what is named, in the user's words.
        option: the option that holds the template.
        base: the word that stands for the name in a template; alone, it is the template that changes nothing.
        length: longest label.
    """

    kind: str
    option: str
    base: str
    length: int

    def check(self, template: str) -> None:
        """Refuse a template that cannot be understood or can make labels that are too long.

        Raises:
            InvalidRequest: the field is the option.
        """
        self._understand(template)

    def known(self, template: str, name: str) -> tuple[str, ...]:
        """Labels that a name may have on an array, the one to write first.

        Args:
            template: the operator's, already checked.
            name: the host without its domain, or the port group.

        Returns:
            The label by the template, then the default form, then the form of 2019; each once.

        Raises:
            InvalidRequest: the label to write would not be a valid part of a name.
        """
        understood = self._understand(template)
        first, *others = ([understood.apply(name)] if understood else []) + list(self._default_forms(name))
        rule = f"it becomes part of names on the array as {first!r}, which need letters A-Z, digits, `_` and `-`"
        if not self._is_label(first):
            raise InvalidRequest(self.kind, name, rule)
        return tuple(dict.fromkeys((first, *filter(self._is_label, others))))

    def _default_forms(self, name: str) -> tuple[str, str]:
        if len(name) <= self.length:
            return name, name
        digits = _hash(name)
        newer, older = name[-_TAIL:], name.lower()[-_TAIL:]
        return truncate(newer + digits, self.length), truncate(older + digits, self.length)

    @staticmethod
    def _is_label(text: str) -> bool:
        try:
            object_name(text, "label")
        except InvalidRequest:
            return False
        return True

    def _understand(self, template: str) -> _Template | None:
        if template == self.base:
            return None
        match = re.fullmatch(re.escape(self.base) + _TEMPLATE, template)
        if match is None:
            forms = " or ".join(
                f"{self.base}{form}" for form in ("", "[:x]uuid[:y]", "[-x:]uuid[:y]", "[:x]text", "[-x:]text")
            )
            rule = f"write {forms}, where x and y count characters and text has letters, digits, `_` and `-`"
            raise InvalidRequest(self.option, template, rule)
        kept = int(match["first"] or match["last"])
        understood = _Template(kept, match["last"] is not None, int(match["digits"] or 0), match["text"] or "")
        if understood.maximum_length > self.length:
            rule = f"it makes labels of {understood.maximum_length} characters, and at most {self.length} fit"
            raise InvalidRequest(self.option, template, rule)
        return understood


_COUNT: Final = "[1-9][0-9]?"
#: What may follow the base word. A count of 0 would keep all or nothing of the name, and is refused.
_TEMPLATE: Final = (
    rf"\[(?::(?P<first>{_COUNT})|-(?P<last>{_COUNT}):)\]"
    rf"(?:uuid\[:(?P<digits>{_COUNT})\]|(?P<text>[A-Za-z0-9_-]+))"
)

HOST_LABELS: Final = LabelScheme(
    kind="compute host", option="powermax_short_host_name_template", base="shortHostName", length=16
)
PORT_GROUP_LABELS: Final = LabelScheme(
    kind="port group", option="powermax_port_group_name_template", base="portGroupName", length=12
)
