"""Mistakes that an operator can make in the stanza of a back end, each with what the log has to say about it.

A value that is of the wrong kind is made for every option there is, by its type; so a new option has its mistake too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
from oslo_config import cfg, types

from pmax.adapters.options import POWERMAX_OPTIONS
from pmax.adapters.options.inherited import INHERITED_OPTIONS
from pmax.simulator.fixtures import LOCAL_ARRAY, REMOTE_ARRAY

#: Options that Cinder reads before it makes a driver, so that it is Cinder who refuses a value of another kind.
READ_BY_CINDER = frozenset({"replication_device"})

#: Part of every value that is a secret, so that it can be looked for where it must not be.
SECRET = "planted-secret"

DEVICE = {
    "target_device_id": REMOTE_ARRAY,
    "remote_port_group": "OS-iscsi-PG",
    "remote_pool": "SRP_1",
    "rdf_group_label": "23_24_070",
    "mode": "Synchronous",
}
TARGET = {"san_ip": "127.0.0.1", "san_login": "smc", "san_password": SECRET}

Lines = Mapping[str, str | list[str] | None]


@attrs.frozen
class Mistake:
    """What is written wrongly, and what has to be said.

    Attributes:
        lines: of the stanza; None for one that is left out, several texts for an option that is given several times.
        words: of the message: the option, the value if it is no secret, and the remedy.
    """

    lines: Lines
    words: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(f"{name}={value!s:.40}" for name, value in self.lines.items())


def line(values: Mapping[str, str], **changes: str | None) -> str:
    """The dictionary of an option on one line; a key that is None is left out."""
    return ",".join(f"{key}:{value}" for key, value in {**values, **changes}.items() if value is not None)


def _of_wrong_kinds() -> Iterator[Mistake]:
    """For each option a value of another kind than its own."""
    for option in (*POWERMAX_OPTIONS, *INHERITED_OPTIONS):
        if option.dest in READ_BY_CINDER:
            continue
        value, remedy = _of_wrong_kind(option)
        if option.secret:
            yield Mistake({option.dest: f"{value}{SECRET}"}, (f"{option.dest} cannot be read: ", remedy))
        else:
            yield Mistake({option.dest: value}, (f"{option.dest} cannot be read", remedy))


def _of_wrong_kind(option: cfg.Opt) -> tuple[str, str]:
    match option.type:
        case types.Boolean():
            return "perhaps", "write true or false"
        case types.Number():
            return "often", "write a number"
        case types.List(bounds=True):
            return "first, second", "write names in brackets, such as [FIRST, SECOND]"
        case types.Dict():
            return "nothing", "write key:value pairs on one line, separated by commas"
        case types.String(choices=choices) if choices:
            return "ftp", "write one of https, http"
        case _:  # any text will do, but one that refers to an option that is not there
            return "$nowhere", "$$ where a dollar sign is meant"


def _missing() -> Iterator[Mistake]:
    remedies = {
        "powermax_array": "give the serial number of the array, 12 digits",
        "powermax_srp": "name the storage resource pool for new volumes, such as SRP_1",
        "san_ip": "name Unisphere by its host name or address",
        "san_password": "give that user's password, or pmax_password_file",
    }
    for name, remedy in remedies.items():
        yield Mistake({name: None}, (f"{name} is not set: {remedy}",))
        yield Mistake({name: ""}, (f"{name} is not set: {remedy}",))
    yield Mistake({"san_login": ""}, ("san_login is not set: name a user of Unisphere",))
    chap = {"use_chap_auth": "true", "chap_username": "me", "chap_password": SECRET}
    for name in ("chap_username", "chap_password"):
        yield Mistake({**chap, name: None}, (f"{name} is not set", "give both, or switch use_chap_auth off"))


#: Values of the right kind that no array could take.
IMPOSSIBLE = (
    Mistake({"powermax_array": "12345"}, ("powermax_array '12345'", "give its 12 digits")),
    Mistake({"powermax_array": None, "vmax_array": "12345"}, ("powermax_array '12345'", "give its 12 digits")),
    Mistake({"powermax_srp": "SRP 1"}, ("powermax_srp 'SRP 1'", "letters A-Z, digits")),
    Mistake({"powermax_port_groups": "[a b]"}, ("powermax_port_groups 'a b'", "letters A-Z, digits")),
    Mistake({"powermax_short_host_name_template": "host"}, ("powermax_short_host_name_template 'host'", ": ")),
    Mistake({"powermax_port_group_name_template": "portGroupName[:9]uuid[:9]"}, ("at most 12 fit",)),
    Mistake({"san_api_port": "70000"}, ("san_api_port cannot be read", "a number from 1 to 65535")),
    Mistake({"interval": "-1"}, ("interval cannot be read", "a number, 0 or more")),
    Mistake({"rest_api_connect_timeout": "0"}, ("rest_api_connect_timeout", "a number, 1 or more")),
    Mistake({"pmax_cache_age": "nan"}, ("pmax_cache_age is no length of time", "a number, 0 or more")),
    Mistake({"reserved_percentage": "101"}, ("reserved_percentage cannot be read", "a number from 0 to 100")),
    Mistake({"max_over_subscription_ratio": "0.5"}, ("max_over_subscription_ratio is 0.5", "1 or more, or auto")),
    Mistake(
        {"load_balance": "true", "port_group_load_metric": "Noise"},
        ("port_group_load_metric 'Noise'", "choose one of AvgIOSize"),
    ),
    Mistake({"load_balance": "true", "load_data_format": "Least"}, ("load_data_format 'Least'", "Avg or Max")),
    Mistake({"load_balance": "true", "load_look_back": "2000"}, ("load_look_back 2000", "1 to 1440 minutes")),
)

#: Files and addresses that are not what they should be.
PLACES = (
    Mistake(
        {"driver_ssl_cert_path": "/nowhere/ca.pem"},
        ("driver_ssl_cert_path /nowhere/ca.pem does not exist", "in PEM form"),
    ),
    Mistake(
        {"san_password": None, "pmax_password_file": "/nowhere/password"},
        ("pmax_password_file /nowhere/password cannot be read", "name a file that this user may read"),
    ),
    Mistake(
        {"pmax_journal_directory": "/dev/null/journal"},
        ("pmax_journal_directory /dev/null/journal cannot be used", ": name a directory"),
    ),
    Mistake(
        {"pmax_gate_directory": "/dev/null/gates"},
        ("pmax_gate_directory /dev/null/gates cannot be used", ": name a directory"),
    ),
    Mistake({"pmax_scheme": "http", "san_ip": "192.0.2.1"}, ("192.0.2.1 is not this machine", "remove pmax_scheme")),
)

#: Options that exclude each other.
CONTRADICTIONS = (
    Mistake({"vmax_array": "000000000001"}, ("powermax_array and vmax_array are both set", "remove vmax_array")),
    Mistake({"vmax_srp": "SRP_9"}, ("powermax_srp and vmax_srp", "remove vmax_srp")),
    Mistake({"vmax_service_level": "Gold"}, ("powermax_service_level and vmax_service_level", "remove")),
    Mistake({"powermax_workload": "OLTP", "vmax_workload": "DSS"}, ("powermax_workload and vmax_workload", "remove")),
    Mistake({"vmax_port_groups": "[other]"}, ("powermax_port_groups and vmax_port_groups", "remove vmax_port_groups")),
    Mistake(
        {"powermax_snapvx_unlink_limit": "4", "vmax_snapvx_unlink_limit": "5"},
        ("powermax_snapvx_unlink_limit and vmax_snapvx_unlink_limit", "remove vmax_snapvx_unlink_limit"),
    ),
    Mistake({"san_api_port": "8443", "san_rest_port": "8444"}, ("san_api_port and san_rest_port", "remove")),
    Mistake({"pmax_password_file": "/etc/hostname"}, ("san_password and pmax_password_file", "keep one of them")),
)

#: What is written well, and the array does not have.
UNKNOWN = (
    Mistake(
        {"powermax_array": "000000000001"},
        ("powermax_array '000000000001' is not an array of this Unisphere", LOCAL_ARRAY),
    ),
    Mistake({"powermax_srp": "SRP_9"}, ("powermax_srp 'SRP_9'", "which has SRP_1")),
    Mistake({"powermax_service_level": "diamond"}, ("powermax_service_level", "'diamond'", "write Diamond")),
    Mistake({"powermax_service_level": "Platinum Plus"}, ("powermax_service_level", "'Platinum Plus'", "Diamond")),
    Mistake(
        {"powermax_port_groups": "[OS-iscsi-PG, no-such-PG]"},
        ("powermax_port_groups names 'no-such-PG'", "correct or make it"),
    ),
    Mistake({"san_password": SECRET}, ("HTTP 401", "check san_login and san_password")),
    Mistake({"san_login": "nobody"}, ("HTTP 401", "check san_login and san_password")),
    Mistake({"pmax_blocked_plugins": "audit, audits"}, ("pmax_blocked_plugins names 'audits'", "retype")),
    Mistake(
        {"pmax_blocked_plugins": "protocol_iscsi"},
        ("no plugin brings the protocol iscsi", "remove", "pmax_blocked_plugins, which has protocol_iscsi"),
    ),
    Mistake(
        {"pmax_blocked_plugins": "replication_sync", "replication_device": line(DEVICE)},
        ("replication_device mode 'Synchronous'", "known modes are Asynchronous, Metro"),
    ),
)


def _devices() -> Iterator[Mistake]:
    for key in ("target_device_id", "remote_port_group", "remote_pool", "rdf_group_label"):
        lacking = {name: value for name, value in DEVICE.items() if name != key}
        yield Mistake({"replication_device": line(lacking)}, (f"replication_device {key}", f"needs the key {key}"))
    wrong = {
        "target_device_id": ("12345", "give its 12 digits"),
        "remote_pool": ("SRP_9", "it has SRP_1"),
        "remote_port_group": ("no-such-PG", "no port group of array"),
        "rdf_group_label": ("no_such_link", "correct it, or make the group"),
        "mode": ("Sometimes", "known modes are Asynchronous, Metro, Synchronous"),
        "allow_extend": ("perhaps", "write true or false"),
        "metro_use_bias": ("perhaps", "write true or false"),
        "allow_delete_metro": ("perhaps", "write true or false"),
        "sync_retries": ("often", "write a whole number"),
        "sync_interval": ("-3", "write a whole number"),
        "backend_id": ("pmax_failover_start_array_promotion", "this name is reserved"),
    }
    for key, (value, remedy) in wrong.items():
        words = (f"replication_device {key} {value!r}", remedy)
        yield Mistake({"replication_device": line(DEVICE, **{key: value})}, words)
    own, elsewhere = line(DEVICE, target_device_id=LOCAL_ARRAY), line(DEVICE, target_device_id="000000000001")
    yield Mistake({"replication_device": own}, ("target_device_id", LOCAL_ARRAY, "another array than its own"))
    yield Mistake({"replication_device": elsewhere}, ("rdf_group_label '23_24_070' leads to", "000000000001"))
    yield Mistake(
        {"replication_device": line(DEVICE, san_password=SECRET)},
        ("replication_device key 'san_password'", "there is no such key"),
    )
    yield Mistake({"replication_device": [line(DEVICE)] * 2}, ("each needs a backend_id of its own",))
    other = {"mode": "Metro", "rdf_group_label": "23_24_072"}
    yield Mistake({"replication_device": [line(DEVICE), line(DEVICE, **other)]}, ("backend_id", "of its own"))


def _targets() -> Iterator[Mistake]:
    for key in TARGET:
        lacking = {name: value for name, value in TARGET.items() if name != key}
        yield Mistake({"u4p_failover_target": line(lacking)}, (f"u4p_failover_target lacks the key {key}",))
    wrong = {
        "san_api_port": ("http", "write a number from 1 to 65535"),
        "driver_ssl_cert_verify": ("perhaps", "write true or false"),
        "driver_ssl_cert_path": ("/nowhere/ca.pem", "does not exist"),
        "SSLVerify": ("True", "known are san_ip"),
    }
    for key, (value, remedy) in wrong.items():
        yield Mistake({"u4p_failover_target": line(TARGET, **{key: value})}, ("u4p_failover_target", key, remedy))


WRONG_KINDS = tuple(_of_wrong_kinds())
MISTAKES = (
    *_missing(),
    *IMPOSSIBLE,
    *PLACES,
    *CONTRADICTIONS,
    *UNKNOWN,
    *_devices(),
    *_targets(),
)
