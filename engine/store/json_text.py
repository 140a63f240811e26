"""JSON as it stands in the tables: compact, characters as they are.

A tick turns several small values per step into text and back, so the standard library's C encoder and scanner are kept
ready: `json.dumps` builds an encoder per call, `json.loads` looks for white space that is never here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from json import encoder as library
from typing import Any

from engine.store.errors import StoreError

_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)
_scan: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def _ready_encoder() -> Callable[[Any], str]:
    make = getattr(library, "c_make_encoder", None)
    if make is None:  # a Python without the C part
        return _encoder.encode
    chunks = make(None, _encoder.default, library.encode_basestring, None, ":", ",", False, False, True)
    join = "".join
    return lambda value: join(chunks(value, 0))


dump: Callable[[Any], str] = _ready_encoder()
"""A JSON-able value as compact text. Raises TypeError for anything else."""


def parse(text: str) -> Any:
    """What `dump` wrote. Raises `StoreError` if it can only be damage."""
    try:
        return _scan(text, 0)[0]
    except (StopIteration, ValueError) as error:
        raise StoreError(
            f"the database holds a text that is not JSON: {text[:40]!r}", "the file is damaged: restore a backup"
        ) from error
