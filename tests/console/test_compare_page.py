"""The page of a comparison in a real browser, with scripts off: what is seen, and that it asks nobody for anything.

Needs Playwright for Python and a Chromium of the system (PLAYBOOK_CHROMIUM names another). Where one is missing the
tests are skipped, unless PLAYBOOK_BROWSER is `required`.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.console.compare_page import comparison_page
from tests.console.sample_comparison import SAMPLES

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
FIGURES = ("incidence", "teams", "looks", "workload")
DRAWN = [name for name in SAMPLES if name not in ("not_started", "nothing_at_all")]
OVERLAPPING = """
() => {
  const seen = [...document.querySelectorAll('svg')].filter(svg => svg.getBoundingClientRect().width > 0);
  const found = [];
  for (const svg of seen) {
    const outer = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
    for (const [words, box] of boxes)
      if (box.left < outer.left - 2 || box.right > outer.right + 2) found.push(['beyond the picture', words]);
    for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
      const [a, b] = [boxes[i][1], boxes[j][1]];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 3) found.push([boxes[i][0], boxes[j][0]]);
    }
  }
  return found;
}
"""
PALE = """
() => {
  const parts = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
    .map(one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const found = parts(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const one of document.querySelectorAll('h1, h2, p, li, th, td, summary, small, figcaption, svg text')) {
    const style = getComputedStyle(one), inPicture = one.closest('svg');
    const ink = light(parts(inPicture ? style.fill : style.color)), paper = light(behind(one));
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < 4.5) found.push([one.textContent.slice(0, 30), contrast]);
  }
  return found;
}
"""
BOXES = """
() => {
  const sizes = chosen => [...document.querySelectorAll(chosen)].map(one => one.getBoundingClientRect())
    .map(box => [box.width, box.height]);
  const seen = figure => sizes(`section[aria-labelledby='${figure}'] svg`).filter(([wide]) => wide > 0);
  const found = Object.fromEntries(['incidence', 'teams', 'looks', 'workload'].map(name => [name, seen(name)]));
  return {...found, tables: sizes('details[open] table')};
}
"""
WIDER = """
() => [...document.querySelectorAll('body *')]
  .filter(one => !one.closest('.scroll') || one.matches('.scroll'))
  .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(one => one.tagName + '.' + one.className)
"""


def missing(why: str) -> None:
    if os.environ.get("PLAYBOOK_BROWSER") == "required":
        pytest.fail(f"PLAYBOOK_BROWSER is required, but {why}")
    pytest.skip(why)


def chromium() -> str | None:
    named = os.environ.get("PLAYBOOK_CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    return next((path for path in found if path and Path(path).exists()), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright for Python is not installed")
    path = chromium()
    if path is None:
        missing("there is no Chromium")
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page in a window, with scripts off; remembers what was asked for."""
    contexts = []

    def show(page: str, *, width: int = 1000, scheme: str = "light", media: str = "screen"):
        context = browser.new_context(
            java_script_enabled=False, viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        contexts.append(context)
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        tab = context.new_page()
        tab.asked = []
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.emulate_media(media=media, color_scheme=scheme)
        tab.goto(path.as_uri())
        return tab

    yield show
    for context in contexts:
        context.close()


def shown(name: str) -> str:
    return comparison_page(SAMPLES[name]())


@pytest.mark.parametrize("width", [1000, 360])
@pytest.mark.parametrize("name", DRAWN)
def test_all_four_pictures_and_all_tables_are_seen_and_no_words_touch(opened, name, width):
    tab = opened(shown(name), width=width)
    boxes = tab.evaluate(BOXES)
    for figure in FIGURES:
        assert boxes[figure] and all(wide > 250 and high > 60 for wide, high in boxes[figure]), (figure, boxes[figure])
    assert len(boxes["tables"]) >= 5 and all(high > 20 for _, high in boxes["tables"])
    assert tab.evaluate(OVERLAPPING) == []
    assert tab.evaluate(WIDER) == []
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width


def test_what_a_look_says_is_not_squeezed_into_a_word_a_line(opened):
    tab = opened(shown("winner"), width=360)
    wide = tab.evaluate("() => [...document.querySelectorAll('td:last-child:not(.number)')].map(td => td.offsetWidth)")
    assert wide and min(wide) >= 200


@pytest.mark.parametrize("width", [320, 700, 860])
def test_it_fits_windows_of_any_width(opened, width):
    tab = opened(shown("winner"), width=width)
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width
    assert tab.evaluate(OVERLAPPING) == []


@pytest.mark.parametrize("name", ["not_started", "nothing_at_all"])
def test_before_the_start_the_page_says_so_and_stays_whole(opened, name):
    tab = opened(shown(name), width=360)
    assert "Nobody has been drawn yet" in tab.locator(".answer").inner_text()
    assert tab.evaluate(OVERLAPPING) == [] and tab.evaluate(WIDER) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["winner", "observational", "endless"])
def test_every_word_stands_out_by_day_and_at_night(opened, name, scheme):
    tab = opened(shown(name), scheme=scheme)
    assert tab.evaluate(PALE) == []
    paper = tab.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


@pytest.mark.parametrize("name", ["winner", "many_teams"])
def test_on_paper_it_is_light_even_at_night_and_nothing_is_cut_off(opened, name):
    tab = opened(shown(name), width=718, scheme="dark", media="print")  # A4 between its margins
    assert tab.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.evaluate(PALE) == []
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= 718
    assert all(tab.evaluate(BOXES)[figure] for figure in FIGURES)


def test_it_can_be_printed_into_a_file(opened):
    assert opened(shown("running")).pdf(format="A4").startswith(b"%PDF-")


def test_each_picture_is_named_and_described_for_a_screen_reader(opened):
    tab = opened(shown("winner"))
    pictures = tab.get_by_role("img")
    assert pictures.count() == 6  # two contrasts have a forest and a funnel each
    for number in range(pictures.count()):
        named = pictures.nth(number).get_attribute("aria-labelledby").split()
        assert len(named) == 2
        for identity in named:
            assert tab.locator(f"[id='{identity}']").count() == 1
            assert len(tab.locator(f"[id='{identity}']").text_content()) > 15


def test_hostile_names_stay_words(opened):
    tab = opened(shown("hostile"))
    assert tab.locator("script, img, b, i").count() == 0
    assert "<script>alert(1)</script>" in tab.locator("h1").inner_text()


@pytest.fixture
def counted():
    """A server on this machine that counts who asks it for something."""
    asked: list[str] = []

    class Counting(BaseHTTPRequestHandler):
        pages: dict[str, bytes] = {}  # noqa: RUF012

        def do_GET(self) -> None:
            page = self.pages.get(self.path)
            if page is None:
                asked.append(self.path)
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1], Counting.pages, asked
    server.shutdown()
    server.server_close()
    thread.join()


HOSTILE = """
<img src="{0}/x.png"><link rel="stylesheet" href="{0}/x.css"><iframe src="{0}/x.html"></iframe>
<script src="{0}/x.js"></script><style>@import "{0}/y.css"; body {{ background: url({0}/y.png) }}</style>
"""


def test_the_page_asks_for_nothing_and_its_policy_stops_what_is_put_into_it(opened, browser, counted):
    port, pages, asked = counted
    page = shown("winner")
    assert opened(page).asked == [opened(page).url]  # nothing but itself
    address = f"http://127.0.0.1:{port}"
    spiked = page.replace("</main>", HOSTILE.format(address) + "</main>")
    pages |= {"/spiked": spiked.encode(), "/open": spiked.replace("Content-Security-Policy", "nothing").encode()}
    tab = browser.new_page()  # scripts on: the policy alone has to stop them
    tab.goto(f"{address}/spiked", wait_until="networkidle")
    assert [one for one in asked if one != "/favicon.ico"] == []
    tab.goto(f"{address}/open", wait_until="networkidle")  # the server would have seen it
    assert {"/x.png", "/x.css", "/x.js"} <= set(asked)
    tab.close()
