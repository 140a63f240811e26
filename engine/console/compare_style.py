"""How the page of a comparison looks: by day, at night, on paper, and in a narrow window."""

from __future__ import annotations

from collections.abc import Sequence

from engine.console.page import STYLE as BASE

# Okabe and Ito's colours; by day their yellow, and at night their blue, would not be seen, and stand in for each other
_DAY = ("#3a3a37", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#a39400")
_NIGHT = ("#d8d8d2", "#56b4e9", "#e8762d", "#1fb58b", "#cc79a7", "#e69f00", "#3f97d6", "#f0e442")


def _hues(colours: Sequence[str]) -> str:
    return " ".join(f"--hue-{number}: {colour};" for number, colour in enumerate(colours))


def _arm(number: int) -> str:
    """After `.plot path {fill: none}`, which would win over a class alone."""
    hue = f"var(--hue-{number})"
    return f".line-{number} {{ stroke: {hue}; }} .plot .fill-{number}, .plot .band-{number} {{ fill: {hue}; }}"


_LOOK = """
body { max-width: 51.25rem; }
p, .remarks, .answer { max-width: 46rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .3rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h1, h2, p, li, figcaption, summary, caption { overflow-wrap: anywhere; }
.question { margin: 0 0 1rem; font-size: 1.05rem; }
.answer { border-left: .4rem solid var(--faint); background: var(--band); padding: .8rem 1.1rem; margin: 1rem 0; }
.answer p { margin: 0; }
.headline { font-size: 1.35rem; font-weight: 700; }
.answer .words { margin-top: .35rem; }
.state-winner { border-color: var(--good); }
.state-loser, .state-invalid, .state-not_evidence { border-color: var(--bad); }
.remarks { padding-left: 1.2rem; }
.about { margin: .3rem 0; }
figure { margin: 1.2rem 0 .5rem; break-inside: avoid; }
figcaption { font-size: .9rem; color: var(--faint); margin-top: .4rem; }
details { margin: .8rem 0; }
summary { cursor: pointer; font-size: .9rem; font-weight: 600; }
summary small { font-weight: 400; color: var(--faint); }
.scroll { margin: .4rem 0 1rem; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--hue-1); }
table { font-size: .9rem; }
caption { position: absolute; width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); }
thead .number { white-space: normal; }
.scroll { position: relative; }
th:first-child, td:first-child { padding-left: .4rem; }
.picture { break-inside: avoid; }
.picture + .picture { margin-top: 1.2rem; }
.plot { display: block; max-width: 100%; height: auto; overflow: visible; font-size: 12px; }
.plot text { fill: var(--ink); }
.plot text.faint { fill: var(--faint); }
.plot text.strong { font-weight: 600; }
.plot text.halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
.plot path, .plot line { fill: none; stroke-width: 2; }
.plot .grid { stroke: var(--line); stroke-width: 1; }
.plot .axis { stroke: var(--faint); stroke-width: 1; }
.plot .zero { stroke: var(--faint); stroke-width: 1; stroke-dasharray: 3 3; }
.plot .bound { stroke: var(--ink); stroke-width: 1.5; }
.plot .beyond { fill: var(--beyond); stroke: none; }
.plot .band { fill-opacity: .16; stroke: none; }
.plot .overall { fill: var(--band); }
.plot .paper { fill: var(--paper); stroke-width: 1.5; }
.plot .rim { stroke: var(--paper); stroke-width: 1; }
.plot .thick { stroke-width: 3.5; }
.plot .stroke { stroke: var(--paper); stroke-width: 1; }
@media screen and (max-width: 859px) {
  .wide { display: none; } .narrow .plot { width: 100%; max-width: 30rem; }
  .scroll td:last-child:not(.number) { min-width: 13rem; }
}
@media screen and (min-width: 860px), print { .narrow { display: none; } }
@media screen and (max-width: 480px) { body { margin: 1rem auto; } .answer { padding: .7rem .8rem; } }
""".strip()

_PAPER = """
@media print {
  @page { margin: 14mm; }
  body { font-size: 10.5pt; }
  h2 { break-after: avoid; margin-top: 1.2rem; }
  .answer, figure, .picture { break-inside: avoid; }
  .wide .plot { width: 100%; }
  table { font-size: 8pt; }
  th, td { padding: .15rem .35rem; overflow-wrap: anywhere; }
  thead th { min-width: 4.3em; }
  td.number { min-width: max-content; }
  summary { list-style: none; }
  .answer, .plot { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
""".strip()

_AREAS_DAY = "--good: #00785a; --bad: #b04a00; --beyond: #e3e3dd;"
_AREAS_NIGHT = "--good: #1fb58b; --bad: #e8762d; --beyond: #3b3b38;"

STYLE = "\n".join(
    [
        BASE,
        f":root {{ {_hues(_DAY)} {_AREAS_DAY} }}",
        f"@media (prefers-color-scheme: dark) {{ :root {{ {_hues(_NIGHT)} {_AREAS_NIGHT} }} }}",
        _LOOK,
        *map(_arm, range(len(_DAY))),
        f"{_PAPER}\n  :root {{ {_hues(_DAY)} {_AREAS_DAY} }}\n}}",
    ]
)
