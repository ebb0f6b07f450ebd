"""REST calls of each operation in the normal case: existing groups, jobs that are done at the first look."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from comparison.stage import bench, quick

from tests.judges.backend import Backend
from tests.judges.hosts import connector_of

T = TypeVar("T")
Figures = dict[str, int | None]


def calls_of(driver: str, protocol: str) -> Figures:
    """The number of calls by operation; None where the driver cannot do it."""
    with bench() as made:
        backend = quick(made, driver, protocol)
        figures: Figures = {}
        _volumes(backend, figures)
        _attachments(backend, figures)
        _copies(backend, figures)
        _the_rest(backend, figures)
    return figures


def _count(backend: Backend, figures: Figures, name: str, act: Callable[[], T]) -> T | None:
    """Do something and count its calls. A driver that lacks the operation has no figure."""
    answer = None
    with backend.calls() as calls:
        try:
            answer = act()
            done = True
        except NotImplementedError:
            done = False
    figures[name] = len(calls) if done else None
    return answer


def _volumes(backend: Backend, figures: Figures) -> None:
    gold = backend.volume_type(pool=backend.pool(workload="NONE"))
    backend.create(gold)  # so that the group exists, and what is read once has been read
    volume = _count(backend, figures, "create", lambda: backend.create(gold))
    volume = _count(backend, figures, "extend", lambda: backend.extend(volume, 2))
    silver = backend.volume_type("silver", pool=backend.pool("Silver", "NONE"))
    backend.create(silver)
    _count(backend, figures, "retype", lambda: backend.retype(volume, silver))
    _count(backend, figures, "delete", lambda: backend.delete(volume))
    _count(backend, figures, "statistics", lambda: backend.driver.get_volume_stats(refresh=True))


def _attachments(backend: Backend, figures: Figures) -> None:
    gold = backend.volume_type("shared", pool=backend.pool(workload="NONE"), multiattach="<is> True")
    first, second, third = (backend.create(gold) for _ in range(3))
    nodes = [connector_of(backend.protocol, number) for number in (1, 2)]
    backend.attach(third, nodes[1])  # so that the ports have been read, as those of a back end in use have
    _count(backend, figures, "first attach on a host", lambda: backend.attach(first, nodes[0]))
    for node in nodes:
        backend.log_in(node)
    _count(backend, figures, "next attach on a host", lambda: backend.attach(second, nodes[0]))
    _count(backend, figures, "attach to a second host", lambda: backend.attach(first, nodes[1]))
    _count(backend, figures, "detach, other hosts remain", lambda: backend.detach(first, nodes[1]))
    _count(backend, figures, "detach, other volumes remain", lambda: backend.detach(first, nodes[0]))
    _count(backend, figures, "detach, the last of the host", lambda: backend.detach(second, nodes[0]))


def _copies(backend: Backend, figures: Figures) -> None:
    gold = backend.volume_type("copied", pool=backend.pool(workload="NONE"))
    source = backend.create(gold)
    snapshot = _count(backend, figures, "create a snapshot", lambda: backend.snapshot(source))
    if snapshot:
        copy = lambda: backend.create_from_snapshot(snapshot, gold)  # noqa: E731 - beside its like
        _count(backend, figures, "volume from a snapshot", copy)
        unused = backend.snapshot(backend.create(gold))
        _count(backend, figures, "delete a snapshot", lambda: backend.delete_snapshot(unused))
    fresh = backend.create(gold)
    _count(backend, figures, "clone", lambda: backend.clone(fresh))


def _the_rest(backend: Backend, figures: Figures) -> None:
    gold = backend.volume_type("managed", pool=backend.pool(workload="NONE"))
    device = backend.array.add_volume(547, "somebody's")
    volume = _count(backend, figures, "manage", lambda: backend.manage(gold, {"source-id": device}))
    if volume:
        _count(backend, figures, "unmanage", lambda: backend.unmanage(volume))
