"""One Unisphere: its version, its users and the arrays that it sees; several may look at one world."""

import base64
import binascii
import hmac

import attrs

from pmax.simulator.dialect import UnisphereVersion
from pmax.simulator.refusals import Unauthorized


@attrs.frozen
class User:
    """Somebody who may log in.

    Attributes:
        may_change: otherwise every changing call is refused with 403 (the role of a monitor).
    """

    name: str
    password: str = attrs.field(repr=False)
    may_change: bool = True


@attrs.frozen(kw_only=True)
class Unisphere:
    """A Unisphere server.

    Attributes:
        name: tells the Unispheres of one world apart.
        remote_arrays: arrays that it sees but does not manage: they report `local: false` and refuse changes (rule 85).
        hidden_arrays: arrays that it does not know at all.
    """

    name: str = "unisphere"
    version: UnisphereVersion
    users: tuple[User, ...]
    remote_arrays: frozenset[str] = frozenset()
    hidden_arrays: frozenset[str] = frozenset()

    def authenticate(self, authorization: str | None) -> User:
        """Return who asks, out of an HTTP Basic header (reference section 1.3).

        Raises:
            Unauthorized: nobody known, or a wrong password.
        """
        name, password = _credentials(authorization or "")
        for user in self.users:
            same_name = hmac.compare_digest(user.name.encode(), name)
            if same_name & hmac.compare_digest(user.password.encode(), password):
                return user
        raise Unauthorized

    def sees(self, symmetrix_id: str) -> bool:
        """Say whether it knows an array at all."""
        return symmetrix_id not in self.hidden_arrays

    def manages(self, symmetrix_id: str) -> bool:
        """Say whether an array is local to it."""
        return self.sees(symmetrix_id) and symmetrix_id not in self.remote_arrays


def _credentials(authorization: str) -> tuple[bytes, bytes]:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise Unauthorized
    try:
        name, colon, password = base64.b64decode(token.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError) as error:
        raise Unauthorized from error
    if not colon:
        raise Unauthorized
    return name, password
