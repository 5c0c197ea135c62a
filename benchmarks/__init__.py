"""Speed and memory, measured against named peers in one run; numbers stand in RESULTS.md."""
