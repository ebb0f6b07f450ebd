"""Options that the upstream driver of 2019 or of 2026 has under the same name, so that its stanza can be kept as it is.

Source: driver-provisioning.md, section 1; the manual, section 4. `replication_device` and everything whose name begins
with `san_`, `chap_` or `driver_ssl_` belong to Cinder itself (`inherited`).
"""

from __future__ import annotations

from oslo_config import cfg, types

ARRAY_OPTIONS: tuple[cfg.Opt, ...] = (
    cfg.StrOpt("powermax_array", help="Serial number of the array: 12 digits. Required."),
    cfg.StrOpt("powermax_srp", help="Storage resource pool in which new volumes are made. Required."),
    cfg.StrOpt(
        "powermax_service_level",
        help="Service level of volumes whose type names no pool, spelled as the array spells it. `None` asks for none; "
        "left out, the array's own default counts.",
    ),
    cfg.StrOpt(
        "powermax_workload",
        help="Workload of volumes whose type names no pool. Needs powermax_service_level. Arrays from PowerMaxOS 5978 "
        "on have no workloads and ignore it.",
    ),
    cfg.StrOpt("vmax_workload", help="The same as powermax_workload, under the name that the upstream driver reads."),
    cfg.ListOpt(
        "powermax_port_groups",
        bounds=True,
        help="Port groups through which hosts reach volumes whose type names none, in brackets: [PG-1, PG-2]. They "
        "must exist, and hold ports of the protocol of this backend.",
    ),
    cfg.ListOpt(
        "powermax_array_tag_list",
        bounds=True,
        help="Read, and without effect, as the log says: tags that upstream gives to the array.",
    ),
    cfg.StrOpt(
        "powermax_short_host_name_template",
        default="shortHostName",
        help="How compute hosts are abbreviated in names on the array: shortHostName, or shortHostName[:x]uuid[:y], "
        "[-x:]uuid[:y], [:x]text or [-x:]text behind that word. At most 16 characters come of it.",
    ),
    cfg.StrOpt(
        "powermax_port_group_name_template",
        default="portGroupName",
        help="How port groups are abbreviated in names on the array: portGroupName, or the same forms behind that "
        "word. At most 12 characters come of it.",
    ),
    cfg.BoolOpt(
        "initiator_check",
        default=False,
        help="Whether a host's initiator group must hold exactly the initiators that the host reports.",
    ),
)

JOB_OPTIONS: tuple[cfg.Opt, ...] = (
    cfg.IntOpt("interval", default=3, min=0, help="Longest pause between two looks at a job of the array, in seconds."),
    cfg.IntOpt("retries", default=200, min=0, help="How many such pauses a job may take before it counts as hung."),
    cfg.IntOpt(
        "rest_api_connect_timeout", default=30, min=1, help="How long a connection to Unisphere may take, in seconds."
    ),
    cfg.IntOpt(
        "rest_api_read_timeout",
        default=30,
        min=1,
        help="How long Unisphere may take to answer a question, in seconds. Changes have pmax_write_timeout.",
    ),
)

SNAPSHOT_OPTIONS: tuple[cfg.Opt, ...] = (
    cfg.IntOpt(
        "powermax_snapvx_unlink_limit",
        default=3,
        min=0,
        help="How many finished copies of a volume may be unlinked to make room for its next snapshot or clone.",
    ),
    cfg.BoolOpt(
        "snapvx_unlink_symforce",
        default=False,
        help="Read, and without effect, as the log says: pmax unlinks nothing by force.",
    ),
)

FAILOVER_OPTIONS: tuple[cfg.Opt, ...] = (
    cfg.MultiOpt(
        "u4p_failover_target",
        item_type=types.Dict(),
        secret=True,
        help="Another Unisphere that manages the same array, for when the first gives no answer: key:value pairs on "
        "one line, separated by commas, with san_ip, san_login, san_password and, if they differ from the defaults, "
        "san_api_port, driver_ssl_cert_verify and driver_ssl_cert_path. Repeat the option for more, in order.",
    ),
    cfg.IntOpt(
        "u4p_failover_timeout",
        default=20,
        min=1,
        help="Replaces rest_api_read_timeout when there is a u4p_failover_target. In seconds.",
    ),
    cfg.IntOpt(
        "u4p_failover_retries",
        default=3,
        min=0,
        help="How often a call that surely had no effect is sent again. 0 sends nothing again.",
    ),
    cfg.IntOpt(
        "u4p_failover_backoff_factor",
        default=1,
        min=0,
        help="Pause before a call is sent again, in seconds; it doubles each time. 0 makes no pause.",
    ),
    cfg.BoolOpt(
        "u4p_failover_autofailback",
        default=True,
        help="Whether to return to the first Unisphere once it answers again. If not, the one that stands in for it is "
        "used until it gives no answer itself, or until a restart.",
    ),
)

LOAD_OPTIONS: tuple[cfg.Opt, ...] = (
    cfg.BoolOpt("load_balance", default=False, help="Choose port groups and ports by their load."),
    cfg.BoolOpt(
        "load_balance_real_time",
        default=False,
        help="Read, and without effect, as the log says: the load of ports is taken from diagnostic figures.",
    ),
    cfg.StrOpt("load_data_format", default="Avg", help="Which figure of a period counts: Avg or Max."),
    cfg.IntOpt("load_look_back", default=60, help="Length of the period, in minutes, up to 1440."),
    cfg.IntOpt("load_look_back_real_time", default=1, help="Read, and without effect: for load_balance_real_time."),
    cfg.StrOpt("port_group_load_metric", default="PercentBusy", help="By which figure port groups are compared."),
    cfg.StrOpt("port_load_metric", default="PercentBusy", help="By which figure ports are compared."),
)


def _older(option: cfg.Opt, newer: str) -> cfg.Opt:
    option.deprecated_for_removal = True
    option.deprecated_reason = f"It is the older name of {newer}."
    option.help = f"The older name of {newer}."
    return option


OLDER_NAMES: tuple[cfg.Opt, ...] = (
    _older(cfg.StrOpt("vmax_array"), "powermax_array"),
    _older(cfg.StrOpt("vmax_srp"), "powermax_srp"),
    _older(cfg.StrOpt("vmax_service_level"), "powermax_service_level"),
    _older(cfg.ListOpt("vmax_port_groups", bounds=True), "powermax_port_groups"),
    _older(cfg.IntOpt("vmax_snapvx_unlink_limit", min=0), "powermax_snapvx_unlink_limit"),
    _older(cfg.PortOpt("san_rest_port"), "san_api_port"),
)

UPSTREAM_OPTIONS = (
    *ARRAY_OPTIONS,
    *JOB_OPTIONS,
    *SNAPSHOT_OPTIONS,
    *FAILOVER_OPTIONS,
    *LOAD_OPTIONS,
    *OLDER_NAMES,
)
