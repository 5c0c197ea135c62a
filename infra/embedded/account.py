"""As whom PostgreSQL runs. It refuses to run as root, so root hands it to an unprivileged user."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from songnodes.errors import NotUsable

UNPRIVILEGED = "nobody"  # on every Unix


class NoAccount(NotUsable):
    """PostgreSQL does not run as root, and there is no other user to run it as"""

    remedy = "Run as another user than root, or set DATABASE_URL to a server of your own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user of this machine. `switched` says that it is not the one of this process."""

    name: str
    uid: int
    gid: int
    switched: bool

    def run(
        self, command: list[str], *, directory: Path, input: str | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command as this user in a directory that it may enter; output is captured as text."""
        return subprocess.run(
            command,
            cwd=directory,
            input=input,
            capture_output=True,
            text=True,
            check=False,
            user=self.uid if self.switched else None,
            group=self.gid if self.switched else None,
            extra_groups=[] if self.switched else None,
        )

    def can_enter(self, directory: Path) -> bool:
        """Whether this user may use what is in a directory by its name; found out by trying."""
        if not self.switched:
            return os.access(directory, os.X_OK)
        return self.run(["test", "-x", str(directory)], directory=Path("/")).returncode == 0

    def own(self, directory: Path) -> None:
        """Give this user a directory that nobody else enters."""
        directory.chmod(0o700)
        if self.switched:
            os.chown(directory, self.uid, self.gid)


def unprivileged() -> Account:
    """The user of this process, or for root `nobody`; raises `NoAccount`."""
    uid = os.geteuid()
    if uid:
        return Account(name=str(uid), uid=uid, gid=os.getegid(), switched=False)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise NoAccount(wanted=UNPRIVILEGED) from error
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, switched=True)
