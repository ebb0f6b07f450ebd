"""Reading one resource: absent, a value, or an error; and lists that come in one piece."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pmax.adapters.rest.client import Answer, Client
from pmax.adapters.rest.converter import Structurer
from pmax.adapters.rest.dialects import Dialect
from pmax.adapters.rest.messages import GET, Call, Subject
from pmax.adapters.rest.paths import PathTemplate, Query
from pmax.adapters.rest.status import is_absent
from pmax.domain.errors import MalformedReply, NotFound
from pmax.domain.identifiers import ArrayId

T = TypeVar("T")


class Resources:
    """Reads resources as values of a class."""

    def __init__(self, client: Client, structurer: Structurer) -> None:
        """Take what sends and what makes values."""
        self.client = client
        self.structurer = structurer

    def find(
        self, form: type[T], subject: Subject, template: PathTemplate, query: Query = (), **names: str
    ) -> T | None:
        """Read one object.

        Args:
            form: the class to make of it.
            subject: what it is, for errors, and to recognise its absence.
            template: where it is.
            query: filters.
            names: for the template.

        Returns:
            None if the service says of this very object that it does not exist.
        """
        answer = self._ask(subject, template, query, names)
        return None if answer is None else self._value(answer, form)

    def get(self, form: type[T], subject: Subject, template: PathTemplate, query: Query = (), **names: str) -> T:
        """Read one object that must be there.

        Raises:
            NotFound: it is not.
        """
        value = self.find(form, subject, template, query, **names)
        if value is None:
            raise NotFound(subject.kind, subject.name)
        return value

    def names(
        self, key: str, subject: Subject, template: PathTemplate, query: Query = (), **names: str
    ) -> tuple[str, ...]:
        """Read a list of names that comes in one piece; the service may leave its key out when it is empty.

        Raises:
            NotFound: what the list is about does not exist.
        """
        answer = self._ask(subject, template, query, names)
        if answer is None:
            raise NotFound(subject.kind, subject.name)
        payload = answer.reply.payload
        if not isinstance(payload, Mapping):
            raise MalformedReply(answer.call.path, ("it is not an object",))
        listed = payload.get(key)
        return () if listed is None else self.structurer.structure(listed, tuple[str, ...], answer.call.path)

    def _ask(self, subject: Subject, template: PathTemplate, query: Query, names: Mapping[str, str]) -> Answer | None:
        def build(dialect: Dialect) -> Call:
            return read_call(subject, template.at(dialect, query=query, **names))

        answer = self.client.perform(build)
        if is_absent(answer.call, answer.reply):
            return None
        if answer.error is not None:
            raise answer.error
        return answer

    def _value(self, answer: Answer, form: type[T]) -> T:
        array = ArrayId(answer.call.subject.array_id) or None
        return self.structurer.structure(answer.reply.payload, form, answer.call.path, array)


def read_call(subject: Subject, path: str) -> Call:
    """A call that reads."""
    return Call(verb=GET, path=path, subject=subject, operation=f"show {subject.kind} {subject.name}".strip())
