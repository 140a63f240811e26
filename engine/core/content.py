"""Content rules: what a text for a customer may not say, and what it has to.

A sentence with a phrase of `finds` and none of `unless` breaks a rule; so does a text in which no sentence has a phrase
of `requires` (and none of `unless`). Texts are read sentence by sentence, templates on every way through them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from engine.core.branches import Way, plain, ways
from engine.core.model import CUSTOMER_KINDS, Waiver
from engine.core.phrases import MOST_WORDS, PAUSE, THIS, Line, Span, compiled, line_of, words_of
from engine.core.sentences import Sentence, sentences

_AROUND = 2 * MOST_WORDS  # words on each side of what was found that an `unless` can reach
_SHOWN = 100  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class ContentRule:
    """`finds`, `unless` and `requires` are phrases (core/phrases.py), `lists` the lists of words that they name.

    `kinds` and `intents` say where it holds; empty: everywhere. `row` is where the rule comes from.
    """

    name: str
    row: str = ""
    means: str = ""
    instead: str = ""
    finds: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)  # asked for at every sentence

    def __post_init__(self) -> None:
        parts = (self.name, self.finds, self.unless, self.requires, self.kinds, self.intents, self.lists)
        object.__setattr__(self, "_hash", hash(parts))

    def __hash__(self) -> int:
        return self._hash

    def holds(self, kind: str, intent: str) -> bool:
        """Whether it is asked of a text of this kind of action with this intent."""
        facing = kind in (self.kinds or CUSTOMER_KINDS)
        return facing and (not self.intents or intent in self.intents)


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A rule and the words that break it, in `line` of the text or template (from 1). No words: they are missing."""

    rule: str
    row: str
    line: int
    words: str = ""
    means: str = ""
    hint: str = ""

    def __str__(self) -> str:
        row = f" ({self.row})" if self.row else ""
        said = f'"{self.words}" breaks {self.rule}{row}'
        return said if self.words else f"this text does not always say what {self.rule}{row} requires"


@dataclass(frozen=True, slots=True)
class _Passage:
    """A sentence with the words of the line that leads into its list. `lines` has the line of each word."""

    text: str
    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    lines: tuple[int, ...]
    under: tuple[str, ...] = ()

    def telling(self, span: Span) -> Span:
        """A question mark alone tells nobody which question is meant: the whole of it does."""
        return Span(0, span.last) if self.words[span.first : span.last] == ("?",) else span

    def shown(self, span: Span) -> str:
        """The words as they were written."""
        start, end = self.places[span.first][0], self.places[span.last - 1][1]
        written = " ".join(self.text[start:end].replace("\ufffc", "…").split())
        return written if len(written) <= _SHOWN else "…" + written[-_SHOWN:]


def breaches(rules: Iterable[ContentRule], text: str, *, kind: str, intent: str = "") -> list[Breach]:
    """What a final text of an action of this kind breaks, in the order of its lines. An empty text breaks nothing."""
    asked = tuple(rule for rule in rules if rule.holds(kind, intent))
    return [] if not text.strip() or _is_clean(asked, text) else _breaches(asked, [plain(text)], kind, intent)


def template_breaches(rules: Iterable[ContentRule], source: str, *, kind: str, intent: str = "") -> list[Breach]:
    """What a template can break on any way through it, with the lines of its file. Raises TemplateError."""
    return list(_template_breaches(tuple(rules), source, kind, intent)) if source.strip() else []


@lru_cache(maxsize=1024)  # several playbooks and their variants name the same template
def _template_breaches(rules: tuple[ContentRule, ...], source: str, kind: str, intent: str) -> tuple[Breach, ...]:
    return tuple(_breaches(rules, ways(source), kind, intent))


def waived(waivers: Sequence[Waiver], rule: str) -> Waiver | None:
    """The waiver of `rule`, if an action has one."""
    return next((waiver for waiver in waivers if waiver.rule == rule), None)


def sort_out(found: Iterable[Breach], waivers: Sequence[Waiver]) -> tuple[list[Breach], list[tuple[Breach, Waiver]]]:
    """The breaches that stand, and those that are waived, each with its waiver."""
    standing: list[Breach] = []
    let_pass: list[tuple[Breach, Waiver]] = []
    for breach in found:
        waiver = waived(waivers, breach.rule)
        if waiver is None:
            standing.append(breach)
        else:
            let_pass.append((breach, waiver))
    return standing, let_pass


def _is_clean(asked: tuple[ContentRule, ...], text: str) -> bool:
    """Whether no sentence breaks a rule and none is missing. Of one template, most sentences are the same for every
    deal: each is looked at once."""
    said: frozenset[str] = frozenset()
    for sentence in sentences(text):
        under = text[slice(*sentence.under)] if sentence.under else ""
        broken, says = _verdict(asked, text[sentence.start : sentence.end], under)
        if broken:
            return False
        said |= says
    return all(rule.name in said for rule in asked if rule.requires)


@lru_cache(maxsize=32_768)
def _verdict(asked: tuple[ContentRule, ...], sentence: str, under: str) -> tuple[bool, frozenset[str]]:
    """Whether a sentence breaks one of the rules, and which of those that require something it satisfies."""
    words, lead = _texts(sentence), tuple(word for word in _texts(under) if word != PAUSE)
    broken = any(_first(rule, rule.finds, words, lead) for rule in asked)
    says = (rule.name for rule in asked if rule.requires and _first(rule, rule.requires, words, lead))
    return broken, frozenset(says)


def _texts(sentence: str) -> tuple[str, ...]:
    return tuple(word.text for word in words_of(sentence))


# --- reading --------------------------------------------------------------------------------------------------------


def _breaches(rules: Iterable[ContentRule], texts: Sequence[Way], kind: str, intent: str) -> list[Breach]:
    asked = [rule for rule in rules if rule.holds(kind, intent)]
    if not asked:
        return []
    read = [list(_passages(way)) for way in texts]
    every = dict.fromkeys(passage for passages in read for passage in passages)
    found = [_breach(rule, passage, span) for rule in asked for passage in every for span in _spans(rule, passage)]
    found += [_lacking(rule) for rule in asked if rule.requires and _lacks(rule, read)]
    return sorted(dict.fromkeys(found), key=lambda breach: (breach.line, breach.rule))


def _passages(way: Way) -> Iterator[_Passage]:
    read = [(sentence, words_of(way.text[sentence.start : sentence.end])) for sentence in sentences(way.text)]
    lines = iter(way.lines_at(sentence.start + word.start for sentence, words in read for word in words))
    for sentence, words in read:
        if words:
            yield _Passage(
                way.text[sentence.start : sentence.end],
                tuple(word.text for word in words),
                tuple((word.start, word.end) for word in words),
                tuple(next(lines) for _ in words),
                _lead(way.text, sentence),
            )


def _lead(text: str, sentence: Sentence) -> tuple[str, ...]:
    if sentence.under is None:
        return ()
    return tuple(word.text for word in words_of(text[slice(*sentence.under)]) if word.text != PAUSE)


def _breach(rule: ContentRule, passage: _Passage, span: Span) -> Breach:
    return Breach(
        rule=rule.name, row=rule.row, line=passage.lines[span.first], words=passage.shown(span), means=rule.means,
        hint=rule.instead,
    )  # fmt: skip


def _lacking(rule: ContentRule) -> Breach:
    return Breach(rule=rule.name, row=rule.row, line=1, means=rule.means, hint=rule.instead)


def _lacks(rule: ContentRule, read: Sequence[Sequence[_Passage]]) -> bool:
    """Whether some way through the text says none of what the rule requires."""
    saying: dict[_Passage, bool] = {}
    for passages in read:
        for passage in passages:
            if passage not in saying:
                saying[passage] = _first(rule, rule.requires, passage.words, passage.under) is not None
    return any(not any(saying[passage] for passage in passages) for passages in read)


# --- finding --------------------------------------------------------------------------------------------------------


def _spans(rule: ContentRule, passage: _Passage) -> Iterator[Span]:
    """The first words of the sentence that break the rule."""
    first = _first(rule, rule.finds, passage.words, passage.under)
    if first is not None:
        yield passage.telling(first)


def _first(rule: ContentRule, phrases: tuple[str, ...], words: tuple[str, ...], under: tuple[str, ...]) -> Span | None:
    """Where one of `phrases` first stands in the sentence, unless an `unless` excuses the sentence or the place."""
    pattern = compiled(phrases, rule.lists, False)
    line = line_of(words)
    match = pattern.search(line.text) if pattern is not None else None
    if pattern is None or match is None:
        return None
    anywhere, near = _unless(rule.unless)
    if _stands(rule, anywhere, line_of((*under, *words))):
        return None
    while match is not None:
        span = _without_pauses(line.span(match), len(words))
        if not _stands(rule, near, _around(words, under, span)):
            return span
        match = pattern.search(line.text, match.start() + 1)
    return None


def _without_pauses(span: Span, words: int) -> Span:
    """START and END are no words."""
    return Span(max(span.first, 0), min(max(span.last, span.first + 1), words))


@lru_cache(maxsize=256)
def _unless(phrases: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those that excuse the whole sentence, and those that excuse the words they stand around."""
    near = tuple(phrase for phrase in phrases if re.search(r"\bTHIS\b", phrase))
    return tuple(phrase for phrase in phrases if phrase not in near), near


def _stands(rule: ContentRule, phrases: tuple[str, ...], line: Line) -> bool:
    pattern = compiled(phrases, rule.lists, True)
    return pattern is not None and pattern.search(line.text) is not None


def _around(words: tuple[str, ...], under: tuple[str, ...], span: Span) -> Line:
    """The words around what was found, which is one sign."""
    begin = max(0, span.first - _AROUND)
    before = words[begin : span.first] if begin else (*under[-_AROUND:], *words[: span.first])
    after = words[span.last : span.last + _AROUND]
    ended = span.last + _AROUND >= len(words)
    return line_of((*before, THIS, *after), begun=begin == 0, ended=ended)
