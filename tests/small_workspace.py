"""What the small workspaces of tests have in common, and how their files are laid down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

EVENTS = """
events:
  reply:
    means: They answered
    recorded_by: rep
    reply: true
    fields:
      channel: {type: choice, values: [phone, email]}
      amount: {type: number}
  opted_out: {means: No more messages, recorded_by: customer}
  asked_for: {means: Somebody asked, recorded_by: rep}
"""
PEOPLE = """
people:
  kim: {name: Kim Larsen, zone: UTC}
  noor: {name: Noor Visser, zone: UTC}
"""
CALENDARS = """
calendars:
  office:
    hours: {mon-fri: "09:00-17:00"}
"""


def settings(*playbooks: str) -> str:
    """Of a workspace in which these playbooks come first to last."""
    return f"""
[workspace]
database = "playbook.db"
zone = "UTC"
calendar = "office"
playbooks = [{", ".join(f'"{name}"' for name in playbooks)}]
"""


def lay(folder: Path, files: Mapping[str, str]) -> None:
    """Write each text under its name from `folder`."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
