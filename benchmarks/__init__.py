"""Speed and memory, measured against named peers in one run; numbers are in RESULTS.md."""
