"""Stanzas as operators write them."""

REQUIRED = {
    "powermax_array": "000123456789",
    "powermax_srp": "SRP_1",
    "san_ip": "10.10.10.10",
    "san_login": "my_username",
    "san_password": "my-password",
}
TARGET = "san_ip:10.10.10.11,san_login:u,san_password:target-password"
DEVICE = "target_device_id:000197811111, remote_port_group:os-failover-pg, remote_pool:SRP_1, rdf_group_label: 28_11_07"

Lines = dict[str, str | list[str] | None]


def stanza(name: str = "powermax", **lines: str | list[str] | None) -> str:
    """A section with what is required; a line that is None is left out, a list is given line by line."""
    wanted: Lines = {**REQUIRED, **lines}
    text = [f"[{name}]"]
    for option, value in wanted.items():
        values = value if isinstance(value, list) else [value]
        text += [f"{option} = {item}" for item in values if item is not None]
    return "\n".join(text) + "\n"


class LikeCinders:
    """Asks as Cinder's own object does: `safe_get`, and nothing else."""

    def __init__(self, **values: object) -> None:
        self._values = {"driver_ssl_cert_verify": False, **REQUIRED, **values}

    def safe_get(self, name: str) -> object:
        """The value, or None."""
        return self._values.get(name)
