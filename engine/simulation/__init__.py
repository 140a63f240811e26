"""Playing many deals through a playbook on a virtual clock, with customers and reps who do as a behaviour file says.

The steps are those of the tick (`engine/core/advance`); only who does what, and when, is made up. No clock is read and
no global randomness: the same question has the same answer, on however many machines it is worked out.
"""
