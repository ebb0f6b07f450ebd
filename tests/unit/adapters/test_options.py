"""What the options of a stanza mean, and how every mistake in them is told at once."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from pmax.adapters import options
from pmax.domain.errors import ConfigurationInvalid
from pmax.domain.load_balancing import LoadBalancing
from pmax.domain.naming import NamePolicy
from pmax.domain.settings import Chap, Secret, Settings, Timeouts, UnisphereServer
from tests.unit.adapters.stanzas import DEVICE, REQUIRED, TARGET, LikeCinders, Lines, stanza


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own configuration reaches a test."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Settings]:
    """Reads a stanza with these lines as the command does."""

    def read(**lines: str | list[str] | None) -> Settings:
        path = tmp_path / "pmax.conf"
        path.write_text(stanza(**lines))
        path.chmod(0o600)
        return options.load([str(path)])

    return read


@pytest.fixture
def problems(load: Callable[..., Settings]) -> Callable[..., tuple[str, ...]]:
    """Reads a stanza that has mistakes, and gives them."""

    def read(**lines: str | list[str] | None) -> tuple[str, ...]:
        with pytest.raises(ConfigurationInvalid) as failure:
            load(**lines)
        return failure.value.problems

    return read


class TestValues:
    def test_what_is_required_suffices(self, load, tmp_path: Path) -> None:
        """With the required options alone everything else has its default."""
        assert load() == Settings(
            array_id="000123456789",
            srp="SRP_1",
            servers=(
                UnisphereServer(host="10.10.10.10", username="my_username", password=Secret("my-password"), port=8443),
            ),
            journal_directory=str(tmp_path / "state" / "pmax" / "journal"),
            gate_directory=str(tmp_path / "state" / "pmax" / "gates"),
        )

    @pytest.mark.parametrize(
        ("lines", "field", "value"),
        [
            ({"powermax_service_level": "Diamond"}, "service_level", "Diamond"),
            ({"powermax_service_level": "None"}, "service_level", "None"),
            ({"powermax_service_level": "Gold", "powermax_workload": "OLTP"}, "workload", "OLTP"),
            ({"powermax_service_level": "Gold", "vmax_workload": "DSS"}, "workload", "DSS"),
            ({"powermax_port_groups": "[OS-ISCSI-PG]"}, "port_groups", ("OS-ISCSI-PG",)),
            ({"powermax_port_groups": "[a, b,c ,a]"}, "port_groups", ("a", "b", "c")),
            ({"powermax_port_groups": "[]"}, "port_groups", ()),
            ({"interval": "1"}, "job_interval_s", 1.0),
            ({"interval": "0"}, "job_interval_s", 0.0),
            ({"retries": "700"}, "job_retries", 700),
            ({"initiator_check": "yes"}, "initiator_check", True),
            (
                {"rest_api_connect_timeout": "7", "rest_api_read_timeout": "8"},
                "timeouts",
                Timeouts(connect_s=7.0, read_s=8.0),
            ),
            ({"pmax_write_timeout": "12.5"}, "timeouts", Timeouts(write_s=12.5)),
            ({"pmax_operation_timeout": "60"}, "operation_timeout_s", 60.0),
            ({"pmax_settle_timeout": "0"}, "settle_timeout_s", 0.0),
            ({"pmax_cache_age": "0"}, "cache_age_s", 0.0),
            ({"pmax_read_slots": "1"}, "read_slots", 1),
            ({"pmax_write_slots": "9"}, "write_slots", 9),
            ({"pmax_journal_directory": "/var/lib/pmax"}, "journal_directory", "/var/lib/pmax"),
            (
                {"pmax_coordination_url": "etcd3+http://10.0.0.5:2379"},
                "coordination_url",
                Secret("etcd3+http://10.0.0.5:2379"),
            ),
            ({"load_balance": "true"}, "load_balancing", LoadBalancing()),
            (
                {
                    "load_balance": "true",
                    "load_data_format": "MAX",
                    "port_group_load_metric": "IOs",
                    "load_look_back": "5",
                },
                "load_balancing",
                LoadBalancing(metric="IOs", data_format="Maximum", look_back_minutes=5),
            ),
            ({"pmax_blocked_plugins": "audit, port_groups"}, "blocked_plugins", ("audit", "port_groups")),
            (
                {"powermax_short_host_name_template": "shortHostName[:6]uuid[:9]"},
                "names",
                NamePolicy(host_template="shortHostName[:6]uuid[:9]"),
            ),
            (
                {"powermax_port_group_name_template": "portGroupName[-6:]-x"},
                "names",
                NamePolicy(port_group_template="portGroupName[-6:]-x"),
            ),
            (
                {"use_chap_auth": "true", "chap_username": "me", "chap_password": "c-secret"},
                "chap",
                Chap(username="me", password=Secret("c-secret")),
            ),
            ({"chap_username": "me", "chap_password": "c-secret"}, "chap", None),
        ],
    )
    def test_an_option_means_what_it_says(self, load, lines: Lines, field: str, value: object) -> None:
        """Each option of a stanza is found in its field of the settings."""
        assert getattr(load(**lines), field) == value

    @pytest.mark.parametrize(
        ("lines", "field", "value"),
        [
            ({"u4p_failover_autofailback": "false"}, "comes_back", False),
            ({"u4p_failover_autofailback": "true"}, "comes_back", True),
            ({"pmax_gate_directory": "/run/pmax"}, "gate_directory", "/run/pmax"),
            ({"u4p_failover_retries": "0"}, "retries", 0),
            ({"u4p_failover_backoff_factor": "0"}, "backoff_factor_s", 0.0),
            ({"retries": "0"}, "job_retries", 0),
            ({"powermax_snapvx_unlink_limit": "0"}, "snapshot_unlink_limit", 0),
            ({"use_chap_auth": "false"}, "chap", None),
        ],
    )
    def test_no_and_nothing_mean_what_they_say(self, load, lines: Lines, field: str, value: object) -> None:
        """0 and False are values like any other, never taken for "not set" (trap T3)."""
        assert getattr(load(**lines), field) == value

    def test_a_dollar_in_a_password_is_doubled(self, load) -> None:
        """As everywhere in OpenStack, $$ in a file is one dollar sign."""
        assert load(san_password="a$$b").servers[0].password.reveal == "a$b"

    def test_a_workload_without_a_service_level_has_no_effect(self, load, caplog: pytest.LogCaptureFixture) -> None:
        """A default workload needs a default service level; without one it is not used, as upstream has it."""
        assert load(vmax_workload="OLTP").workload is None
        assert "set powermax_service_level too" in caplog.text

    @pytest.mark.parametrize(
        ("lines", "words"),
        [
            ({"load_balance_real_time": "true"}, "load_balance_real_time is set"),
            ({"snapvx_unlink_symforce": "true"}, "snapvx_unlink_symforce is set"),
            ({"powermax_array_tag_list": "[a]"}, "powermax_array_tag_list is set"),
        ],
    )
    def test_an_option_that_has_no_effect_yet_is_told(
        self, load, caplog: pytest.LogCaptureFixture, lines: Lines, words: str
    ) -> None:
        """Nobody relies unawares on an option that is read and not used."""
        load(**lines)
        assert words in caplog.text

    def test_a_usual_stanza_is_told_nothing(self, load, caplog: pytest.LogCaptureFixture) -> None:
        """Options that have an effect are used without a word."""
        load(powermax_service_level="Gold", powermax_port_groups="[a]", load_balance="false")
        assert caplog.text == ""


class TestOlderNames:
    @pytest.mark.parametrize(
        ("newer", "older", "one", "other"),
        [
            ("powermax_array", "vmax_array", "000000000001", "000000000002"),
            ("powermax_srp", "vmax_srp", "SRP_1", "SRP_2"),
            ("powermax_service_level", "vmax_service_level", "Gold", "Silver"),
            ("powermax_port_groups", "vmax_port_groups", "[a]", "[b]"),
            ("san_api_port", "san_rest_port", "8444", "8445"),
        ],
    )
    def test_either_name_counts_and_two_must_agree(
        self, load, problems, newer: str, older: str, one: str, other: str
    ) -> None:
        """The older name counts alone or beside an equal newer one; beside a different one, both are named."""

        def found(**lines: str | None) -> str:
            settings = load(**lines)
            field = newer.removeprefix("powermax_").replace("array", "array_id")
            value = settings.servers[0].port if newer == "san_api_port" else getattr(settings, field)
            return f"[{', '.join(value)}]" if isinstance(value, tuple) else str(value)

        assert found(**{newer: one, older: None}) == one
        assert found(**{newer: None, older: other}) == other
        assert found(**{newer: one, older: one}) == one
        [problem] = problems(**{newer: one, older: other})
        assert f"{newer} and {older} are both set" in problem
        assert f"remove {older}" in problem

    def test_two_names_of_the_workload_must_agree(self, problems) -> None:
        """The manual's powermax_workload and upstream's vmax_workload are one option."""
        lines = {"powermax_service_level": "Gold", "powermax_workload": "DSS", "vmax_workload": "OLTP"}
        assert "powermax_workload and vmax_workload are both set" in problems(**lines)[0]

    @pytest.mark.parametrize(
        ("newer", "older", "limit"), [(None, None, 3), ("5", None, 5), (None, "7", 7), ("3", "7", 7), ("7", "7", 7)]
    )
    def test_the_older_unlink_limit_counts_while_the_newer_has_its_default(
        self, load, newer: str | None, older: str | None, limit: int
    ) -> None:
        """The newer option counts, unless it has its default of 3 and the older one is given."""
        lines = {"powermax_snapvx_unlink_limit": newer, "vmax_snapvx_unlink_limit": older}
        assert load(**lines).snapshot_unlink_limit == limit

    def test_two_unlink_limits_must_agree(self, problems) -> None:
        """Two limits that differ are a mistake."""
        lines = {"powermax_snapvx_unlink_limit": "5", "vmax_snapvx_unlink_limit": "7"}
        assert "are both set, and differ: remove vmax_snapvx_unlink_limit" in problems(**lines)[0]

    def test_the_port_can_be_changed(self, load) -> None:
        """san_api_port takes effect, although an older name of it once had a default (trap T1)."""
        assert load(san_api_port="9443").servers[0].port == 9443


class TestMistakes:
    def test_all_mistakes_are_told_at_once(self, problems) -> None:
        """A stanza with ten mistakes gives ten problems, each with its option and a remedy after a colon."""
        found = problems(
            powermax_array="12345",
            powermax_srp=None,
            san_ip=None,
            san_password=None,
            powermax_port_groups="OS-ISCSI-PG",
            interval="often",
            use_chap_auth="true",
            chap_username="me",
            max_over_subscription_ratio="0.5",
            powermax_short_host_name_template="host",
            u4p_failover_target="san_ip:10.0.0.1,san_login:u,san_password:p,port:1",
        )
        named = [
            "powermax_array '12345'",
            "powermax_srp is not set",
            "san_ip is not set",
            "san_password is not set",
            "powermax_port_groups cannot be read",
            "interval cannot be read",
            "use_chap_auth is on, but chap_password is not set",
            "max_over_subscription_ratio is 0.5",
            "powermax_short_host_name_template 'host'",
            "unknown key port",
        ]
        for words in named:
            assert [problem for problem in found if words in problem], words
        assert len(found) == len(named)
        assert all(": " in problem for problem in found)

    @pytest.mark.parametrize("missing", ["powermax_array", "powermax_srp", "san_ip", "san_password"])
    def test_what_is_required_is_asked_for(self, problems, missing: str) -> None:
        """Each required option that is missing, or empty, is named."""
        driver = "pmax.adapters.cinder.fc.PowerMaxFCDriver"
        for value in (None, ""):
            found = problems(volume_driver=driver, **{missing: value})
            assert [problem.partition(": ")[0] for problem in found] == [f"{missing} is not set"]

    def test_an_empty_login_is_asked_for(self, problems) -> None:
        """A login that is left out is Cinder's default; an empty one is a mistake."""
        assert problems(san_login="")[0].startswith("san_login is not set: ")

    @pytest.mark.parametrize(
        ("lines", "words"),
        [
            ({"powermax_array": "00012345678x"}, "12 digits"),
            ({"powermax_array": "0001234567890"}, "12 digits"),
            ({"powermax_srp": "SRP 1"}, "powermax_srp 'SRP 1' is not valid"),
            ({"powermax_srp": "x" * 65}, "this one has 65"),
            ({"powermax_port_groups": "a,b"}, "write names in brackets"),
            ({"powermax_port_groups": "[a,b"}, "write names in brackets"),
            ({"powermax_port_groups": ""}, "write names in brackets"),
            ({"powermax_port_groups": "[a b]"}, "powermax_port_groups 'a b' is not valid"),
            ({"powermax_port_groups": '["a"]'}, "powermax_port_groups '\"a\"' is not valid"),
            ({"powermax_port_groups": "[a,,b]"}, "powermax_port_groups '' is not valid"),
            ({"interval": "-1"}, "interval cannot be read"),
            ({"load_look_back": "long"}, "load_look_back cannot be read"),
            ({"load_look_back": "long"}, ": write a number"),
            ({"interval": "2.5"}, "write a number, 0 or more"),
            ({"u4p_failover_timeout": "0"}, "write a number, 1 or more"),
            ({"pmax_read_slots": "0"}, "write a number, 1 or more"),
            ({"pmax_cache_age": "nan"}, "pmax_cache_age is no length of time"),
            ({"pmax_operation_timeout": "inf"}, "pmax_operation_timeout is no length of time"),
            ({"initiator_check": "maybe"}, "write true or false"),
            ({"san_api_port": "65536"}, "san_api_port cannot be read"),
            ({"san_api_port": "0"}, "san_api_port cannot be read"),
            ({"pmax_scheme": "ftp"}, "write one of https, http"),
            ({"max_over_subscription_ratio": "much"}, "1 or more, or auto"),
            ({"reserved_percentage": "101"}, "reserved_percentage cannot be read"),
            ({"use_chap_auth": "true"}, "chap_username is not set: give both, or switch use_chap_auth off"),
            ({"san_ip": "$nowhere"}, "san_ip cannot be read"),
            ({"powermax_port_group_name_template": "portGroupName[:9]uuid[:9]"}, "at most 12 fit"),
            ({"driver_ssl_cert_path": "/nowhere/ca.pem"}, "driver_ssl_cert_path /nowhere/ca.pem does not exist"),
            ({"replication_device": "remote_pool"}, "write key:value pairs on one line"),
            ({"replication_device": DEVICE + ",mood:good"}, "there is no such key"),
            ({"replication_device": DEVICE.replace("000197811111", REQUIRED["powermax_array"])}, "than its own"),
            ({"replication_device": [DEVICE, DEVICE]}, "each needs a backend_id of its own"),
        ],
    )
    def test_a_mistake_is_named_with_its_remedy(self, problems, lines: Lines, words: str) -> None:
        """Each wrong value is told with what to write instead."""
        assert any(words in problem for problem in problems(**lines))

    @pytest.mark.parametrize("ratio", ["1", "1.0", "20.0", "auto", "40"])
    def test_a_good_ratio_is_no_mistake(self, load, ratio: str) -> None:
        """Over-subscription from 1 on, or automatic, is fine."""
        load(max_over_subscription_ratio=ratio)

    @pytest.mark.parametrize(
        "lines",
        [
            {"san_password": "top-secret$x"},
            {"chap_password": "top-secret$x"},
            {"u4p_failover_target": "top-secret"},
            {
                "u4p_failover_target": f"{TARGET},top-secret:top-secret,san_api_port:top-secret".replace(
                    "top-secret:", "k:"
                )
            },
            {"u4p_failover_target": "san_password:top-secret,driver_ssl_cert_verify:top-secret"},
            {"replication_device": f"{DEVICE},san_password:top-secret"},
            {"replication_device": "top-secret"},
            {"pmax_coordination_url": "redis://user:top-secret$x@10.0.0.1"},
        ],
    )
    def test_no_secret_is_in_a_problem(self, problems, lines: Lines) -> None:
        """What is wrong with an option that may hold a password is told without its value."""
        assert "top-secret" not in " ".join(problems(**lines))

    def test_no_password_is_in_the_settings_text(self, load) -> None:
        """Settings can be logged: no password of any server, nor the CHAP secret, shows in them."""
        settings = load(
            u4p_failover_target=TARGET, use_chap_auth="true", chap_username="me", chap_password="chap-password"
        )
        assert settings.servers[1].password.reveal == "target-password"
        assert "password'" not in repr(settings)
        assert "my-password" not in repr(settings)
        assert "target-password" not in repr(settings)
        assert "chap-password" not in repr(settings)


class TestCertificates:
    @pytest.mark.parametrize(
        ("verify", "has_path", "by_the_command", "by_cinder"),
        [
            (None, False, True, False),
            (None, True, "path", False),
            (True, False, True, True),
            (True, True, "path", "path"),
            (False, False, False, False),
            (False, True, False, False),
        ],
    )
    def test_when_the_certificate_is_verified(
        self, load, tmp_path: Path, verify: bool | None, has_path: bool, by_the_command: object, by_cinder: object
    ) -> None:
        """Yes and no mean what they say; silence means yes to the command and, as ever, no to Cinder."""
        authority = tmp_path / "ca.pem"
        authority.touch()
        path = str(authority) if has_path else None
        settings = load(driver_ssl_cert_verify=None if verify is None else str(verify), driver_ssl_cert_path=path)
        assert settings.servers[0].verify == (path if by_the_command == "path" else by_the_command)
        cinders = LikeCinders(driver_ssl_cert_verify=bool(verify), driver_ssl_cert_path=path)
        settings = options.settings_from_backend(cinders)
        assert settings.servers[0].verify == (path if by_cinder == "path" else by_cinder)

    def test_a_path_without_effect_is_told(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """Who names authorities and does not switch verification on learns that they are not used."""
        options.settings_from_backend(LikeCinders(driver_ssl_cert_path=str(tmp_path / "gone.pem")))
        assert "driver_ssl_cert_path has no effect" in caplog.text

    def test_the_environment_can_name_the_authorities(self, load, monkeypatch: pytest.MonkeyPatch) -> None:
        """REQUESTS_CA_BUNDLE counts where no path is given, as in section 5 of the manual."""
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
        assert load().servers[0].verify == "/etc/ssl/certs/ca-certificates.crt"
        assert load(driver_ssl_cert_verify="false").servers[0].verify is False

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "[::1]", "127.8.8.8"])
    def test_a_simulator_on_this_machine_may_be_spoken_to_in_the_clear(self, load, host: str) -> None:
        """`pmax_scheme = http` is for a simulator on this machine."""
        assert load(san_ip=host, pmax_scheme="http").servers[0].scheme == "http"

    @pytest.mark.parametrize("host", ["10.10.10.10", "unisphere", "localhost.example.org"])
    def test_no_password_goes_over_a_network_in_the_clear(self, problems, host: str) -> None:
        """`pmax_scheme = http` with any other machine is a mistake."""
        [problem] = problems(san_ip=host, pmax_scheme="http")
        assert "is not this machine: remove pmax_scheme" in problem


class TestFailoverTargets:
    def test_targets_follow_the_first_server_in_order(self, load, tmp_path: Path) -> None:
        """Each target is a server with its own port, user, password and authorities."""
        (tmp_path / "ca.pem").touch()
        targets = [
            f"{TARGET},san_api_port:9443,driver_ssl_cert_verify:True",
            f"san_ip: backup , san_login:v, san_password:a:b , driver_ssl_cert_path: {tmp_path}/ca.pem",
        ]
        _, first, second = load(u4p_failover_target=targets).servers
        assert first == UnisphereServer(
            host="10.10.10.11", username="u", password=Secret("target-password"), port=9443, verify=True
        )
        assert second == UnisphereServer(
            host="backup", username="v", password=Secret("a:b"), verify=f"{tmp_path}/ca.pem"
        )

    @pytest.mark.parametrize(
        ("keys", "verify"),
        [
            ("", "as the first"),
            (",driver_ssl_cert_verify:True", True),
            (",driver_ssl_cert_verify:yes", True),
            (",driver_ssl_cert_verify:False", False),
            (",driver_ssl_cert_verify:false", False),
            (",driver_ssl_cert_verify:no", False),
            (",driver_ssl_cert_verify:0", False),
            (",driver_ssl_cert_verify:False,driver_ssl_cert_path:{path}", "path"),
        ],
    )
    @pytest.mark.parametrize("first", ["true", "false"])
    def test_when_a_targets_certificate_is_verified(
        self, load, tmp_path: Path, keys: str, verify: object, first: str
    ) -> None:
        """A path counts whatever else is said; no means no in every spelling; silence means what the first has."""
        path = tmp_path / "ca.pem"
        path.touch()
        settings = load(driver_ssl_cert_verify=first, u4p_failover_target=TARGET + keys.format(path=path))
        expected = {"path": str(path), "as the first": first == "true"}.get(str(verify), verify)
        assert settings.servers[1].verify == expected

    @pytest.mark.parametrize(
        ("target", "words"),
        [
            ("san_login:u,san_password:p", "lacks the key san_ip"),
            ("san_ip:h,san_password:p", "lacks the key san_login"),
            ("san_ip:h,san_login:u,san_password:", "lacks the key san_password"),
            (f"{TARGET},san_api_port:http", "no port number in san_api_port"),
            (f"{TARGET},san_api_port:0", "no port number in san_api_port"),
            (f"{TARGET},san_api_port:65536", "no port number in san_api_port"),
            (f"{TARGET},driver_ssl_cert_verify:maybe", "neither yes nor no in driver_ssl_cert_verify"),
            (f"{TARGET},driver_ssl_cert_path:/nowhere/ca.pem", "/nowhere/ca.pem does not exist"),
            (f"{TARGET},SSLVerify:True", "unknown key SSLVerify"),
        ],
    )
    def test_a_mistake_in_a_target_names_its_key(self, problems, target: str, words: str) -> None:
        """Each wrong, missing or unknown key of a target is named."""
        assert [problem for problem in problems(u4p_failover_target=target) if words in problem]

    def test_a_target_brings_its_timeout(self, load) -> None:
        """With a failover target the failover timeout bounds questions; changes keep their own."""
        assert load(u4p_failover_target=TARGET).timeouts.read_s == 20.0
        settings = load(u4p_failover_target=TARGET, u4p_failover_timeout="5", rest_api_read_timeout="99")
        assert (settings.timeouts.read_s, settings.timeouts.write_s) == (5.0, 300.0)
        assert load(u4p_failover_timeout="5", rest_api_read_timeout="99").timeouts.read_s == 99.0


class TestReplicationDevices:
    def test_the_manuals_example_is_read(self, tmp_path: Path) -> None:
        """The example of the manual, on one line, gives one device."""
        [device] = options.replication_devices_from(
            LikeCinders(
                replication_device=[
                    {
                        "target_device_id": "000197811111",
                        "remote_port_group": "os-failover-pg",
                        "remote_pool": "SRP_1",
                        "rdf_group_label": "28_11_07",
                        "allow_extend": "False",
                        "mode": "Metro",
                        "metro_use_bias": "False",
                        "allow_delete_metro": "False",
                    }
                ]
            )
        )
        assert (device.target_array_id, device.mode, device.rdf_group_label) == ("000197811111", "Metro", "28_11_07")

    def test_mistakes_name_their_keys(self) -> None:
        """What is wrong with a device is told with the key."""
        with pytest.raises(ConfigurationInvalid) as failure:
            options.replication_devices_from(LikeCinders(replication_device=[{"remote_pool": "SRP_1"}]))
        assert len(failure.value.problems) == 3
        assert "replication_device target_device_id" in failure.value.problems[0]

    def test_none_is_none(self) -> None:
        """A backend without replication has no device."""
        assert options.replication_devices_from(LikeCinders()) == ()


def test_nothing_is_logged_twice(load, caplog: pytest.LogCaptureFixture) -> None:
    """One reading tells each thing once."""
    with caplog.at_level(logging.WARNING):
        load(snapvx_unlink_symforce="true")
    assert len(caplog.records) == 1
