"""What `pmax doctor` looks at: configuration, connection, array, and what new volumes need on it.

Each check is a small function that yields findings. A check that cannot go on says so and the later ones are left out,
so that one cause gives one finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from pmax.adapters.cli.certificates import Certificate, look_at
from pmax.adapters.cli.explanations import explain
from pmax.adapters.cli.feature_checks import check_features, check_replication, check_times
from pmax.adapters.cli.findings import Finding, State
from pmax.domain.arrays import Array
from pmax.domain.errors import CertificateRefused, CredentialsRejected, InvalidRequest, NotFound, PmaxError
from pmax.domain.policies import PolicyDefaults, read_policy
from pmax.domain.settings import Settings, UnisphereServer
from pmax.domain.versions import UnisphereVersion, rest_path_version
from pmax.engine import Engine
from pmax.ports.readers import Readers

#: A certificate that ends earlier is told.
_SOON: Final = timedelta(days=30)


class CannotGoOnError(Exception):
    """Later checks would only repeat what is wrong already."""


def failed(check: str, error: PmaxError) -> Finding:
    """A finding out of an error."""
    explanation = explain(error)
    return Finding(check, State.FAILED, explanation.what, explanation.remedy)


def check_configuration(problems: tuple[str, ...]) -> Iterator[Finding]:
    """One finding for each mistake in the configuration.

    Args:
        problems: a sentence each, which may name the remedy after a colon.
    """
    for problem in problems:
        what, _, remedy = problem.partition(": ")
        yield Finding("configuration", State.FAILED, what, remedy or "correct it in the configuration file")


def check_connection(server: UnisphereServer, readers: Readers) -> Iterator[Finding]:
    """Connection, certificate, version.

    Raises:
        CannotGoOnError: there is no usable connection.
    """
    try:
        version = readers.arrays.unisphere_version()
    except CredentialsRejected as error:
        yield failed("credentials", error)
        raise CannotGoOnError from error
    except CertificateRefused as error:
        yield failed("certificate", error)
        raise CannotGoOnError from error
    except PmaxError as error:
        yield failed("connection", error)
        raise CannotGoOnError from error
    yield Finding("connection", State.FINE, f"Unisphere answers at {server.endpoint}")
    yield check_certificate(server, look_at(server), datetime.now(UTC))
    yield check_version(version)


def check_certificate(server: UnisphereServer, shown: Certificate | None, now: datetime) -> Finding:
    """Whether the server proves who it is. By now it has answered, so a certificate that is checked is trusted.

    Args:
        server: as configured.
        shown: what a look at its certificate gave.
        now: to tell how long it lasts.
    """
    if server.scheme != "https":
        remedy = "serve the simulator with TLS, or keep this for trying things out"
        return Finding("certificate", State.WARNING, "the connection is not encrypted", remedy)
    if server.verify is False:
        remedy = "set driver_ssl_cert_verify = True, and driver_ssl_cert_path to the CA certificate"
        return Finding(
            "certificate", State.WARNING, "the certificate is not checked, so passwords can be stolen", remedy
        )
    trusted = "trusted by " + ("the system's authorities" if server.verify is True else str(server.verify))
    if shown is None:
        return Finding("certificate", State.FINE, trusted)
    what = f"{trusted}, until {shown.expires:%Y-%m-%d}"
    if shown.expires - now < _SOON:
        return Finding("certificate", State.WARNING, what, "renew it in Unisphere before it ends")
    return Finding("certificate", State.FINE, what)


def check_version(version: UnisphereVersion) -> Finding:
    """Whether pmax knows this Unisphere."""
    try:
        path_version = rest_path_version(version)
    except InvalidRequest as error:
        return failed("version", error)
    if not version.is_release:
        remedy = "use a release of Unisphere for anything but trying out"
        return Finding("version", State.WARNING, f"Unisphere {version} is no release", remedy)
    return Finding("version", State.FINE, f"Unisphere {version}, spoken to in REST version {path_version}")


def check_array(settings: Settings, readers: Readers, found: list[Array]) -> Iterator[Finding]:
    """Credentials and array.

    Args:
        settings: of the backend.
        readers: of the array.
        found: gets the array.

    Raises:
        CannotGoOnError: there is no such array, or nobody may look at it.
    """
    try:
        array = readers.arrays.get_array(settings.array_id)
    except CredentialsRejected as error:
        yield failed("credentials", error)
        raise CannotGoOnError from error
    except NotFound as error:
        known = ", ".join(readers.arrays.list_arrays()) or "none"
        what = f"Unisphere does not manage array {settings.array_id}"
        yield Finding("array", State.FAILED, what, f"set powermax_array to one that it manages: {known}")
        raise CannotGoOnError from error
    except PmaxError as error:
        yield failed("array", error)
        raise CannotGoOnError from error
    found.append(array)
    yield Finding("credentials", State.FINE, f"user {settings.servers[0].username} is accepted")
    if not array.is_local:
        remedy = "use the Unisphere that manages it directly: the REST API changes local arrays only"
        yield Finding("array", State.FAILED, f"{array.model} {array.array_id} is remote to this Unisphere", remedy)
        raise CannotGoOnError
    yield Finding("array", State.FINE, f"{array.model} {array.array_id} with microcode {array.microcode}")


def check_srp(settings: Settings, readers: Readers) -> Finding:
    """Whether the storage resource pool exists and has room."""
    try:
        srp = readers.arrays.get_srp(settings.array_id, settings.srp)
    except NotFound:
        known = ", ".join(readers.arrays.list_srps(settings.array_id)) or "none"
        what = f"array {settings.array_id} has no storage resource pool {settings.srp}"
        return Finding("SRP", State.FAILED, what, f"set powermax_srp to one that it has: {known}")
    except PmaxError as error:
        return failed("SRP", error)
    what = f"{srp.name} has {srp.free_gib:,.0f} of {srp.total_gib:,.0f} GiB free"
    if srp.free_gib <= srp.total_gib * srp.reserved_percent / 100:
        remedy = "delete or move volumes, or add disks, before hosts fail to write"
        return Finding("SRP", State.WARNING, f"{what}, no more than its reserve", remedy)
    return Finding("SRP", State.FINE, what)


def check_service_level(settings: Settings, array: Array, readers: Readers) -> Iterator[Finding]:
    """Whether the array offers what volumes get whose type names no pool."""
    defaults = PolicyDefaults(srp=settings.srp, service_level=settings.service_level, workload=settings.workload)
    try:
        reading = read_policy(
            {},
            None,
            defaults,
            array,
            readers.arrays.list_service_levels(array.array_id),
            readers.arrays.list_workloads(array.array_id),
        )
    except PmaxError as error:
        yield failed("service level", error)
        return
    yield from (failed("service level", problem) for problem in reading.problems)
    for warning in reading.warnings:
        yield Finding("service level", State.WARNING, warning, "remove vmax_workload from the configuration")
    if not reading.problems:
        level = reading.policy.service_level or "no service level"
        where = "configured" if settings.service_level else "the array's default, since none is configured"
        yield Finding("service level", State.FINE, f"{level}, {where}")


def check_port_groups(settings: Settings, readers: Readers) -> Iterator[Finding]:
    """Whether hosts can be attached: every port group exists and has a port that is online."""
    if not settings.port_groups:
        remedy = "set powermax_port_groups, or name one in each volume type, or use --port-group"
        yield Finding("port groups", State.WARNING, "none is configured, so nothing can be attached", remedy)
    for name in settings.port_groups:
        try:
            yield _port_group(name, settings, readers)
        except PmaxError as error:
            yield failed("port groups", error)


def _port_group(name: str, settings: Settings, readers: Readers) -> Finding:
    group = readers.masking.find_port_group(settings.array_id, name)
    if group is None:
        what = f"array {settings.array_id} has no port group {name}"
        return Finding("port groups", State.FAILED, what, "make it in Unisphere, or correct powermax_port_groups")
    down = [str(key) for key in group.ports if not readers.masking.get_port(settings.array_id, key).is_online]
    if len(down) == len(group.ports):
        what = f"no port of {name} is online" if down else f"{name} has no port"
        return Finding("port groups", State.FAILED, what, "bring one online, or add one, in Unisphere")
    if down:
        what = f"{', '.join(down)} of {name} are not online"
        return Finding("port groups", State.WARNING, what, "bring them online in Unisphere, or take them out")
    return Finding("port groups", State.FINE, f"{name} with {', '.join(str(key) for key in group.ports)}")


def check_plugins(engine: Engine) -> Iterator[Finding]:
    """Whether every installed plugin could be loaded."""
    names = engine.plugins.names()
    for problem in engine.plugins.problems:
        what = f"plugin {problem.name} could not be loaded: {problem.reason}"
        yield Finding("plugins", State.FAILED, what, "mend or uninstall it, or add it to pmax_blocked_plugins")
    protocols = ", ".join(sorted(engine.plugins.protocols()))
    yield Finding("plugins", State.FINE, f"{len(names)} loaded, protocols {protocols}")


_OPEN: Final = "`pmax journal list` shows more, and `pmax journal recover` finishes or undoes it"


def check_journal(engine: Engine) -> Finding:
    """Whether an operation is neither done nor undone."""
    count = len(engine.unfinished())
    if count:
        what = "1 operation is" if count == 1 else f"{count} operations are"
        return Finding("journal", State.WARNING, f"{what} neither done nor undone", _OPEN)
    where = engine.settings.journal_directory
    if where is None:
        remedy = "set pmax_journal_directory, so that a crash can be made good"
        return Finding("journal", State.WARNING, "it is kept in memory only", remedy)
    return Finding("journal", State.FINE, f"nothing is unfinished, kept in {where}")


def examine(engine: Engine, rpc_response_timeout_s: float | None = None) -> Iterator[Finding]:
    """All checks of a backend whose configuration could be read.

    Args:
        engine: of the backend.
        rpc_response_timeout_s: how long Cinder's callers wait; None where Cinder has no part in it.
    """
    settings, readers = engine.settings, engine.readers
    arrays: list[Array] = []
    try:
        yield from check_plugins(engine)
        yield check_journal(engine)
        yield from check_times(settings, rpc_response_timeout_s)
        yield from check_connection(settings.servers[0], readers)
        yield from check_array(settings, readers, arrays)
    except CannotGoOnError:
        return
    yield check_srp(settings, readers)
    yield from check_service_level(settings, arrays[0], readers)
    yield from check_port_groups(settings, readers)
    yield from check_features(settings, readers)
    yield from check_replication(settings, readers)
