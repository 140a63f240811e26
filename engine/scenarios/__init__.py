"""Tests of playbooks, written in YAML: each is one lost deal, played by the code that a tick runs."""
