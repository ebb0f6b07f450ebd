"""How fast the simulator answers over HTTPS, and how soon and how small a full array is there.

The server is the command `pmax simulator serve` in a process of its own, the client is this one: on a machine with one
CPU they would disturb each other. Each connection stays open and sends its next request when the answer is there.
"""

import asyncio
import base64
import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import attrs

CONNECTIONS = (1, 8, 64)
SECONDS = 3.0
ARRAY = "000197900999"
PROVISIONING = f"/univmax/restapi/92/sloprovisioning/symmetrix/{ARRAY}"
LOAD_BUDGET_S = 20.0
MEMORY_BUDGET_MB = 1536.0

_AUTHORIZATION = base64.b64encode(b"smc:smc").decode()
_LOAD = """
import json, resource, sys, time
from pathlib import Path
started = time.perf_counter()
from pmax.simulator import Simulator
simulator = Simulator(fixture="large", state=Path(sys.argv[1]) if sys.argv[1:] else None)
took = time.perf_counter() - started
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
simulator.close()
"""


@attrs.frozen(kw_only=True)
class Ask:
    """A request that is sent again and again.

    Attributes:
        name: what is shown.
        verb: of HTTP.
        path: below the array's provisioning resources.
        body: of the request, None without one.
    """

    name: str
    verb: str
    path: str
    body: dict[str, object] | None = None

    @property
    def text(self) -> bytes:
        """The request as it goes over the wire."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = (
            f"{self.verb} {PROVISIONING}/{self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Basic {_AUTHORIZATION}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def asks() -> tuple[Ask, ...]:
    """Say what is asked: one object, a page of a list, and a change."""
    identifier = {"identifier_name": "bench", "volumeIdentifierChoice": "identifier_name"}
    rename = {"modifyVolumeIdentifierParam": {"volumeIdentifier": identifier}}
    return (
        Ask(name="read one volume", verb="GET", path="volume/00001"),
        Ask(name="list volumes", verb="GET", path="volume"),
        Ask(name="rename a volume", verb="PUT", path="volume/00001", body={"editVolumeActionParam": rename}),
    )


@contextmanager
def served(*options: str) -> Iterator[tuple[int, ssl.SSLContext]]:
    """Serve the simulator; yield its port and what trusts it."""
    command = [sys.executable, "-m", "pmax", "simulator", "serve", "--port", "0", "--clock", "instant", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            port = _line(process.stdout).rpartition(":")[2]
            authority = _line(process.stderr).partition(" = ")[2]
            yield int(port), ssl.create_default_context(cafile=authority)
        finally:
            process.terminate()


def _line(stream: IO[str] | None) -> str:
    """Return the next line that the server prints."""
    line = "" if stream is None else stream.readline().strip()
    if not line:
        raise RuntimeError("the simulator did not come up")
    return line


async def connection(port: int, trust: ssl.SSLContext, ask: Ask, end: float) -> list[float]:
    """Ask over one connection until the time is over; return how long each answer took, in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
    times = []
    while time.perf_counter() < end:
        started = time.perf_counter()
        writer.write(ask.text)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if length is None or not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"{ask.name}: {head.decode('latin-1')}")
        await reader.readexactly(int(length[1]))
        times.append(time.perf_counter() - started)
    writer.transport.abort()
    return times


async def together(port: int, trust: ssl.SSLContext, ask: Ask, connections: int) -> tuple[float, float]:
    """Ask over many connections; return answers per second and the median time of one in milliseconds."""
    started = time.perf_counter()
    end = started + SECONDS
    results = await asyncio.gather(*(connection(port, trust, ask, end) for _ in range(connections)))
    times = sorted(each for result in results for each in result)
    return len(times) / (time.perf_counter() - started), 1000 * times[len(times) // 2]


def measure_answers(title: str, *options: str) -> None:
    """Print how many requests per second are answered."""
    print(title)
    print(f"  {'':<18}" + "".join(f"{number:>4} connection{'s' if number > 1 else ' '}   " for number in CONNECTIONS))
    with served(*options) as (port, trust):
        for ask in asks():
            figures = [asyncio.run(together(port, trust, ask, number)) for number in CONNECTIONS]
            cells = "".join(f"{rate:>6.0f}/s {median:>6.2f} ms " for rate, median in figures)
            print(f"  {ask.name:<18} {cells}", flush=True)


def measure_load(title: str, *arguments: str) -> None:
    """Print how long the full array takes to be there, and its memory, in a process of its own."""
    command = [sys.executable, "-c", _LOAD, *arguments]
    took, memory_mb = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    budgets = f"budget {LOAD_BUDGET_S:.0f} s, {MEMORY_BUDGET_MB:.0f} MB"
    print(f"  {title:<44} {took:>5.1f} s {memory_mb:>6.0f} MB  {budgets}", flush=True)


def main() -> None:
    """Print all figures."""
    measure_answers(f"Simulator over HTTPS, keep-alive, {SECONDS:.0f} s each: answers per second, median of one")
    with TemporaryDirectory() as folder:
        state = str(Path(folder) / "state.sqlite")
        measure_answers("The same, with --state", "--state", state)
    print("Fixture with 64,000 volumes, 4,000 storage groups, 2,000 hosts: start-up and memory")
    measure_load("made")
    with TemporaryDirectory() as folder:
        state = str(Path(folder) / "state.sqlite")
        measure_load("made, and written to a state file", state)
        measure_load("read from a state file", state)


if __name__ == "__main__":
    main()
