"""Bad input of every kind: one clear error with its remedy, the right exit status, nothing changed, nothing left."""

import socket

import pytest
import trustme

from tests.e2e.cli_process import ARRAY, IQN, CommandLine

pytestmark = pytest.mark.powermax_simulator(tls=True)


@pytest.fixture
def shell(powermax_simulator, tmp_path) -> CommandLine:
    """A shell with a configured `pmax`, and volume 00003 seen by a host."""
    shell = CommandLine.of(powermax_simulator, tmp_path)
    shell.furnish()
    return shell


CREATE = ("volume", "create", "new-01", "--size", "1")

ARGUMENTS = {
    "a volume of 0 GB": (
        ("volume", "create", "new-01", "--size", "0"),
        2,
        "Size 0 is not valid.",
        "A volume has 1 to 65536 GiB, in whole GiB.",
    ),
    "a volume of more than any array has": (
        ("volume", "create", "new-01", "--size", "70000"),
        2,
        "Size 70000 is not valid.",
        "A volume has 1 to 65536 GiB, in whole GiB.",
    ),
    "a name of 65 characters": (
        ("volume", "create", "n" * 65, "--size", "1"),
        2,
        f"Volume name '{'n' * 65}' is not valid.",
        "and this one has 65",
    ),
    "a name with a blank": (("volume", "create", "new 01", "--size", "1"), 2, "Volume name 'new 01'", "letters A-Z"),
    "a pool name of two parts": (
        (*CREATE, "--pool", f"Diamond+{ARRAY}"),
        2,
        f"pool_name 'Diamond+{ARRAY}' is not valid.",
        "It has 2 parts; write service level+workload+SRP+array",
    ),
    "a pool of another SRP": (
        (*CREATE, "--pool", f"Diamond+None+SRP_9+{ARRAY}"),
        2,
        f"pool_name 'Diamond+None+SRP_9+{ARRAY}' is not valid.",
        "this backend uses SRP SRP_1",
    ),
    "a workload without service level": (
        (*CREATE, "--workload", "OLTP"),
        2,
        "Workload OLTP has no service level that it could refine.",
        "Give --service-level too, or leave --workload out.",
    ),
    "a service level that the array does not offer": (
        (*CREATE, "--service-level", "diamond"),
        2,
        "Service level 'diamond' is not valid.",
        "so write Diamond (it stands in the command line).",
    ),
    "a connector without initiators": (
        ("volume", "attach", "archive-01", "--host", "node2"),
        2,
        "Host node2 cannot be attached without its initiators.",
        "Give --initiator IQN for iSCSI, or --wwpn WWPN for each port of Fibre Channel.",
    ),
    "an initiator that is none": (
        ("volume", "attach", "archive-01", "--host", "node2", "--initiator", "node2"),
        2,
        "iSCSI initiator name 'node2' is not valid.",
        "iqn.YYYY-MM.domain:name",
    ),
    "a protocol that nobody knows": (
        ("volume", "attach", "archive-01", "--host", "node2", "--protocol", "smoke", "--property", "a=b"),
        2,
        "Protocol 'smoke' is not valid.",
        "Known protocols are fc, iscsi.",
    ),
    "a port group that does not exist": (
        ("volume", "attach", "archive-01", "--host", "node2", "--initiator", IQN[:-1] + "2", "--port-group", "PG9"),
        2,
        "Port group 'PG9' is not valid.",
        "Array 000197900999 has no such port group",
    ),
    "a volume that does not exist": (
        ("volume", "show", "99999"),
        3,
        "Volume 99999 does not exist.",
        "`pmax volume list` shows the volumes.",
    ),
    "a host that does not exist": (
        ("tree", "host", "node9"),
        3,
        "Host node9 does not exist.",
        "`pmax host list` shows",
    ),
    "a host without a name": (("tree", "host"), 2, "The tree of a host needs its name.", "Write pmax tree host NAME."),
    "an array that does not exist": (
        ("--array", "777", "volume", "list"),
        3,
        "Array 777 does not exist.",
        "`pmax array list` shows the arrays",
    ),
    "digits of several arrays": (("--array", "00019790099", "volume", "list"), 3, "Array 00019790099", "array list"),
    "a column that does not exist": (
        ("volume", "list", "-c", "colour"),
        2,
        "Column 'colour' is not valid.",
        "There are device_id, identifier",
    ),
    "an option that does not exist": (
        ("volume", "list", "--colour"),
        2,
        "pmax: `pmax volume list` does not take --colour.",
        "Write `pmax volume list [options]`; `pmax help volume list` explains it.",
    ),
    "a global option that does not exist": (
        ("--colour", "volume", "list"),
        2,
        "does not take --colour.",
        "pmax --help",
    ),
    "an argument too many": (
        ("find", "a", "b"),
        2,
        "`pmax find` does not take b.",
        "Write `pmax find TEXT [options]`;",
    ),
    "an argument that is missing": (
        ("path", "finance-01"),
        2,
        "`pmax path` needs HOST.",
        "Write `pmax path VOLUME HOST",
    ),
    "an option without its value": (("volume", "create", "new-01", "--size"), 2, "--size: expected one", "--size GIB"),
    "a size that is no number": (
        ("volume", "create", "new-01", "--size", "big"),
        2,
        "pmax: --size: 'big' is no whole number of GiB.",
        "Write `pmax volume create NAME --size GIB [options]`;",
    ),
    "options that exclude each other": (
        ("volume", "detach", "finance-01", "--host", "node1", "--all-hosts"),
        2,
        "--all-hosts: not allowed with argument --host.",
        "(--host HOST | --all-hosts)",
    ),
    "limits and none": (
        ("storage", "group", "qos", "reports", "--iops", "100", "--none"),
        2,
        "It is not clear which limits are wanted.",
        "Give --iops,",
    ),
    "data that would be lost, and nobody to ask": (
        ("volume", "delete", "archive-01"),
        2,
        "Delete volume 00004 (archive-01) of 3 GiB and its data: this cannot be undone, and there is nobody to ask.",
        "Give --yes",
    ),
    "a picture of another kind": (("tree", "--svg", "tree.png"), 2, "tree.png would be a picture in SVG.", "with .svg"),
    "a plugin that does not exist": (("plugin", "show", "x"), 3, "Plugin x does not exist.", "`pmax plugin list`"),
    "a verb that does not exist": (("volume", "paint"), 2, "`pmax volume paint` is not a command.", "pmax volume show"),
    "a noun without a verb": (("volume",), 2, "`pmax volume` is not a command.", "pmax volume create"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_wrong_arguments(shell, case) -> None:
    """A wrong argument is named with its remedy, and the array stays as it was."""
    arguments, status, what, remedy = ARGUMENTS[case]
    before = shell.objects()
    finished = shell.call(*arguments)
    assert finished.status == status, finished.err
    assert what in finished.err
    assert remedy in finished.err
    assert "Traceback" not in finished.err
    assert finished.out == ""
    assert shell.changes() == []
    assert shell.objects() == before


def test_initiators_of_another_host(shell) -> None:
    """An initiator that belongs to another host is a conflict, and nothing of the attempt remains."""
    before = shell.objects()
    finished = shell.run("volume", "attach", "archive-01", "--host", "node2", "--initiator", IQN)
    assert finished.status == 4
    assert f"Initiator {IQN} is in use by " in finished.err
    assert shell.objects() == before


@pytest.mark.parametrize("verb", [CREATE, ("array", "show"), ("volume", "list")])
def test_wrong_credentials(shell, verb) -> None:
    """A password that Unisphere does not accept is told with the options to check, and is not shown."""
    shell.stanza["san_password"] = "a-wrong-password"
    finished = shell.call(*verb)
    assert finished.status == 1
    assert "does not accept the user (HTTP 401" in finished.err
    assert "      Check san_login and san_password in the configuration.\n" in finished.err
    assert "a-wrong-password" not in finished.err
    assert shell.changes() == []


@pytest.mark.parametrize("verb", [CREATE, ("array", "show"), ("pool", "list"), ("tree",)])
def test_a_wrong_serial(shell, verb) -> None:
    """An array that Unisphere does not manage is not found."""
    shell.stanza["powermax_array"] = "000197900111"
    finished = shell.call(*verb)
    assert finished.status == 3, finished.err
    assert "Array 000197900111 does not exist." in finished.err
    assert shell.changes() == []


@pytest.mark.parametrize("verb", [CREATE, ("pool", "list")])
def test_an_unknown_srp(shell, verb) -> None:
    """A storage resource pool that the array does not have is named, and nothing is made for it."""
    shell.stanza["powermax_srp"] = "SRP_9"
    before = shell.objects()
    finished = shell.call(*verb)
    assert finished.status == 3, finished.err
    assert "SRP_9 does not exist." in finished.err
    assert "set powermax_srp to one of them" in finished.err
    assert shell.objects() == before


def test_an_untrusted_certificate(shell, tmp_path) -> None:
    """A certificate of an unknown authority is refused before a password is sent."""
    authority = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(authority)
    shell.stanza["driver_ssl_cert_path"] = str(authority)
    finished = shell.run(*CREATE)
    assert finished.status == 1
    assert "certificate is not trusted" in finished.err
    assert "Set driver_ssl_cert_path to the file of the CA that issued it." in finished.err
    assert len(shell.simulator.requests) == 0


def test_an_unreachable_host(shell) -> None:
    """Where nobody listens, the address is named with the options to check."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    shell.stanza |= {"san_api_port": str(port), "u4p_failover_retries": "0"}
    finished = shell.call(*CREATE)
    assert finished.status == 1
    assert f"Unisphere at 127.0.0.1:{port} gave no answer: connection refused.\n" in finished.err
    assert "Check san_ip and san_api_port" in finished.err


def test_every_mistake_in_the_configuration_at_once(shell) -> None:
    """All that is wrong in a stanza is told in one go, each with its remedy."""
    del shell.stanza["powermax_srp"]
    shell.stanza["powermax_array"] = "12"
    finished = shell.call("volume", "list")
    assert finished.status == 2
    assert finished.err.startswith("pmax: The configuration is not valid.\n")
    assert "powermax_srp is not set" in finished.err
    assert "give its 12 digits" in finished.err


def test_no_configuration_at_all(shell) -> None:
    """Without any file, the places where one is looked for are named."""
    finished = shell.run("volume", "list", environment={"PMAX_CONFIG": ""})
    assert finished.status == 2
    assert "there is no configuration file" in finished.err.lower()
    assert "--config-file" in finished.err


def test_a_stanza_that_does_not_exist(shell) -> None:
    """A backend that no file has is told with those that there are."""
    finished = shell.call("--backend", "gold", "volume", "list")
    assert finished.status == 2
    assert "has no section [gold]" in finished.err
    assert "powermax" in finished.err


def test_explain_shows_the_calls(shell) -> None:
    """With --explain the calls of the run follow the error, and without it they do not."""
    shell.stanza["san_password"] = "a-wrong-password"
    assert "calls" not in shell.run("array", "show").err.replace("shows the calls", "")
    finished = shell.run("--explain", "array", "show")
    assert "\nThe calls, oldest first:\n  GET    /" in finished.err
    assert "         401, " in finished.err
    assert "a-wrong-password" not in finished.err


def test_debug_shows_where_an_error_came_from(shell) -> None:
    """With --debug the traceback follows; passwords are in none of it."""
    finished = shell.run("--debug", "volume", "show", "99999")
    assert finished.status == 3
    assert "Traceback (most recent call last):" in finished.err
    assert "Authorization" not in finished.err


DOCTOR = {
    "credentials": ({"san_password": "a-wrong-password"}, "san_login and san_password"),
    "array": ({"powermax_array": "000197900111"}, "000197900998, 000197900999"),
    "SRP": ({"powermax_srp": "SRP_9"}, "set powermax_srp to one that it has: SRP_1"),
    "service level": ({"powermax_service_level": "diamond"}, "so write Diamond"),
    "port groups": ({"powermax_port_groups": "[PG9]"}, "make it in Unisphere, or correct powermax_port_groups"),
    "connection": ({"san_api_port": "1", "u4p_failover_retries": "0"}, "Check san_ip and san_api_port"),
    "certificate": ({"driver_ssl_cert_path": "{other}"}, "Set driver_ssl_cert_path"),
    "configuration": ({"powermax_srp": ""}, "name the storage resource pool"),
}


@pytest.mark.parametrize("check", DOCTOR)
def test_doctor_names_the_check_and_the_remedy(shell, tmp_path, check) -> None:
    """What is wrong fails exactly the check that it belongs to, with a remedy, and the exit status says so."""
    changes, remedy = DOCTOR[check]
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    shell.stanza |= {name: value.format(other=other) for name, value in changes.items()}
    finished = shell.call("doctor", "-f", "json")
    assert finished.status == 1
    [failed] = [row for row in finished.data if row["state"] == "failed"]
    assert failed["check"] == check
    assert remedy in failed["remedy"]
    assert "a-wrong-password" not in finished.out + finished.err
    assert shell.changes() == []


def test_doctor_warns_without_failing(shell) -> None:
    """What is dangerous but works is a warning: an unchecked certificate, and no port group."""
    del shell.stanza["driver_ssl_cert_path"]
    del shell.stanza["powermax_port_groups"]
    shell.stanza["driver_ssl_cert_verify"] = "False"
    finished = shell.run("doctor")
    assert finished.status == 0
    assert finished.out.count("warning") == 2
    assert finished.out.count("→ ") == 2
    assert finished.widest <= 80
