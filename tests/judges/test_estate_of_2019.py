"""The recording of what the driver of 2019 leaves is what it leaves."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.judges.cache import Unreachable
from tests.judges.estate_of_2019 import made, recorded

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore")]

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+")


def numbered(recording: dict[str, Any]) -> Any:
    """A recording with numbers instead of ids that were made up, also where names have only part of them."""
    text = _TIME.sub("then", json.dumps(recording, sort_keys=True))
    for number, each in enumerate(dict.fromkeys(_UUID.findall(text))):
        for form in (each, f"{each[:6]}{each[-9:]}", f"{each[:9]}{each[-9:]}"):
            text = text.replace(form, f"id {number}")
    return json.loads(text)


def test_it_does_so_again(tmp_path: Path) -> None:
    """The driver makes the same changes on the arrays, and the same rows, but for ids that are made up each time."""
    try:
        again = made(tmp_path)
    except Unreachable as problem:
        pytest.skip(f"the driver of 2019 cannot be fetched: {problem}")
    kept, new = numbered(recorded()), numbered(again)
    assert new["rows"] == kept["rows"]
    assert new["events"] == kept["events"]
