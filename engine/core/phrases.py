"""The phrases of content rules: what sales operations write instead of regular expressions, and how they are found.

`we/I` is one of these words, `(do not/avoid)` one of these groups of words, `offer*` any ending, `...` at most four
words, NUMBER a figure, AMOUNT a sum of money, START and END the ends of the sentence, THIS (in `unless`) the words that
were found; any other word in capitals is a list of the file. Case, apostrophes, hyphens and spaces do not matter; short
forms are read in full, so that `do not` finds "don't".

A phrase becomes a regular expression in which every repetition is possessive or at most four long, so that the time to
search a text grows with its length and not faster, whatever stands in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

UNKNOWN = "\ufffc"  # stands where a template will put a value
GAP = 4  # words
MOST_GAPS = 3
MOST_WORDS = 16
THIS = "\x00"
PAUSE = ","  # stands for every mark inside a sentence that sets words apart
_START, _END = "\x02", "\x03"
_MARKS = {"START": _START, "END": _END, "THIS": THIS}
_SPELT = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|"
    "eighty|ninety|hundred|thousand"
)
_FIGURE = rf"(?:{UNKNOWN}|[0-9][0-9.,]*+|{_SPELT})"
_SIGN = "[€$£]|eur|usd|gbp|chf"
_UNIT = f"{_SIGN}|k|thousand|grand|euros?|dollars?|pounds?|francs?|cents?"
_LARGE = "(?!(?:19|20)[0-9][0-9] )[1-9][0-9]{0,2}(?:[.,]?[0-9]{3})++(?:[.,][0-9]{1,2})?+"  # from 1,000, and no year
_FIGURES = {"NUMBER": _FIGURE, "AMOUNT": f"(?:(?:{_SIGN}) {_FIGURE}|{_FIGURE} (?:{_UNIT})|{_LARGE})"}

_TURN = "(?!(?:but|however|yet|though|so|if|because) )"  # a "not" before such a word does not reach beyond it

_WORD = re.compile(rf"[0-9]++(?:[.,][0-9]++)*+|[^\W\d_]++(?:['’‘ʼ][^\W\d_]++)*+|[?%€$£{UNKNOWN}]|[,;()\[\]—–]|[0-9_]++")
_ENDINGS = {"ll": "will", "d": "would", "re": "are", "ve": "have", "m": "am"}
_SHORT = {
    "can't": "can not", "cant": "can not", "cannot": "can not", "won't": "will not", "wont": "will not",
    "shan't": "shall not", "dont": "do not", "didnt": "did not", "doesnt": "does not", "isnt": "is not",
    "let's": "let us", "lets": "let us", "im": "i am", "ive": "i have", "youre": "you are", "thats": "that is",
}  # fmt: skip
_IS = frozenset({"it", "that", "what", "there", "here", "who", "where", "how", "he", "she", "this", "why", "when"})
_ITEM = re.compile(r"\.\.\.|…|\([^()]*\)|[^\s()]+")
_NAME = re.compile(r"[A-Z][A-Z_]+")
_NO_WORD = re.compile(r"[][{}+\\^|<>=~#@]|\*(?!$)|^\*")
_IN_A_WORD = re.compile(r"[A-Z][A-Z_]+(?=[^\w'’]|[0-9])|(?<=[^\w'’])[A-Z][A-Z_]+")


class PhraseError(ValueError):
    """A phrase that cannot be read. `message` says what is wrong, `hint` what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared, and where it stands in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a line of words: from `first` up to, not including, `last`."""

    first: int
    last: int


def words_of(text: str) -> list[Word]:
    """The words, figures and marks of `text` in lower case, short forms in full."""
    found: list[Word] = []
    for match in _WORD.finditer(text):
        written = match.group().lower()
        parts = _in_full(written) if written[0].isalpha() else (PAUSE if written in ",;()[]—–" else written,)
        found += [Word(part, match.start(), match.end()) for part in parts]
    return found


@lru_cache(maxsize=4096)
def _in_full(word: str) -> tuple[str, ...]:
    """`don't` as do, not; `we'll` as we, will; a possessive without its ending."""
    plain = re.sub("[’‘ʼ]", "'", word)
    if plain in _SHORT:
        return tuple(_SHORT[plain].split())
    stem, _, ending = plain.rpartition("'")
    if not stem:
        return (plain,)
    if ending == "t" and stem.endswith("n"):
        return (stem[:-1], "not")
    if ending == "s":
        return (stem, "is") if stem in _IS else (stem,)
    return (stem, _ENDINGS[ending]) if ending in _ENDINGS else (plain,)


# --- a line of words ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """The words of one sentence as one text, in which each is found again by its place."""

    text: str
    starts: tuple[int, ...]

    def span(self, match: re.Match[str]) -> Span:
        """The words of `match`; START counts as word -1."""
        return Span(bisect_right(self.starts, match.start()) - 2, bisect_left(self.starts, match.end()) - 1)


def line_of(words: Sequence[str], *, begun: bool = True, ended: bool = True) -> Line:
    """`begun` and `ended`: the sentence begins and ends with these words."""
    pieces = [_START if begun else "", *words, _END if ended else ""]
    starts: list[int] = []
    at = 0
    for piece in pieces:
        starts.append(at)
        at += len(piece) + 1 if piece else 0
    return Line("".join(f" {piece}" for piece in pieces if piece) + " ", tuple(starts))


# --- compiling ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def compiled(
    phrases: tuple[str, ...], lists: tuple[tuple[str, tuple[str, ...]], ...], strict: bool
) -> re.Pattern[str] | None:
    """One expression that finds any of `phrases` in the text of a Line; None if there are none.

    `strict`: a gap ends at a comma, which is how far a "not" reaches. Raises PhraseError.
    """
    if not phrases:
        return None
    known = dict(lists)
    return re.compile(" (?:" + "|".join(_expression(phrase, known, strict) for phrase in phrases) + ")(?= )")


def check_phrase(phrase: str, lists: Mapping[str, tuple[str, ...]], *, unless: bool = False) -> None:
    """Raises PhraseError if `phrase` cannot be read."""
    if not unless and re.search(r"\bTHIS\b", phrase):
        raise PhraseError("THIS stands for the words that were found: it belongs into `unless`", "write the words")
    _expression(phrase, lists, strict=unless)
    _check_marks(phrase)


def check_word(word: str, name: str, lists: Mapping[str, tuple[str, ...]]) -> None:
    """Raises PhraseError if `word` cannot stand in the list of words `name`."""
    if any(sign in word for sign in ("...", "…", "/", "(", ")")):
        raise PhraseError(f"{word!r} is no word and no group of words", "write it without / ( ) and ...")
    for part in word.split():
        if part in _MARKS:
            raise PhraseError(f"{part} cannot stand in a list of words", f"write {part} in the phrase, before {name}")
        if part in lists:
            itself = "itself" if part == name else f"the list {part}"
            raise PhraseError(f"the list {name} names {itself}", "a list holds words only: write them out here")
    _expression(f"({word})", {}, strict=False)


def _check_marks(phrase: str) -> None:
    """START can only come first and END last, THIS stands once, and there is a word besides."""
    items = [frozenset(word for one in item.strip("()").split("/") for word in one.split()) for item in _items(phrase)]
    for index, words in enumerate(items):
        if ("START" in words and index) or ("END" in words and index < len(items) - 1):
            raise PhraseError(f"{phrase!r} is never found", "START stands first in a phrase, END last")
    if sum("THIS" in words for words in items) > 1:
        raise PhraseError(f"{phrase!r} names THIS twice and is never found", "write THIS once")
    if not frozenset().union(*items) - {*_MARKS, "...", "…"}:
        raise PhraseError(f"{phrase!r} has no word to look for", "write a word besides START, END and THIS")


def _items(phrase: str) -> list[str]:
    return _ITEM.findall(phrase)


def _expression(phrase: str, lists: Mapping[str, tuple[str, ...]], strict: bool) -> str:
    if phrase.count("(") != phrase.count(")") or re.search(r"\([^()]*\(", phrase):
        raise PhraseError(f"the brackets in {phrase!r} do not fit", "each ( needs its ), and none stands in another")
    items = _items(phrase)
    gaps = [item in ("...", "…") for item in items]
    _check_size(phrase, items, gaps)
    pause = "" if strict else "(?: ,)?+"
    pieces: list[str] = []
    for item, gap in zip(items, gaps, strict=True):
        if gap:
            pieces.append(rf"(?:{pause} {_TURN if strict else ''}[^\s,]++){{0,{GAP}}}?")
        else:
            before = f"{pause} " if pieces else ""
            pieces.append(before + _any_of(phrase, item, lists))
    return "".join(pieces)


def _check_size(phrase: str, items: list[str], gaps: list[bool]) -> None:
    if not items or gaps[0] or gaps[-1]:
        raise PhraseError(f"{phrase!r} begins or ends with a gap" if items else "this phrase is empty", "write words")
    if sum(gaps) > MOST_GAPS or len(items) > MOST_WORDS:
        hint = f"a phrase has at most {MOST_WORDS} words and {MOST_GAPS} gaps"
        raise PhraseError(f"{phrase!r} is too long", hint)


def _any_of(phrase: str, item: str, lists: Mapping[str, tuple[str, ...]]) -> str:
    """One of the words or groups of words of `item`."""
    members = (member for one in item.strip("()").split("/") for member in _members(phrase, one.strip(), lists))
    branches = [_in_a_row(phrase, member) for member in members]
    return branches[0] if len(branches) == 1 else "(?:" + "|".join(branches) + ")"


def _members(phrase: str, one: str, lists: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if not _NAME.fullmatch(one) or one in _MARKS or one in _FIGURES:
        return (one,)
    if one not in lists:
        known = ", ".join((*_FIGURES, *_MARKS, *sorted(lists)))
        raise PhraseError(f"there is no list {one!r}, which {phrase!r} names", f"in capitals stand {known}")
    return lists[one]


def _in_a_row(phrase: str, group: str) -> str:
    for written in group.split():
        _check_written(phrase, written)
    parts = [_one(word) for written in group.split() for word in _split(written)]
    if not parts:
        raise PhraseError(f"{phrase!r} has nothing between two signs", "write a word on both sides of each /")
    return " ".join(parts)


def _check_written(phrase: str, written: str) -> None:
    """What is no word is never found: signs of other languages, a * elsewhere than at the end, PRICE* for a list."""
    sign = _NO_WORD.search(written)
    if sign is not None:
        hint = "a * stands once, at the end of a word" if sign.group() == "*" else "write words, as people say them"
        raise PhraseError(f"{written!r} in {phrase!r} is no word and is never found", hint)
    name = _IN_A_WORD.search(written)
    if name is not None:
        hint = f"{name.group()} in capitals stands alone: put spaces around it, or write it in small letters"
        raise PhraseError(f"{written!r} in {phrase!r} is no word and is never found", hint)


def _split(written: str) -> list[str]:
    """`we'll` is two words; `follow-up*` too, and the last may have any ending."""
    if written in _MARKS or written in _FIGURES:
        return [written]
    many = written.endswith("*")
    found = [word.text for word in words_of(written.removesuffix("*")) if word.text != PAUSE]
    return [*found[:-1], found[-1] + "*"] if many and found else found


def _one(word: str) -> str:
    if word in _FIGURES:
        return _FIGURES[word]
    if word in _MARKS:
        return _MARKS[word]
    return re.escape(word.removesuffix("*")) + r"[^\s]*+" if word.endswith("*") else re.escape(word)
