"""A no that stands under one id holds for the contact who is, or may be, the same person under another.

Carried over as orders in the log, like those of people, so that the proof stays and `playbook suppress --lift` ends it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine.core.account import Contact
from engine.core.durations import Instant
from engine.core.permitting import CONSENT, LIFT, SUPPRESS
from engine.runner.noticing import Notices
from engine.runner.permission import suppressed_by
from engine.runner.recognising import Key, Likely
from engine.store.base import NewEvent, RecordedEvent, Store

Words = tuple[str, str]  # scope, channel


class Standing:
    """Who is not to be contacted once the next tick has done what waits for it. Read once, when first asked."""

    def __init__(self, store: Store, now: Instant) -> None:
        self._store = store
        self._now = now
        self._found: dict[Key, dict[Words, list[tuple[str, Instant | None]]]] | None = None
        self._consents: dict[Key, list[RecordedEvent]] = {}

    def of(self, whom: Key) -> dict[Words, list[tuple[str, Instant | None]]]:
        """By scope and channel: (because, until) of each."""
        if self._found is None:
            self._found = {}
            for account, _, one in reversed(self._store.suppressions(self._now)):
                self.add((account, one.contact), (one.scope, one.channel), one.because, one.until)
            for order in self._store.pending_orders([SUPPRESS, LIFT, CONSENT, "opted_out"]):
                self._take(order)
        return self._found.get(whom, {})

    def add(self, whom: Key, words: Words, because: str, until: Instant | None = None) -> None:
        """Also what this import says itself."""
        assert self._found is not None
        self._found.setdefault(whom, {}).setdefault(words, []).append((because, until))

    def end(self, whom: Key, words: Words) -> None:
        assert self._found is not None
        self._found.get(whom, {}).pop(words, None)

    def consents(self, whom: Key) -> list[RecordedEvent]:
        """Those that wait for a tick."""
        self.of(whom)
        return self._consents.get(whom, [])

    def _take(self, order: RecordedEvent) -> None:
        event, whom = order.event, (order.account, order.event.contact)
        channel = str(event.fields.get("channel", ""))
        if event.name == CONSENT:
            self._consents.setdefault(whom, []).append(order)
        elif event.name == SUPPRESS:
            one = suppressed_by(event)
            self.add(whom, (one.scope, one.channel), one.because, one.until)
        elif event.name == LIFT:
            self.end(whom, (str(event.fields["scope"]), channel))
        else:
            self.add(whom, ("channel" if channel else "contact", channel), "opted out")


def is_refused(standing: Standing, whom: Key, known: Contact | None) -> bool:
    """Whether a no of the contact, or of its account, is in force or waits for a tick."""
    kept = known.consent.values() if known else ()
    said = [*(given["value"] for given in kept), *(each.event.fields["value"] for each in standing.consents(whom))]
    return bool(standing.of(whom) or standing.of((whom[0], "")) or "refused" in said)


def carried(
    likely: Iterable[Likely], known: Mapping[Key, Contact], standing: Standing, notices: Notices, now: Instant,
    import_id: int, elsewhere: Collection[Key],
) -> list[NewEvent]:  # fmt: skip
    """The orders that a no of the old id comes to for the new one; of the same person also what was granted."""
    events: list[NewEvent] = []
    for one in likely:
        if one.new in elsewhere:
            continue
        said = [*_suppressions(one, standing), *_consents(one, known.get(one.old), standing)]
        events += [_order(one, name, fields, now, import_id) for name, fields in said]
        kind = "contact-has-id" if one.certain else "contact-unclear"
        if said or one.certain:
            notices.note(kind, one.line, _shown(one.new), f"{'is' if one.certain else 'may be'} {_shown(one.old)}")
        for name, fields in said:
            if name == SUPPRESS:
                words = (str(fields["scope"]), str(fields.get("channel", "")))
                standing.add(one.new, words, str(fields["because"]), fields.get("until"))
    return events


def _suppressions(one: Likely, standing: Standing) -> Iterator[tuple[str, dict[str, Any]]]:
    there = standing.of(one.new)
    for (said, channel), reasons in standing.of(one.old).items():
        scope = "contact" if said == "account" and one.new[1] else said
        if (scope, channel) in there:
            continue
        because, until = reasons[-1] if all(each for _, each in reasons) else next(r for r in reasons if not r[1])
        told = f"said as {_shown(one.old)}: {because}"
        fields = {"scope": scope, "channel": channel, "because": told, "until": until}
        yield SUPPRESS, {name: value for name, value in fields.items() if value not in ("", None)}


def _consents(one: Likely, old: Contact | None, standing: Standing) -> Iterator[tuple[str, dict[str, Any]]]:
    stored: Sequence[tuple[str, Mapping[str, Any]]] = list(old.consent.items()) if old else []
    waiting = [(str(each.event.fields["kind"]), each.event.fields) for each in standing.consents(one.old)]
    for kind, given in dict([*stored, *waiting]).items():
        if given["value"] == "refused" or one.certain:
            fields = {"kind": kind, "value": given["value"], "channel": str(given.get("channel", "")),
                      "because": f"said as {one.old[1]}"}  # fmt: skip
            yield CONSENT, {name: value for name, value in fields.items() if value}


def _order(one: Likely, name: str, fields: Mapping[str, Any], now: Instant, import_id: int) -> NewEvent:
    account, contact = one.new
    about = " ".join(str(fields.get(part, "")) for part in ("scope", "channel", "kind"))
    return NewEvent(
        account=account, name=name, recorded_at=now, contact=contact, by=f"import {import_id}",
        key=f"import {import_id} {name} {_shown(one.new)} as {_shown(one.old)} {about}", fields=fields,
    )  # fmt: skip


def _shown(whom: Key) -> str:
    account, contact = whom
    return contact or f"the account {account}"
