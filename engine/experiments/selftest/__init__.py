"""Experiments whose truth is known, run through the functions that `playbook compare` itself calls: how often does it
call a winner where there is none, and how often does it find one that is there?"""

from engine.experiments.selftest.running import FULL, QUICK, SelfTestResult, selftest
from engine.experiments.selftest.setups import SETUPS

__all__ = ["FULL", "QUICK", "SETUPS", "SelfTestResult", "selftest"]
