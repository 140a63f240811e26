"""What a revision needs loaded beside the account itself, so that a tick loads nothing in vain."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from engine.core.model import Limit

_ASKS = ("last.", '"count"', '"unanswered"')


def reads_log(content: Mapping[str, Any]) -> bool:
    """Whether a revision's content counts or dates past events: `count`, `last.EVENT` anywhere, `unanswered`.

    Looks at the text alone: a word too many costs a little time, one too few would cost the truth.
    """
    text = json.dumps(content, ensure_ascii=False)
    return any(word in text for word in _ASKS)


def limits_read_log(limits: Iterable[Limit]) -> bool:
    """Whether limits ask how long nobody has answered."""
    return any(limit.unanswered is not None for limit in limits)
