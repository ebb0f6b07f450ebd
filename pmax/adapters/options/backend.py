"""A backend's options → `Settings`. Every mistake is found before any is told."""

from __future__ import annotations

import logging
from typing import Final

import attrs

from pmax.adapters.options.passwords import AskPassword
from pmax.adapters.options.reading import OptionReader
from pmax.adapters.options.servers import read_servers
from pmax.domain.errors import InvalidRequest
from pmax.domain.identifiers import ArrayId, array_id, object_name
from pmax.domain.load_balancing import LoadBalancing, load_balancing
from pmax.domain.naming import NamePolicy
from pmax.domain.replication_devices import ReplicationDevice, problems_of_devices, read_replication_device
from pmax.domain.service_levels import unless_none
from pmax.domain.settings import Chap, Secret, Settings, Timeouts, UnisphereServer

_log = logging.getLogger(__name__)

#: What upstream does with an option that pmax reads and does not use yet, so that nobody relies on it unawares.
_NOT_USED_YET: Final = {
    "powermax_array_tag_list": "the array is not tagged",
    "snapvx_unlink_symforce": "nothing is unlinked by force",
    "load_balance_real_time": "port groups are compared by diagnostic figures",
}


def settings_from(
    source: object,
    *,
    is_verified_by_default: bool = True,
    journal_directory: str | None = None,
    ask_password: AskPassword | None = None,
) -> Settings:
    """Read a backend.

    Args:
        source: a group of oslo.config with these options, or anything with `safe_get`.
        is_verified_by_default: whether certificates are verified when the operator does not say.
        journal_directory: used when the operator names none; None keeps the journal in memory then.
        ask_password: asks a person for a password that is nowhere; None where there is nobody to ask.

    Raises:
        ConfigurationInvalid: with every mistake.
    """
    reader = OptionReader(source)
    reader.read_all()
    servers = read_servers(reader, is_verified_by_default=is_verified_by_default, ask_password=ask_password)
    settings = _read(reader, servers)
    _check_over_subscription(reader)
    settings = attrs.evolve(settings, replication_devices=_replication_devices(reader, settings.array_id))
    reader.raise_problems()
    _tell_what_is_not_used(reader)
    if settings.journal_directory is None:
        return attrs.evolve(settings, journal_directory=journal_directory)
    return settings


def settings_from_backend(configuration: object) -> Settings:
    """Read a backend of Cinder's, where silence about certificates means what Cinder's own option says: no.

    Args:
        configuration: Cinder's object for the stanza; all that is asked of it is `safe_get`.

    Raises:
        ConfigurationInvalid: with every mistake.
    """
    return settings_from(configuration, is_verified_by_default=False)


def replication_devices_from(source: object) -> tuple[ReplicationDevice, ...]:
    """Read where volumes are replicated to.

    Raises:
        ConfigurationInvalid: with every mistake, each naming its key.
    """
    reader = OptionReader(source)
    own_array = reader.renamed("powermax_array", "vmax_array", reader.text)
    devices = _replication_devices(reader, ArrayId(own_array or ""))
    reader.raise_problems()
    return devices


def _read(reader: OptionReader, servers: tuple[UnisphereServer, ...]) -> Settings:
    return Settings(
        array_id=_array(reader),
        srp=_srp(reader),
        servers=servers,
        service_level=reader.renamed("powermax_service_level", "vmax_service_level", reader.text),
        workload=_workload(reader),
        port_groups=_port_groups(reader),
        names=_names(reader),
        timeouts=_timeouts(reader),
        operation_timeout_s=reader.seconds("pmax_operation_timeout"),
        job_interval_s=reader.seconds("interval"),
        job_retries=reader.whole("retries") or 0,
        read_slots=reader.whole("pmax_read_slots") or 1,
        write_slots=reader.whole("pmax_write_slots") or 1,
        retries=reader.whole("u4p_failover_retries") or 0,
        backoff_factor_s=reader.seconds("u4p_failover_backoff_factor"),
        comes_back=reader.flag("u4p_failover_autofailback") is not False,
        gate_directory=reader.text("pmax_gate_directory"),
        cache_age_s=reader.seconds("pmax_cache_age"),
        settle_timeout_s=reader.seconds("pmax_settle_timeout"),
        initiator_check=reader.flag("initiator_check") or False,
        snapshot_unlink_limit=_unlink_limit(reader),
        load_balancing=_load_balancing(reader),
        chap=_chap(reader),
        journal_directory=reader.text("pmax_journal_directory"),
        coordination_url=_coordination_url(reader),
        blocked_plugins=tuple(name for name in reader.texts("pmax_blocked_plugins") if name),
    )


def _array(reader: OptionReader) -> ArrayId:
    serial = reader.renamed("powermax_array", "vmax_array", reader.text)
    if serial is None:
        reader.refuse("powermax_array is not set", "give the serial number of the array, 12 digits")
        return ArrayId("")
    return reader.check(lambda: array_id(serial, "powermax_array"), ArrayId(""))


def _srp(reader: OptionReader) -> str:
    name = reader.renamed("powermax_srp", "vmax_srp", reader.text)
    if name is None:
        reader.refuse("powermax_srp is not set", "name the storage resource pool for new volumes, such as SRP_1")
        return ""
    return reader.check(lambda: object_name(name, "powermax_srp"), "")


def _workload(reader: OptionReader) -> str | None:
    """Workload for types that name no pool; without a service level it has no meaning, and upstream never used it."""
    workload = reader.renamed("powermax_workload", "vmax_workload", reader.text)
    if workload and unless_none(workload) and not unless_none(_service_level(reader)):
        _log.warning("powermax_workload %s has no effect: set powermax_service_level too", workload)
        return None
    return workload


def _service_level(reader: OptionReader) -> str | None:
    return reader.text("powermax_service_level") or reader.text("vmax_service_level")


def _port_groups(reader: OptionReader) -> tuple[str, ...]:
    names = dict.fromkeys(reader.renamed("powermax_port_groups", "vmax_port_groups", reader.texts))
    for name in names:
        try:
            object_name(name, "powermax_port_groups")
        except InvalidRequest as error:
            reader.refuse_request(error)
    return tuple(names)


def _names(reader: OptionReader) -> NamePolicy:
    default = NamePolicy()
    host = reader.text("powermax_short_host_name_template") or default.host_template
    port_group = reader.text("powermax_port_group_name_template") or default.port_group_template
    return NamePolicy(
        host_template=reader.check(lambda: NamePolicy(host_template=host), default).host_template,
        port_group_template=reader.check(
            lambda: NamePolicy(port_group_template=port_group), default
        ).port_group_template,
    )


def _timeouts(reader: OptionReader) -> Timeouts:
    has_targets = bool(reader.dictionaries("u4p_failover_target"))
    return Timeouts(
        connect_s=reader.seconds("rest_api_connect_timeout"),
        read_s=reader.seconds("u4p_failover_timeout" if has_targets else "rest_api_read_timeout"),
        write_s=reader.seconds("pmax_write_timeout"),
    )


def _unlink_limit(reader: OptionReader) -> int:
    """The older name counts while the newer one has its default, as upstream has it: that cannot be told from unset."""
    default = 3
    newer, older = reader.whole("powermax_snapvx_unlink_limit"), reader.whole("vmax_snapvx_unlink_limit")
    newer = default if newer is None else newer
    if older is None or older == newer:
        return newer
    if newer != default:
        what = "powermax_snapvx_unlink_limit and vmax_snapvx_unlink_limit are both set, and differ"
        reader.refuse(what, "remove vmax_snapvx_unlink_limit, which is another name for the same")
    return older


def _load_balancing(reader: OptionReader) -> LoadBalancing | None:
    if not reader.flag("load_balance"):
        return None
    metric, data_format = reader.text("port_group_load_metric") or "", reader.text("load_data_format") or ""
    look_back = reader.whole("load_look_back") or 0
    return reader.check(lambda: load_balancing(metric, data_format, look_back), LoadBalancing())


def _chap(reader: OptionReader) -> Chap | None:
    username, password = reader.text("chap_username"), reader.text("chap_password")
    if not reader.flag("use_chap_auth"):
        return None
    for name, value in (("chap_username", username), ("chap_password", password)):
        if value is None:
            reader.refuse(f"use_chap_auth is on, but {name} is not set", "give both, or switch use_chap_auth off")
    return Chap(username=username or "", password=Secret(password or ""))


def _check_over_subscription(reader: OptionReader) -> None:
    """Cinder's adapter uses the ratio; here it is only checked, so that it is told with everything else."""
    ratio = reader.text("max_over_subscription_ratio") or "auto"
    if ratio == "auto":
        return
    try:
        is_enough = float(ratio) >= 1
    except ValueError:
        is_enough = False
    if not is_enough:
        reader.refuse(f"max_over_subscription_ratio is {ratio}", "write a number, 1 or more, or auto")


def _replication_devices(reader: OptionReader, own_array: ArrayId) -> tuple[ReplicationDevice, ...]:
    readings = [read_replication_device(values) for values in reader.dictionaries("replication_device")]
    devices = tuple(device for device, _ in readings)
    problems = [problem for _, found in readings for problem in found] or problems_of_devices(devices, own_array)
    for problem in problems:
        reader.refuse_request(problem)
    return devices


def _tell_what_is_not_used(reader: OptionReader) -> None:
    for name, consequence in _NOT_USED_YET.items():
        if reader.flag(name) or reader.texts(name):
            _log.warning("%s is set, but not used by this version: %s", name, consequence)


def _coordination_url(reader: OptionReader) -> Secret | None:
    """The URL as a whole is a secret, since it may hold a password."""
    url = reader.text("pmax_coordination_url")
    return Secret(url) if url else None
