"""The jobs that are measured, each a process; `meter` and `task` need the standard library only."""
