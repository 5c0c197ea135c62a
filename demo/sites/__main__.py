"""`python -m demo.sites`: serve the world until interrupted, and print the setting for a crawl of it."""

import argparse
import shlex
import sys
import threading
from datetime import UTC, datetime

from demo.sites import faults
from demo.sites.library import Library
from demo.sites.server import CRAWL_DELAY_S, Sites, environment
from demo.world import world
from demo.world.sizes import SIZES

FAULTS = {"none": faults.NONE, "usual": faults.USUAL, "hostile": faults.HOSTILE}


def main() -> None:
    """Serve until interrupted. PUT /edition/2 at the server's own address moves the version clock."""
    parser = argparse.ArgumentParser(prog="python -m demo.sites", description=__doc__)
    parser.add_argument("--size", choices=("small", "demo"), default="demo")
    parser.add_argument("--port", type=int, default=0, help="of loopback; a free one unless given")
    parser.add_argument("--delay", type=float, default=CRAWL_DELAY_S, help="seconds that robots.txt asks for")
    parser.add_argument("--faults", choices=FAULTS, default="none")
    options = parser.parse_args()
    created = world.make(SIZES[options.size], datetime.now(UTC).date())
    with Sites(Library(created), faults=FAULTS[options.faults], delay=options.delay).running(
        options.port
    ) as sites:
        for name, value in environment(sites.mapping).items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
