"""What a user of the simulator may choose about how it behaves."""

import attrs

from pmax.simulator.pace import AtOnce, Pace


@attrs.frozen(kw_only=True)
class Behaviour:
    """The choices, each with the default that suits a test.

    Attributes:
        job_pace: how long jobs take. At once: the job is over when its 202 answer leaves, which still says `SCHEDULED`.
        copy_pace: how long the background copy of a link takes, and the one of a restore.
        define_pace: how long the background define of a link takes.
        lun_address_pace: how long connections of a view do not show a volume that has come into it.
        snapshot_removal_pace: how long a terminated snapshot is still shown; nothing can be done with it any more.
        sync_pace: how long an SRDF pair takes to synchronise.
        rdf_cycle_s: how long asynchronous replication collects what it sends.
        page_size: entries on a page of an iterator (reference section 4.1: 1000 on a real server).
        iterator_life_s: from its last use on (assumed; reference section 4.2).
        max_snapshots: of one source volume (reference section 5: public product limit).
        max_links: of one source volume (likewise).
        are_defined_targets_kept: what was linked without copy keeps its data after the unlink if it was defined. Cinder
            relies on that for every clone; without it, it loses data. Rule 53 says only that they are not guaranteed.
        are_busy_arrays_refused: a change is refused with the lock text while a job is under way on its array, instead
            of being queued behind it (rule 81).
        is_last_masked_volume_kept: the last volume of a masked group cannot be removed (rule 11, assumed).
        are_empty_groups_unmaskable: a view of a group without volumes cannot be made (rule 12, assumed).
        are_unlogged_paths_connected: connections of a view list initiators that never logged in (reference section
            6.12, assumed).
        max_body_bytes: longer bodies are refused.
    """

    job_pace: Pace = AtOnce()
    copy_pace: Pace = AtOnce()
    define_pace: Pace = AtOnce()
    lun_address_pace: Pace = AtOnce()
    snapshot_removal_pace: Pace = AtOnce()
    sync_pace: Pace = AtOnce()
    rdf_cycle_s: float = 15.0
    page_size: int = 1000
    iterator_life_s: float = 600.0
    max_snapshots: int = 256
    max_links: int = 1024
    are_defined_targets_kept: bool = True
    are_busy_arrays_refused: bool = False
    is_last_masked_volume_kept: bool = True
    are_empty_groups_unmaskable: bool = True
    are_unlogged_paths_connected: bool = True
    max_body_bytes: int = 1_000_000
