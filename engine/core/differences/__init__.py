"""What is different between two playbooks, by what they mean: places in the file, the order of keys and how a parameter
is called make no difference; who does what, when, and where it leads do.
"""

from engine.core.differences.difference import Difference
from engine.core.differences.playbooks import differences

__all__ = ["Difference", "differences"]
