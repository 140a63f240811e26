"""Plain data that fits the schema -> a Playbook, or what stands in the way. Pure: `authoring` adds the lines."""

from engine.core.building.findings import Finding, Findings
from engine.core.building.playbook import build_playbook

__all__ = ["Finding", "Findings", "build_playbook"]
