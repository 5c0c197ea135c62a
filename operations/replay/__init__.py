"""Replay: read a process's input again from an earlier offset, and verify that the counts do not change."""
