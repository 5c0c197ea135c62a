"""Commands of an operator on a running pipeline: replay, reparse, dead letters, drift alarms."""
