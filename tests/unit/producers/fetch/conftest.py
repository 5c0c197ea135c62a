"""Laws are checked without a time limit per example: the machine may be busy, the law holds all the same."""

from hypothesis import settings

settings.register_profile("fetch", deadline=None)
settings.load_profile("fetch")
