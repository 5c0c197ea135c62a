"""Drift alarms: list them, and release the pages that they hold."""
