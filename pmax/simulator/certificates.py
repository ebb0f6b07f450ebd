"""The certificate of the HTTPS front: one that the simulator makes itself, or one that it is given."""

from pathlib import Path

import attrs
import trustme


@attrs.frozen
class Certificate:
    """Files for a TLS server.

    Attributes:
        certificate: the chain, in PEM.
        key: its private key, in PEM.
        authority: what a client should trust; None if somebody else signed it.
    """

    certificate: Path
    key: Path
    authority: Path | None = None


def make_certificate(host: str, folder: Path) -> Certificate:
    """Make an authority and a certificate for a host and the names of loopback.

    Args:
        host: the address that is listened on.
        folder: takes the files.
    """
    made = Certificate(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    authority = trustme.CA(organization_name="pmax simulator")
    names = dict.fromkeys(("localhost", "127.0.0.1", "::1", *(() if host in {"0.0.0.0", "::"} else (host,))))  # nosec B104 # noqa: S104 - it is only compared
    server = authority.issue_cert(*names)
    made.key.touch(mode=0o600)
    server.private_key_pem.write_to_path(made.key)
    made.certificate.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
    if made.authority is not None:
        authority.cert_pem.write_to_path(made.authority)
    return made
