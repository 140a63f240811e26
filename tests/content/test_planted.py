"""What somebody writes into a shipped text after a bad day: found by `playbook validate`, and let pass only by name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.authoring.composing import compose
from engine.authoring.places import Source
from engine.authoring.rules.walk import possible
from engine.core.model import CUSTOMER_KINDS
from tests.rows.shop import Shop, copy_of_the_shipped

OFFER = "We could offer 10 % off."
TEMPLATES = "playbooks/library/templates"
WAIVER = {"rule": "no_price_offer", "by": "omar", "on": "2026-03-01", "because": "They asked for a new quote"}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("PLAYBOOK_USER", "kim")
    return Shop(copy_of_the_shipped(tmp_path))


# --- found -----------------------------------------------------------------------------------------------------------


def test_an_offer_in_any_text_for_a_customer_is_reported_at_its_line_with_its_rule(shop: Shop) -> None:
    facing = customer_templates(shop)
    assert {"bad_news_call", "email_accept_loss", "thank_you_card", "where_did_we_go_wrong"} <= facing
    planted = {f"{TEMPLATES}/{name}.txt": append(shop, name, OFFER) for name in facing}
    found = content_problems(shop)
    assert {one["file"]: one["line"] for one in found} == planted
    assert all('"offer 10 %" breaks no_price_offer (S4.6)' in one["message"] for one in found)


def test_an_offer_that_only_some_customers_would_read_is_reported_too(shop: Shop) -> None:
    planted = {}
    for name in customer_templates(shop):
        lines = shop.template(name).splitlines()
        branches = [number for number, line in enumerate(lines) if re.fullmatch(r"{% (if|else|elif)\b.*%}", line)]
        if branches:
            lines.insert(branches[-1] + 1, OFFER)
            write(shop, name, "\n".join(lines) + "\n")
            planted[f"{TEMPLATES}/{name}.txt"] = branches[-1] + 2
    assert len(planted) >= 5
    assert {one["file"]: one["line"] for one in content_problems(shop)} == planted


@pytest.mark.parametrize(
    "question",
    [
        "Why did you choose them?",
        "- Ask what tipped the scales",
        "I would love to hear what decided it.",
        "What could we have done better?",
    ],
)
def test_a_question_in_the_call_with_the_bad_news_is_reported_at_its_line(shop: Shop, question: str) -> None:
    line = append(shop, "bad_news_call", question)
    [found] = content_problems(shop)
    assert (found["file"], found["line"]) == (f"{TEMPLATES}/bad_news_call.txt", line)
    assert "no_questions_on_bad_news (S4.5)" in found["message"]
    assert "action bad_news_call" in found["message"]


def test_a_question_that_the_rep_is_told_to_ask_is_reported_in_the_playbook(shop: Shop) -> None:
    written = shop.action("graceful-reply", "bad_news_call").do
    change(shop, "graceful-reply", "bad_news_call", do=[*written, "Ask them why they chose the other supplier"])
    [found] = content_problems(shop)
    assert found["file"] == "playbooks/graceful-reply.yaml"
    assert "no_questions_on_bad_news (S4.5)" in found["message"]


# --- let pass --------------------------------------------------------------------------------------------------------


def test_a_waiver_lets_its_rule_pass_on_its_action_and_nothing_else(shop: Shop) -> None:
    append(shop, "thank_you_card", f"{OFFER} Would you sign today?")
    change(shop, "graceful-reply", "kind_card", waive=[WAIVER])
    found = content_problems(shop)
    by_rule = {
        rule: " ".join(one["message"] for one in found if f"breaks {rule} " in one["message"])
        for rule in ("no_price_offer", "no_push")
    }
    assert "graceful-reply" not in by_rule["no_price_offer"]  # let pass there
    assert "playbook four-week-check-in, action thank_you_card" in by_rule["no_price_offer"]  # the same text, elsewhere
    assert "playbook graceful-reply, action kind_card" in by_rule["no_push"]  # the same action, another rule


def test_each_use_of_a_waiver_stands_in_the_history_of_its_deal(shop: Shop) -> None:
    append(shop, "bad_news_call", OFFER)
    change(shop, "graceful-reply", "bad_news_call", waive=[WAIVER])
    assert content_problems(shop) == []
    shop.begin(told("D1", "phone"), told("D2", "in_person"), told("D3", "email"))
    waived = "bad_news_call: no_price_offer waived for “offer 10 %”, by omar on 2026-03-01: They asked for a new quote"
    for deal, times in (("D1", 1), ("D2", 1), ("D3", 0)):
        history = shop.command("show", deal)
        assert history.count(waived) == times, history
        assert "held back" not in history
    assert {one["action"] for one in shop.due()} == {"bad_news_call", "reply_email"}
    assert OFFER in shop.command("due", "--sheet", "--deal", "D1")


def test_without_a_waiver_no_tick_hands_the_text_out(shop: Shop) -> None:
    shop.begin(told("D1", "phone"))
    append(shop, "bad_news_call", OFFER)
    shop.imported(told("D2", "phone"))
    shop.command("tick", "--now", "2026-03-02T11:00", code=1)  # it says what is wrong, and goes on
    assert {one["deal"] for one in shop.due()} == {"D1", "D2"}
    assert OFFER not in shop.command("due", "--sheet")


# --- helpers ---------------------------------------------------------------------------------------------------------


def customer_templates(shop: Shop) -> set[str]:
    """Every template that some action can hand out as a text for a customer, fallbacks included."""
    found: set[str] = set()
    for playbook in shop.workspace.playbooks.values():
        for action in playbook.actions():
            ways = [(action.kind, action.template)]
            ways += [(one.kind, one.template or action.template) for one in action.fallback]
            found |= {str(name) for kind, value in ways if kind in CUSTOMER_KINDS for name in possible(value)}
    return found


def told(name: str, by: str) -> dict[str, str]:
    """A fresh loss, and how they told us."""
    return {
        "id": name, "name": name, "account": f"A-{name}", "owner": "noor", "team": "east", "status": "lost",
        "lost_at": "2026-03-02", "notified_at": "2026-03-02T09:00", "notified_by": by, "contact.id": f"C-{name}",
        "contact.role": "decision_maker", "contact.email": "a@acme.example", "contact.phone": "1",
    }  # fmt: skip


def write(shop: Shop, template: str, text: str) -> None:
    (shop.folder / TEMPLATES / f"{template}.txt").write_text(text, encoding="utf-8")


def append(shop: Shop, template: str, sentence: str) -> int:
    """Add a paragraph; the line that it stands in."""
    text = f"{shop.template(template).rstrip()}\n\n{sentence}\n"
    write(shop, template, text)
    return text.count("\n")


def change(shop: Shop, playbook: str, action: str, **keys: Any) -> None:
    """Give an action of a playbook with one track these keys."""
    path = shop.folder / f"playbooks/{playbook}.yaml"
    source = compose(path.name, path.read_text(encoding="utf-8"))
    assert isinstance(source, Source)
    [written] = [
        state["actions"][action] for state in source.content["states"].values() if action in state.get("actions", {})
    ]
    written.update(keys)
    path.write_text(json.dumps(source.content, ensure_ascii=False, indent=1), encoding="utf-8")


def content_problems(shop: Shop) -> list[dict[str, Any]]:
    from tests.validating import validate

    return [
        {"file": one.location.file, "line": one.location.line, "message": one.message}
        for one in validate(shop.folder)
        if one.rule == "content-rule"
    ]
