"""Errors and what the shell is told."""

import inspect

import pytest

from pmax.adapters.cli import exit_status, refusals
from pmax.domain import errors

STATUSES = {
    errors.PmaxError("why"): 1,
    errors.InvalidRequest("size", 0, "too small"): 2,
    errors.ConfigurationInvalid(("san_ip is not set",)): 2,
    errors.NotFound("volume", "00588"): 3,
    errors.Conflict("changed"): 4,
    errors.AlreadyExists("volume", "finance"): 4,
    errors.InUse("volume", "00588", "a host"): 4,
    errors.StillInUse("volume", "00588", "a copy that is under way"): 5,
    errors.LimitReached("volume", "00588", "as many snapshots as it can have"): 5,
    errors.TooSmall("volume", "00588", "it has 1 GiB"): 4,
    errors.WrongIdentity("volume", "00588", "a", "b"): 4,
    errors.IllegalTransition("pair", "1", "Split", "resume"): 4,
    errors.NotManageable("volume", "00588", ("a host sees it",)): 4,
    errors.AlreadyManaged("volume", "00588", ("it is Cinder's",)): 4,
    errors.ArrayRejected("create volume", 500, None, "no"): 1,
    errors.CredentialsRejected("here:8443", 401, "Unauthorized"): 1,
    errors.JobFailed("1", "create volume", "no"): 1,
    errors.Interrupted("create volume"): 130,
    errors.Busy("the lock", 5.0): 5,
    errors.DeadlinePassed("the LUN address", 60.0): 1,
    errors.Unavailable("here:8443", "connection refused: check san_ip", sent=False): 1,
    errors.CertificateRefused("here:8443", "its certificate is not trusted: set it", sent=False): 1,
    errors.OutcomeUnknown("create volume", "no answer"): 6,
    errors.MalformedReply("/version", ("no version",)): 1,
    errors.PlanFailed("create view", (), ("storage group X",)): 1,
    refusals.WrongUsage("a workload alone", "give --service-level"): 2,
    refusals.WouldHurt("volume 00588 is in use", ("a host sees it",), "detach it"): 4,
    refusals.Declined("Delete?"): 1,
    refusals.StillGoing("copying: 40 % copied", "pmax job list"): 130,
}


@pytest.mark.parametrize(("error", "status"), STATUSES.items(), ids=lambda value: type(value).__name__)
def test_each_error_has_its_status(error, status) -> None:
    """The nearest class of an error in the table decides its exit status."""
    assert exit_status.of_error(error) == status


def test_no_error_is_forgotten() -> None:
    """Every class of the error tree is in the examples above."""
    classes = {
        found
        for module in (errors, refusals)
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, errors.PmaxError)
    }
    assert classes == {type(error) for error in STATUSES}
