"""Operations in every setting that changes their path, each as a stage before it and the operation itself."""

from __future__ import annotations

from functools import partial

from tests.faults import (
    attachment_scenarios,
    copy_scenarios,
    failover_scenarios,
    group_copy_scenarios,
    group_scenarios,
    replicated_scenarios,
    retype_scenarios,
    storage_group_scenarios,
    volume_scenarios,
)
from tests.faults.scenario import Scenario
from tests.replicated_stage import ASYNC, METRO, SYNC, Mode


def _replication(mode: Mode) -> tuple[Scenario, ...]:
    name = mode.name
    return (
        Scenario(f"create replicated, first, {name}", replicated_scenarios.create, is_repeatable=False, mode=mode),
        Scenario(
            f"create replicated, next, {name}",
            partial(replicated_scenarios.create, others=1),
            is_repeatable=False,
            mode=mode,
        ),
        Scenario(f"delete replicated, last, {name}", replicated_scenarios.delete, mode=mode),
        Scenario(f"delete replicated, others left, {name}", partial(replicated_scenarios.delete, others=1), mode=mode),
        Scenario(f"extend replicated, {name}", replicated_scenarios.extend, mode=mode),
        Scenario(f"attach replicated, first on the host, {name}", replicated_scenarios.attach, mode=mode),
        Scenario(f"detach replicated, last of the host, {name}", replicated_scenarios.detach, mode=mode),
        Scenario(f"fail over, {name}", failover_scenarios.over, mode=mode),
        Scenario(f"fail back, {name}", failover_scenarios.back, mode=mode),
        Scenario(f"suspend, {name}", failover_scenarios.suspend, mode=mode),
        Scenario(f"resume, {name}", failover_scenarios.resume, mode=mode),
        Scenario(
            f"clone replicated, first, {name}",
            copy_scenarios.clone_replicated,
            is_repeatable=False,
            mode=mode,
            is_sampled=False,
        ),
        Scenario(
            f"clone replicated, next, {name}",
            partial(copy_scenarios.clone_replicated, others=1),
            is_repeatable=False,
            mode=mode,
        ),
        Scenario(
            f"copy replicated, {name}",
            copy_scenarios.copy_replicated,
            is_repeatable=False,
            mode=mode,
            is_sampled=mode is ASYNC,
        ),
        Scenario(
            f"revert replicated, {name}", copy_scenarios.revert_replicated, mode=mode, is_sampled=mode is not ASYNC
        ),
    )


SCENARIOS = (
    Scenario("create, group to be made", volume_scenarios.create_first, is_repeatable=False),
    Scenario("create, group exists", volume_scenarios.create_next, is_repeatable=False),
    Scenario("delete, last of its group", volume_scenarios.delete_last),
    Scenario("delete, others left", volume_scenarios.delete_next),
    Scenario("extend, detached", volume_scenarios.extend),
    Scenario("extend, attached", volume_scenarios.extend_attached),
    Scenario("attach, first on the host, iSCSI", attachment_scenarios.attach_first),
    Scenario("attach, first on the host, FC", attachment_scenarios.attach_first, "fc"),
    Scenario("attach, only volume of its group", attachment_scenarios.attach_first_and_only),
    Scenario("attach, next on the host", attachment_scenarios.attach_next),
    Scenario("attach, next on the host, with limits", attachment_scenarios.attach_next_with_limits),
    Scenario("attach, attached already", attachment_scenarios.attach_again),
    Scenario("attach, second host", attachment_scenarios.attach_to_second_host),
    Scenario("detach, others left", attachment_scenarios.detach_with_others_left),
    Scenario("detach, last of the host, iSCSI", attachment_scenarios.detach_last),
    Scenario("detach, last of the host, FC", attachment_scenarios.detach_last, "fc"),
    Scenario("detach, from one of two hosts", attachment_scenarios.detach_from_one_of_two),
    Scenario(
        "detach, from one of two hosts, with limits and tags", attachment_scenarios.detach_with_limits, is_sampled=False
    ),
    Scenario("detach, from all hosts", attachment_scenarios.detach_from_all),
    Scenario("manage, group to be made", volume_scenarios.manage_first),
    Scenario("manage, group exists", volume_scenarios.manage_next),
    Scenario("unmanage, last of its group", volume_scenarios.unmanage_last),
    Scenario("unmanage, others left", volume_scenarios.unmanage_next),
    Scenario("manage a snapshot", volume_scenarios.manage_snapshot, is_repeatable=False),
    Scenario("unmanage a snapshot", volume_scenarios.unmanage_snapshot),
    Scenario("clone, group to be made", volume_scenarios.clone_into_new_group, is_repeatable=False),
    Scenario("retype, detached", retype_scenarios.retype),
    Scenario("retype, last of its group", lambda stage: retype_scenarios.retype(stage, others=0)),
    Scenario("retype, attached", lambda stage: retype_scenarios.retype(stage, "host-a")),
    Scenario("retype, attached to two hosts", lambda stage: retype_scenarios.retype(stage, "host-a", "host-b")),
    Scenario("retype, attached, with limits and tags", retype_scenarios.attached_with_limits),
    Scenario("retype, attached, groups exist", retype_scenarios.attached_where_groups_exist),
    Scenario("retype, attached, limits only", retype_scenarios.limits_only),
    Scenario("retype, attached to two hosts, to no service level", retype_scenarios.to_no_service_level),
    Scenario("rename", volume_scenarios.rename),
    Scenario("volume group, created", group_scenarios.create),
    Scenario("volume group, joined", group_scenarios.join),
    Scenario("volume group, exchanged members", group_scenarios.exchange),
    Scenario("volume group, deleted", group_scenarios.delete),
    Scenario("group snapshot, taken", group_scenarios.snap, is_repeatable=False),
    Scenario("group snapshot, deleted", group_scenarios.delete_snapshot, is_sampled=False),
    Scenario("storage group, made by hand", storage_group_scenarios.make, is_repeatable=False),
    Scenario("storage group, filled by hand", storage_group_scenarios.fill),
    Scenario("storage group, limited", storage_group_scenarios.limit),
    Scenario("storage group, made under a view's", storage_group_scenarios.make_under_a_view, is_repeatable=False),
    Scenario("storage group, emptied by hand", storage_group_scenarios.empty),
    Scenario("storage group, moved between by hand", storage_group_scenarios.move),
    Scenario("storage group, deleted under a view's", storage_group_scenarios.delete_under_a_view, is_repeatable=False),
    Scenario("snapshot, first", copy_scenarios.take, is_repeatable=False),
    Scenario("snapshot, another", copy_scenarios.take_another, is_repeatable=False),
    Scenario("delete snapshot, unused", copy_scenarios.delete),
    Scenario("delete snapshot, with a volume made of it", copy_scenarios.delete_used, clears_first=True),
    Scenario("volume from snapshot", copy_scenarios.copy, is_repeatable=False),
    Scenario("clone, detached", copy_scenarios.clone, is_repeatable=False),
    Scenario("clone, attached", partial(copy_scenarios.clone, is_attached=True), is_repeatable=False),
    Scenario("revert", copy_scenarios.revert),
    Scenario("delete, a clone that is linked", copy_scenarios.delete_clone, clears_first=True),
    Scenario("delete, the source of a clone", copy_scenarios.delete_source, clears_first=True),
    Scenario("extend, a clone that is linked", copy_scenarios.extend_clone, clears_first=True),
    Scenario("unmanage, a clone that is linked", copy_scenarios.unmanage_clone, clears_first=True),
    Scenario("group snapshot, deleted, with a group made of it", group_copy_scenarios.delete_used, clears_first=True),
    Scenario("group from group", group_copy_scenarios.copy_group, is_repeatable=False),
    Scenario("group from group snapshot", group_copy_scenarios.copy_snapshot, is_repeatable=False),
    Scenario("group from group, replicated", group_copy_scenarios.copy_replicated, is_repeatable=False, mode=SYNC),
    *_replication(SYNC),
    *_replication(ASYNC),
    *_replication(METRO),
    Scenario("extend replicated, by a new pair, Synchronous", replicated_scenarios.extend_by_new_pair, mode=SYNC),
    Scenario("extend replicated, by a new pair, Asynchronous", replicated_scenarios.extend_by_new_pair, mode=ASYNC),
    Scenario("fail over, arrays cut off, Synchronous", failover_scenarios.over_alone, mode=SYNC),
    Scenario("fail over, arrays cut off, Asynchronous", failover_scenarios.over_alone, mode=ASYNC),
    Scenario("replicated volume group, created", group_scenarios.create_replicated, mode=SYNC),
    Scenario("replicated volume group, exchanged members", group_scenarios.exchange_replicated, mode=SYNC),
    Scenario(
        "create replicated, in a group",
        group_scenarios.create_in_replicated,
        is_repeatable=False,
        mode=SYNC,
        is_sampled=False,
    ),
    *(
        Scenario(
            f"replicated volume group, {name}",
            partial(group_scenarios.change_replication, actions=ways),
            mode=SYNC,
            is_sampled=name == "stopped",
        )
        for name, ways in group_scenarios.CHANGES.items()
    ),
    *(
        Scenario(
            name,
            prepare,
            is_repeatable=not name.startswith("manage"),
            mode=mode,
            is_sampled=name in retype_scenarios.SAMPLED,
        )
        for name, (prepare, mode) in retype_scenarios.REPLICATED.items()
    ),
)

SAMPLED = tuple(scenario for scenario in SCENARIOS if scenario.is_sampled)
"""Those of which some cells are tried in every run."""
