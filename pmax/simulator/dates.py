"""Dates as the service writes them; all in UTC and in English, whatever the machine's locale is."""

import datetime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def milliseconds(moment: float) -> int:
    """Return epoch milliseconds of epoch seconds."""
    return round(moment * 1000)


def job_date(moment: float) -> str:
    """Return a date as in a job: `Aug-31-2023 10:08:33.901`."""
    date = _utc(milliseconds(moment) / 1000)
    return f"{_MONTHS[date.month - 1]}-{date:%d-%Y %H:%M:%S}.{date.microsecond // 1000:03d}"


def job_result_date(moment: float) -> str:
    """Return a date as in the result of a job: `Thu 31 Aug 2023 10:08:32 UTC`."""
    date = _utc(moment)
    return f"{_DAYS[date.weekday()]} {date:%d} {_MONTHS[date.month - 1]} {date:%Y %H:%M:%S} UTC"


def snapshot_date(moment: float) -> str:
    """Return a date as in a snapshot: `10:13:20 Wed, 30 Aug 2023 GMT`."""
    date = _utc(moment)
    return f"{date:%H:%M:%S} {_DAYS[date.weekday()]}, {date:%d} {_MONTHS[date.month - 1]} {date:%Y} GMT"


def _utc(moment: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(moment, tz=datetime.UTC)
