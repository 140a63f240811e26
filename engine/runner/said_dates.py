"""Dates as people say them: `27.11.2026` and `27.11.2026 14:00` beside `2026-11-27`. The one place that reads them."""

from __future__ import annotations

import re

_SAID = re.compile(r"(?:(\d\d?)\.(\d\d?)\.(\d{4})|(\d{4}-\d\d-\d\d))(?:(?:T|,?\s+)(\d\d?)(:\d\d.*))?", re.ASCII)


def as_written(text: str) -> str:
    """What is meant, as files write it: `27.11.2026 9:30` is `2026-11-27T09:30`. What is no date stays as it was said.

    The day before the month, with points and four digits for the year: that alone is beyond doubt.
    """
    found = _SAID.fullmatch(text.strip())
    if not found:
        return text.strip()
    day, month, year, written, hour, rest = found.groups()
    date = written or f"{year}-{int(month):02}-{int(day):02}"
    return f"{date}T{int(hour):02}{rest}" if hour else date
