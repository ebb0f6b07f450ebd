"""Ports as bodies, paths and lists write them (reference sections 5, 6.9 and 6.10)."""

from pmax.simulator.body import Fields


def port_key(director_id: str, port_id: str) -> str:
    """Return a port as the tables know it: `FA-1D:4`.

    Accepts `4`, `004` and, in bodies of some clients, `FA-1D:4` as the id of the port.
    """
    number = port_id.rpartition(":")[2]
    if number.isascii() and number.isdigit():
        number = str(int(number))
    return f"{director_id.upper()}:{number}"


def read_port(fields: Fields) -> str:
    """Return the port that a `symmetrixPortKey` element names."""
    return port_key(fields.text("directorId"), fields.text("portId"))


def listed_port(port: str) -> str:
    """Return a port as lists of initiators write it: three digits where the port is virtual."""
    director, _, number = port.rpartition(":")
    return port if director.startswith("FA") else f"{director}:{int(number):03d}"
