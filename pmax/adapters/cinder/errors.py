"""PmaxError → the exception that Cinder's driver interface names for the case, with our message kept as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from cinder import exception

from pmax.domain.errors import (
    AlreadyExists,
    AlreadyManaged,
    ConfigurationInvalid,
    IllegalTransition,
    InUse,
    InvalidRequest,
    NotFound,
    NotManageable,
    PmaxError,
    WrongIdentity,
)

#: Which errors mean something particular in a call; for the rest the interface says `VolumeBackendAPIException`.
Meanings = Mapping[type[PmaxError], type[exception.CinderException]]

#: A mistake in the configuration is told as one, whatever the call.
_ALWAYS: Meanings = {ConfigurationInvalid: exception.InvalidConfigurationValue}

#: `delete_volume`: Cinder makes a busy volume available again instead of marking it as broken.
DELETING: Meanings = {InUse: exception.VolumeIsBusy, IllegalTransition: exception.VolumeIsBusy}

#: `delete_snapshot`: likewise for a snapshot.
DELETING_SNAPSHOT: Meanings = {InUse: exception.SnapshotIsBusy}

#: `validate_connector`: Cinder answers the caller that the request was wrong, not that the backend failed.
CONNECTING: Meanings = {InvalidRequest: exception.InvalidConnectorException}

#: `manage_existing` and its like: whatever is wrong with the reference, or with what it means, is the caller's to mend.
MANAGING: Meanings = {
    AlreadyManaged: exception.ManageExistingAlreadyManaged,
    NotManageable: exception.ManageExistingInvalidReference,
    NotFound: exception.ManageExistingInvalidReference,
    AlreadyExists: exception.ManageExistingInvalidReference,
    WrongIdentity: exception.ManageExistingInvalidReference,
    InvalidRequest: exception.ManageExistingInvalidReference,
}

#: What a volume type wants of a volume that is taken over, and cannot have.
MANAGING_TYPE: Meanings = {InvalidRequest: exception.ManageExistingVolumeTypeMismatch}

#: `unmanage`: Cinder makes a busy volume available again instead of marking it as broken.
UNMANAGING: Meanings = {InUse: exception.VolumeIsBusy}

#: Lists of what can be managed: Cinder's API tells its caller of this one, and of no other.
LISTING: Meanings = {InvalidRequest: exception.InvalidInput}
#: Calls for groups: a volume that does not suit the group is a mistake of the caller.
GROUPING: Meanings = {InvalidRequest: exception.InvalidInput}


def cinder_error(error: PmaxError, meanings: Meanings | None = None) -> exception.CinderException:
    """The exception to raise in place of `error`.

    Args:
        error: what went wrong.
        meanings: what it means in this call.
    """
    for kind, meaning in {**_ALWAYS, **(meanings or {})}.items():
        if isinstance(error, kind):
            return meaning(message=str(error))
    return exception.VolumeBackendAPIException(message=str(error))


@contextmanager
def cinder_errors(meanings: Meanings | None = None) -> Iterator[None]:
    """Within it, a `PmaxError` leaves as Cinder's exception, with the error as its cause."""
    try:
        yield
    except PmaxError as error:
        raise cinder_error(error, meanings) from error
