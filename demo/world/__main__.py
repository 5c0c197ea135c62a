"""`python -m demo.world --size large --out DIR`: the pages of a world as files, written one by one."""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from demo.shapes import pages
from demo.world import world
from demo.world.sizes import SIZES


def main() -> None:
    """Write all pages and print their number."""
    parser = argparse.ArgumentParser(prog="python -m demo.world", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--out", type=Path, required=True, help="a folder, made where it is not there")
    parser.add_argument("--as-of", type=date.fromisoformat, default=datetime.now(UTC).date(), metavar="DAY")
    parser.add_argument("--seed", type=int, default=world.SEED)
    options = parser.parse_args()
    created = world.make(SIZES[options.size], options.as_of, options.seed)
    count = sum(1 for _ in pages.write(created, options.out))
    sys.stdout.write(f"{count} pages of {created.size.sets} sets in {options.out}\n")


if __name__ == "__main__":
    main()
