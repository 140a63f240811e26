"""Plain data that fits the schema -> a Playbook, or what stands in the way. Pure: `authoring` adds the lines."""

from engine.core.build.findings import Finding, Findings
from engine.core.build.playbook import build_playbook

__all__ = ["Finding", "Findings", "build_playbook"]
