"""JSON as it stands in the tables: compact, characters as they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

# one encoder for all: json.dumps builds a new one for each call with other than its default settings
dump: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
parse: Callable[[str], Any] = json.loads
