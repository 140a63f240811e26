"""Who a contact of a row is. Where the CRM gives no id, one is made of the mail address or the name, and both change:
whoever is known by name keeps the id under which he stands, because what he agreed to and refused stands there too.

Where that cannot be told, there are two, and a refusal of the one holds for the other (engine/runner/carrying.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, NamedTuple

from engine.core.account import Contact
from engine.core.likeness import nearest
from engine.runner.incoming import Row, Values
from engine.runner.laying import Laying
from engine.runner.noticing import Notices
from engine.store.base import Store

Key = tuple[str, str]  # account, contact
_SIGNS = re.compile(r"[,;()]")


class Seen(NamedTuple):
    """A row and where it belongs. `before`: contacts of its deal so far, whatever account they are in."""

    row: Row
    home: str
    former: str = ""  # the account of the deal so far
    before: tuple[str, ...] = ()
    own: bool = True  # False: the row speaks of another account's people


class Renamed(NamedTuple):
    """A row whose contacts stand under the ids that they have here."""

    line: int
    deal: Mapping[str, Any]
    account: Mapping[str, Any] | None
    contacts: Sequence[Mapping[str, Any]]
    fingerprint: str


@dataclass(slots=True)
class Person:
    """Somebody known in an account; what is compared is without case and needless signs, a name without order."""

    id: str
    account: str
    name: str
    email: str
    phone: str = ""

    @property
    def given(self) -> bool:
        """Whether the id is the CRM's own, as far as it shows."""
        return not ("@" in self.id or " / " in self.id or named(self.id) == self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Likely:
    """`new` is, or may be, the one who stands under `old`. `certain`: it is the same person under the CRM's own id."""

    new: Key
    old: Key
    certain: bool
    line: int


@dataclass(slots=True)
class People:
    """Those of one account, found by id, name or mail address."""

    by_id: dict[str, Person] = field(default_factory=dict)
    _named: dict[str, dict[str, Person]] = field(default_factory=dict)
    _mailed: dict[str, dict[str, Person]] = field(default_factory=dict)

    def put(self, person: Person) -> None:
        self.by_id[person.id] = person
        self._named.setdefault(person.name, {})[person.id] = person
        self._mailed.setdefault(person.email, {})[person.id] = person

    def tell(self, person: Person, told: Person) -> None:
        """What a row says of the person; what it does not say stays."""
        self._named[person.name].pop(person.id, None)
        self._mailed[person.email].pop(person.id, None)
        person.name, person.email = told.name or person.name, told.email or person.email
        person.phone = told.phone or person.phone
        self.put(person)

    def called(self, name: str, but: Collection[str]) -> list[Person]:
        return [one for one in self._named.get(name, {}).values() if one.id not in but] if name else []

    def reached(self, email: str, but: Collection[str]) -> list[Person]:
        return [one for one in self._mailed.get(email, {}).values() if one.id not in but] if email else []


class Addresses:
    """Mail addresses under which somebody is known by another id, in all accounts. Read once, when first asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read = False
        self._found: dict[str, list[Key]] = {}

    def of(self, email: str) -> list[Key]:
        if not self._read:
            self._read = True
            for address, account, contact in self._store.readdressed_contacts():
                self.add(folded(address), (account, contact))
        return self._found.get(email, [])

    def add(self, email: str, whom: Key) -> None:
        """Also who gets the address in this very import."""
        self._found.setdefault(email, []).append(whom)


class Recognising:
    """For one batch: `rows` gives it with its people under the ids that they have here.

    `known` are the contacts as they were; `likely` fills with those who may be somebody else that is known.
    """

    def __init__(
        self, store: Store, laying: Laying, seen: Sequence[Seen], notices: Notices, addresses: Addresses
    ) -> None:
        self._store = store
        self._addresses = addresses
        self._notices = notices
        self._seen = seen
        self.known: dict[Key, Contact] = {}
        self.likely: list[Likely] = []
        self._people: dict[str, People] = {}
        self._formerly: dict[str, Person] = {}
        self._takers: list[tuple[str, Key, int]] = []  # address, who has it from now on, line
        self._newcomers: dict[str, list[Key]] = {}  # by address, those who are new in this batch
        self._waiting = _waiting_links(laying)
        if any(one.row.contacts for one in seen):
            self._load(laying)

    def rows(self) -> list[Row]:
        """In the order given. Deals that are known come first: they tell whose address has changed."""
        found = [one.row for one in self._seen]
        order = sorted(range(len(found)), key=lambda place: not self._seen[place].former)
        for place in order:
            if self._seen[place].own and found[place].contacts:
                found[place] = self._recognised(self._seen[place])
        if self._takers:
            self._ask_holders()
        self.likely = list({(each.new, each.old): each for each in reversed(self.likely)}.values())[::-1]
        return found

    def _load(self, laying: Laying) -> None:
        accounts = {name for one in self._seen for name in (one.home, one.former) if name}
        news = _waiting_values(laying)
        for contact in self._store.contacts_of(sorted(accounts)):
            contact.fields.update(news.get((contact.account, contact.id), {}))
            self.known[contact.account, contact.id] = contact
            person = _person(contact.id, contact.account, contact.fields)
            self._people.setdefault(contact.account, People()).put(person)
            self._formerly[contact.id] = replace(person)

    def _recognised(self, seen: Seen) -> Row:
        """Those who are there as they are called go first: nobody else of the row can be they."""
        people = self._people.setdefault(seen.home, People())
        before = {*seen.before, *self._waiting.get(seen.row.deal.get("id", ""), ())}
        told = [(contact, _person(str(contact["id"]), seen.home, contact)) for contact in seen.row.contacts]
        taken = {one.id for _, one in told if _is_there(people, one)}
        contacts = []
        for contact, one in told:
            if one.id not in taken:
                contact = self._placed(seen, contact, one, before, taken)
                taken.add(str(contact["id"]))
            self._remember(people, str(contact["id"]), one)
            contacts.append(contact)
        self._ask_those_who_left(seen, told, [str(contact["id"]) for contact in contacts], before)
        row = seen.row
        return row if contacts == list(row.contacts) else Renamed(
            row.line, row.deal, row.account, tuple(contacts), row.fingerprint
        )  # fmt: skip

    def _placed(
        self, seen: Seen, contact: Mapping[str, Any], one: Person, before: set[str], taken: set[str]
    ) -> Mapping[str, Any]:
        people, line = self._people[seen.home], seen.row.line
        made = is_made(contact, _account_of(seen))
        known = people.by_id.get(one.id)
        if not made and known is not None:
            return contact
        same = _same(people, one, before, taken, made=made)
        if same is None and known is not None:
            if not _is_another(known, one):
                return contact  # the one behind the address has another name now
            one = replace(one, id=_free_id(people, seen.home, contact))
            contact = {**contact, "id": one.id}
            self.likely.append(_likely(seen, one, known, certain=False))
        if same is None or not made:
            old = [same] if same else self._maybe(people, one, made=made)
            self.likely += [_likely(seen, one, each, certain=same is not None) for each in old]
            if made and one.email:
                self.likely += self._elsewhere(seen, one)
                self._newcomers.setdefault(one.email, []).append((seen.home, one.id))
            return contact
        if one.email not in ("", same.email):
            self._addresses.add(one.email, (same.account, same.id))
            self._takers.append((one.email, (same.account, same.id), line))
            self._notices.note("contact-kept", line, same.id, f"is in the file as {one.id}")
        values = {**contact, "id": same.id}
        return values if one.email or not same.email else self._with_address(seen, same, values)

    def _with_address(self, seen: Seen, same: Person, values: Values) -> Values:
        """A row without an address does not empty that of somebody whom other deals have too."""
        others = set(self._store.deals_with(seen.home, same.id)) - {seen.row.deal.get("id")}
        fields = self.known[seen.home, same.id].fields if (seen.home, same.id) in self.known else {}
        return {**values, "email": fields["email"]} if others and fields.get("email") else values

    def _remember(self, people: People, identity: str, told: Person) -> None:
        known = people.by_id.get(identity)
        if known is None:
            people.put(replace(told, id=identity))
        else:
            people.tell(known, told)

    def _maybe(self, people: People, one: Person, *, made: bool) -> list[Person]:
        """Namesakes, and others behind the address."""
        maybe = [*people.called(one.name, ()), *people.reached(one.email, ())]
        return list({each.id: each for each in maybe if each.id != one.id and (made or not each.given)}.values())

    def _ask_those_who_left(
        self, seen: Seen, told: Sequence[tuple[Mapping[str, Any], Person]], now: Sequence[str], before: set[str]
    ) -> None:
        """Who is no contact of the deal any more may be one who is new to it, also if that one is known already."""
        left = [self._formerly[each] for each in sorted(before.difference(now)) if each in self._formerly]
        for (contact, one), identity in zip(told, now, strict=True):
            if left and identity not in before:
                made = is_made(contact, _account_of(seen))
                maybe = [each for each in left if (made or not each.given) and _may_be(each, one)]
                self.likely += [_likely(seen, replace(one, id=identity), each, certain=False) for each in maybe]

    def _ask_holders(self) -> None:
        """Whoever takes an address that is or was somebody's here: a no of the one holds for the other, both ways."""
        found = self._store.find_contacts({address for address, _, _ in self._takers}, everyone=True)
        pairs = [
            (whom, holder, line)
            for address, whom, line in self._takers
            for holder in dict.fromkeys([*found.get(address, ()), *self._newcomers.get(address, ())])
            if holder != whom
        ]
        strangers = {holder[0] for _, holder, _ in pairs} - set(self._people)
        for contact in self._store.contacts_of(sorted(strangers)) if strangers else ():
            self.known[contact.account, contact.id] = contact
        for whom, holder, line in pairs:
            self.likely.append(Likely(new=holder, old=whom, certain=False, line=line))
            self.likely.append(Likely(new=whom, old=holder, certain=False, line=line))

    def _elsewhere(self, seen: Seen, one: Person) -> list[Likely]:
        """Somebody in another account has the address, and stands under an older one."""
        found = [whom for whom in self._addresses.of(one.email) if whom[0] != seen.home]
        return [Likely(new=(seen.home, one.id), old=old, certain=False, line=seen.row.line) for old in found]


def folded(text: object) -> str:
    """As names and addresses are compared: without capitals and needless spaces."""
    return " ".join(unicodedata.normalize("NFC", str(text or "")).casefold().split())


def named(text: object) -> str:
    """As names of people are compared: the words without their order, so that "Ohne, Otto" is Otto Ohne."""
    return " ".join(sorted({word.strip(".") for word in _SIGNS.sub(" ", folded(text)).split()} - {""}))


def is_made(contact: Mapping[str, Any], account: str) -> bool:
    """Whether its id was made of its mail address or its name, because the CRM gave none."""
    name, email = str(contact.get("name") or ""), str(contact.get("email") or "")
    return str(contact["id"]) in {email.casefold() or None, name or None, f"{account} / {name}" if name else None}


def _same(people: People, one: Person, before: set[str], taken: set[str], *, made: bool) -> Person | None:
    """The one clear match. To an id of the CRM's own only somebody whose id was made can be the same."""
    namesakes = [each for each in people.called(one.name, taken) if made or not each.given]
    reached = [each for each in people.reached(one.email, taken) if made or not each.given]
    both = [each for each in reached if each in namesakes]
    if both:
        return _only(both, before)
    if not one.name:
        return _only(reached, before)
    if not one.email or not any(each.email for each in namesakes):
        return _only(namesakes, before)
    return _only([each for each in namesakes if each.id in before], before)


def _only(people: list[Person], before: Collection[str]) -> Person | None:
    linked = [one for one in people if one.id in before] if len(people) > 1 else people
    return linked[0] if len(linked) == 1 else None


def _is_there(people: People, one: Person) -> bool:
    known = people.by_id.get(one.id)
    return known is not None and (not one.name or known.name in ("", one.name))


def _may_be(gone: Person, one: Person) -> bool:
    """Whether the one may be the other: nothing tells, almost the name or a word of it, or the phone number."""
    if not gone.name or not one.name or (gone.phone and gone.phone == one.phone):
        return True
    words = {word for word in gone.name.split() if len(word) > 2}
    return bool(words.intersection(one.name.split()) or nearest(gone.name, [one.name]))


def _is_another(known: Person, one: Person) -> bool:
    """Whether an id made of an address that `known` had is not to be given to `one`, who is in the file with it."""
    moved = bool(one.email and known.email) and known.email != one.email
    return moved or not _may_be(replace(known, phone=""), one)


def _free_id(people: People, account: str, contact: Mapping[str, Any]) -> str:
    plain = f"{account} / {contact['name']}"
    others = (f"{plain} / {number}" for number in count(2))
    return plain if plain not in people.by_id else next(each for each in others if each not in people.by_id)


def _person(identity: str, account: str, fields: Mapping[str, Any]) -> Person:
    phone = "".join(sign for sign in str(fields.get("phone") or "") if sign.isdigit())
    return Person(identity, account, named(fields.get("name")), folded(fields.get("email")), phone)


def _likely(seen: Seen, one: Person, old: Person, *, certain: bool) -> Likely:
    return Likely(new=(seen.home, one.id), old=(old.account, old.id), certain=certain, line=seen.row.line)


def _account_of(seen: Seen) -> str:
    account = seen.row.account or {}
    return str(account.get("id", seen.home))


def _waiting_values(laying: Laying) -> dict[Key, Values]:
    """Values of contacts that wait for their turn."""
    found: dict[Key, Values] = {}
    for name, account in laying.present.items():
        for event in account.events if account.events else ():
            for contact, values in (event.fields.get("contact_fields") or {}).items():
                found.setdefault((name, str(contact)), {}).update(values)
    return found


def _waiting_links(laying: Laying) -> dict[str, set[str]]:
    """By deal, the contacts of an import that waits for its turn."""
    found: dict[str, set[str]] = {}
    for account in laying.present.values():
        for event in account.events if account.events else ():
            for contact, _ in _links(event.fields.get("contacts")):
                found.setdefault(event.deal, set()).add(str(contact))
    return found


def _links(told: Any) -> Iterable[tuple[str, str]]:
    return told if isinstance(told, list) else ()
