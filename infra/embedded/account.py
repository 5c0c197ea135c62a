"""The unprivileged user of PostgreSQL and Redis where `songnodes up` runs as root."""

import os
import pwd
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from songnodes.access import without_access
from songnodes.errors import UserError

#: In this order. A user of its own is best. `daemon` exists on every Unix, and fewer programs run as it than
#: as `nobody`: processes of the same user can read and change the server's files.
UNPRIVILEGED = ("songnodes", "daemon", "nobody")


class UnprivilegedUserMissing(UserError):
    """PostgreSQL and Redis do not run as root, and there is no unprivileged user"""

    remedy = "Run as another user than root, or set DATABASE_URL and REDIS_URL to servers of your own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user of this machine. `switched`: not the user of this process."""

    name: str
    uid: int
    gid: int
    switched: bool

    def run(
        self, command: list[str], *, directory: Path, input: str | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command as this user in a directory that it may enter; output is captured as text.

        It gets no password of the environment; as another user, nothing of the environment at all.
        """
        return subprocess.run(
            command,
            cwd=directory,
            env={} if self.switched else without_access(os.environ),
            input=input,
            capture_output=True,
            text=True,
            check=False,
            user=self.uid if self.switched else None,
            group=self.gid if self.switched else None,
            extra_groups=[] if self.switched else None,
        )

    def can_run(self, program: Path) -> bool:
        """Return True if this user may run a program; as another user, by a trial."""
        if not self.switched:
            return os.access(program, os.X_OK)
        return self.run(["test", "-x", str(program)], directory=Path("/")).returncode == 0

    def own(self, directory: Path) -> None:
        """Give this user a directory that no other user can enter."""
        directory.chmod(0o700)
        if self.switched:
            os.chown(directory, self.uid, self.gid)


def unprivileged() -> Account:
    """Return the user of this process; for root, the first existing `UNPRIVILEGED`.

    Raises UnprivilegedUserMissing.
    """
    uid = os.geteuid()
    if uid:
        return Account(name=str(uid), uid=uid, gid=os.getegid(), switched=False)
    for name in UNPRIVILEGED:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, switched=True)
    raise UnprivilegedUserMissing(wanted=" or ".join(UNPRIVILEGED))
