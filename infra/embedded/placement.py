"""Data and programs of a server that runs as another user than the owner of the data directory.

Only its owner can enter the data directory. Files of a server that runs as another user, which only root can
start, are below `PUBLIC`, with a link in the data directory.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from infra.embedded import install_manifest
from infra.embedded.account import Account
from infra.embedded.secrets import write_private
from infra.embedded.server import OnProgress, atomic_directory

PUBLIC = Path("/var/lib/songnodes")


def data_directory(account: Account, link: Path) -> Path:
    """Return the place of the data: the link itself unless the server runs as another user."""
    if not account.switched:
        return link
    return PUBLIC / "data" / hashlib.sha256(str(link).encode()).hexdigest()[:16]


def is_elsewhere(link: Path, data: Path) -> bool:
    """Return whether the data of an earlier version lie in the data directory and must be moved."""
    return data != link and link.exists() and not link.is_symlink()


def adopt(account: Account, link: Path, data: Path, on_progress: OnProgress) -> None:
    """Move data of earlier versions out of the data directory, and change their owner. The server must not
    run."""
    if data != link:
        public_directory(data.parent)
        if not link.is_symlink():
            shutil.rmtree(data, ignore_errors=True)  # left by a data directory that was removed
        if is_elsewhere(link, data):
            on_progress(f"{link.name}: moving the data to a directory of the server's user")
            with atomic_directory(data) as staging:
                shutil.copytree(link, staging, symlinks=True, dirs_exist_ok=True)
                own_all(account, staging)
            shutil.rmtree(link)
            link.symlink_to(data)
    if data.exists() and account.switched and data.stat().st_uid != account.uid:
        own_all(account, data)


def write(account: Account, file: Path, text: str) -> None:
    """Write a file for the user of a server alone, unless it holds the text already."""
    if file.exists() and file.read_text() == text:
        return
    write_private(file, text)
    if account.switched:
        os.chown(file, account.uid, account.gid)


def own_all(account: Account, directory: Path) -> None:
    """Give a directory and all in it to the user; no link is followed."""
    for folder, names, files in os.walk(directory):
        for name in (*names, *files):
            os.chown(Path(folder, name), account.uid, account.gid, follow_symlinks=False)
    account.own(directory)


def public_directory(directory: Path) -> None:
    """Make a directory that every user may pass through, whatever the umask is. No user may list it."""
    for folder in (*reversed(directory.parents), directory):
        if folder.is_relative_to(PUBLIC) and not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o711)


def installed(
    account: Account,
    program: Path,
    parts: Iterable[Path],
    packages: Path,
    copy: Path,
    on_progress: OnProgress,
) -> Path:
    """Return a program that the user may run: itself, or its copy.

    `parts` of `packages` are copied to the same places below `copy`: programs find libraries by relative
    paths. `copy` is below `PUBLIC` and named by the version.
    """
    if account.can_run(program):
        return program
    if not install_manifest.is_complete(copy):
        on_progress(f"{program.name}: copying the installation for a user who cannot reach it")
        public_directory(copy.parent)
        shutil.rmtree(copy, ignore_errors=True)
        with atomic_directory(copy) as staging:
            staging.chmod(0o755)
            for part in parts:
                target = staging / part.relative_to(packages)
                target.parent.mkdir(parents=True, exist_ok=True)
                (shutil.copytree if part.is_dir() else shutil.copy2)(part, target)
            open_to_all(staging)
            install_manifest.write(staging)
    return copy / program.relative_to(packages)


def open_to_all(directory: Path) -> None:
    """Give every user the owner's rights to read and run: the umask of the installation may be strict."""
    for path in (directory, *directory.rglob("*")):
        if not path.is_symlink():
            owner = path.stat().st_mode & 0o500
            path.chmod(path.stat().st_mode | owner >> 3 | owner >> 6)
