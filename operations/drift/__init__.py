"""Drift alarms: looking at them, releasing what they hold."""
