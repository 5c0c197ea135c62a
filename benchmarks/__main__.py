"""All measurements of RESULTS.md, one after another: `make bench`, or `python -m benchmarks [NAME ...]`.

Each is a process of its own, with servers of its own, so that none finds another's caches.
"""

import subprocess
import sys

MEASUREMENTS = (
    *("stage", "recovery", "retraction", "sink", "pipeline", "scale", "script", "lines", "parsing"),
    *("decoding", "state", "names", "gateway", "bulk", "rebuild", "rebuild_silver", "gold", "web"),
)


def main() -> None:
    """Run them; the first that fails ends it with its exit code."""
    names = sys.argv[1:] or MEASUREMENTS
    for name in names:
        print(f"\n## {name}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)


if __name__ == "__main__":
    main()
