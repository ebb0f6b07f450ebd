"""The gate under eventlet, in a process of its own that eventlet has patched."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]

PROGRAM = """
import eventlet
eventlet.monkey_patch()
from pmax.adapters.rest.gate import Gate
from pmax.ports.runtime import Clock, Deadline
import time

class Now(Clock):
    def now_s(self): return time.monotonic()
    def epoch_s(self): return time.time()
    def sleep(self, seconds): time.sleep(seconds)

clock, gate, log, inside = Now(), Gate("u:1", 2, 1), [], []

def visit(number):
    with gate.passage(clock, Deadline.after(clock, 20.0), is_read=True):
        inside.append(number)
        log.append((number, len(inside)))
        eventlet.sleep(0.01)
        inside.remove(number)

visitors = [eventlet.spawn(visit, number) for number in range(8)]
eventlet.sleep(0)
visitors[5].kill()
for number, visitor in enumerate(visitors):
    if number != 5:
        visitor.wait()
assert [number for number, _ in log] == [0, 1, 2, 3, 4, 6, 7], log
assert max(count for _, count in log) == 2, log
with gate.passage(clock, Deadline.after(clock, 1.0), is_read=True), gate.passage(
    clock, Deadline.after(clock, 1.0), is_read=True
):
    print("fair")
"""


def test_green_threads_pass_in_order_and_a_killed_one_leaves_nothing_behind():
    """Green threads wait without stopping the process, are served in turn, and one that is killed frees its place."""
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=25,
    )
    assert (finished.stdout.strip(), finished.returncode) == ("fair", 0), finished.stderr
