"""The arithmetic of honest comparison: pure functions of counts, one noun per file.

B is always the variant and A the control; differences are B minus A. What cannot be computed (no deals, no wins, one
arm only) is None with a `reason` in words: never NaN, never an exception. An argument that makes no sense (more wins
than deals, a level of 95) is the caller's mistake and raises ValueError. Only `recursion.py` needs numpy, once called.
"""
