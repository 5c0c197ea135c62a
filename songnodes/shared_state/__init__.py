"""State shared by all processes through Redis: one clock, and compare-and-set.

The rules about a state exist once, in Python; Redis provides the one clock and an atomic compare-and-set. A
process killed between reading and writing leaves nothing behind.
"""
