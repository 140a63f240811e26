"""The words in which CRMs say who turned to whom, and how: `Incoming`, `Outbound call`, `E-mail`, `Visit`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.crm.headings import did_you_mean, snake_case
from engine.crm.values import Flaw

if TYPE_CHECKING:  # records are made by the plan, which needs the readers of this page
    from engine.crm.records import Rows

# what a file of activities must have: (target, or several of which one is enough; what to do where it is missing)
NEEDED = (
    ("when", "Map the column with the date or time of the activity to when"),
    ("direction", "Map the column that tells inbound from outbound to direction, or write constants: {direction: …}"),
    ("channel", "Map the column with the kind of activity to channel, or write constants: {channel: …}"),
    ("deal or contact or account", "Map the id of the deal, or the id or mail address of the contact"),
)
_DIRECTIONS = {
    "inbound": ("in", "incoming", "received", "inbound_call", "inbound_email", "incoming_email", "incoming_call",
                "from_customer"),
    "outbound": ("out", "outgoing", "sent", "outbound_call", "outbound_email", "outgoing_email", "outgoing_call",
                 "to_customer", "forwarded", "email_sent"),
}  # fmt: skip
_CHANNELS = {
    "call": ("phone", "phone_call", "telephone", "inbound_call", "outbound_call", "incoming_call", "outgoing_call",
             "voicemail", "cold_call", "logged_call"),
    "email": ("e_mail", "inbound_email", "outbound_email", "incoming_email", "outgoing_email", "email_sent",
              "forwarded_email", "logged_email", "list_email"),
    "letter": ("post", "postal_mail", "mail_letter"),
    "card": ("postcard", "greeting_card", "handwritten_card"),
    "meeting": ("appointment", "visit", "demo", "event", "site_visit", "in_person", "video_call", "lunch"),
    "sms": ("text", "text_message", "whatsapp", "message"),
    "social": ("linkedin", "linkedin_message", "social_media", "twitter", "xing"),
}  # fmt: skip


def _known(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {word: meant for meant, others in words.items() for word in (meant, *others)}


_DIRECTION_OF, _CHANNEL_OF = _known(_DIRECTIONS), _known(_CHANNELS)


def read_direction(raw: str) -> object:
    """inbound or outbound; another word rejects the row: nobody may guess who turned to whom."""
    return _DIRECTION_OF.get(snake_case(raw)) or _unknown(raw, "direction", tuple(_DIRECTIONS))


def read_channel(raw: str) -> object:
    """A customer-facing kind of action; another word rejects the row."""
    return _CHANNEL_OF.get(snake_case(raw)) or _unknown(raw, "channel", tuple(_CHANNELS))


def lacking(rows: Rows) -> Iterator[tuple[int, str]]:
    """(place of the row, the first thing it lacks) for each that does not say when, which way and how."""
    said = [(name, rows.column(name)) for name in ("when", "direction", "channel")]
    if all(None not in column for _, column in said):
        return
    for row in range(len(rows)):
        name = next((name for name, column in said if column[row] is None), "")
        if name:
            yield row, name


def _unknown(raw: str, target: str, known: tuple[str, ...]) -> Flaw:
    meant = did_you_mean(raw, known)
    hint = f"{meant} " if meant else f"It is one of {', '.join(known)}: "
    reason = f"is no {target}. {hint}add it under values > {target}, or leave such rows out with keep"
    return Flaw(kind=f"{target}-unknown", reason=reason, fatal=True)
