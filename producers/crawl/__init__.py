"""Crawler: fetch, archive and parse the pages of the frontier, and visit them again by a schedule."""
