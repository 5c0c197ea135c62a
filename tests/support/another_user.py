"""Commands run as another user of this machine, where the tests run as root.

Without root, the tests check the modes of the files.
"""

import os
import pwd
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

#: Neither the owner of the data directory nor the user of a server.
OTHER = "nobody"
IS_ROOT = os.geteuid() == 0


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as the other user, with an empty environment."""
    assert IS_ROOT, "only root can run a command as another user"
    entry = pwd.getpwnam(OTHER)
    return subprocess.run(
        list(command),
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        user=entry.pw_uid,
        group=entry.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def readable(places: Iterable[Path]) -> list[str]:
    """Return the files and directories in these places, themselves included, that the other user can read."""
    if IS_ROOT:
        lines = []
        for place in places:
            lines += run("find", str(place), "-readable").stdout.split("\n")
        return [line for line in lines if line]
    # A directory that others may not enter hides all in it.
    return [str(place) for place in places if place.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
