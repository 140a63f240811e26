"""Experiments: which of several variants of a playbook wins more deals back, and how sure one may be."""
