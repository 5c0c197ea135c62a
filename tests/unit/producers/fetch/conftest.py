"""Property tests run without a time limit per example: the machine may be busy."""

from hypothesis import settings

settings.register_profile("fetch", deadline=None)
settings.load_profile("fetch")
