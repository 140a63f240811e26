"""Deals for an export, as `Shop.begin` takes them: column -> value."""

from __future__ import annotations


def lost(deal: str, **more: str) -> dict[str, str]:
    """A lost deal of an account of its own, with one contact, who decides. Its news is too old for a graceful reply."""
    basic = {
        "id": deal, "account": f"A-{deal}", "account_name": f"{deal} Ltd", "status": "lost", "owner": "kim",
        "team": "west", "created_at": "2026-01-05", "lost_at": "2026-02-16", "won_at": "", "notified_by": "portal",
        "contact.id": f"C-{deal}", "contact.role": "decision_maker", "contact.name": "Ann Bell", "contact.phone": "1",
        "contact.email": f"{deal.lower()}@x.example",
    }  # fmt: skip
    return {**basic, **more}


def won(deal: str, **more: str) -> dict[str, str]:
    return lost(deal, **{"status": "won", "lost_at": "", "won_at": "2026-02-16", "notified_by": "", **more})
