"""Content that the servers need before a worker runs: topics, schemas, tables."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping

from infra.embedded.server import OnProgress
from songnodes.access import without_access
from songnodes.errors import UserError

#: A command of `songnodes` with its arguments.
Step = tuple[str, ...]
#: In this order; each may be repeated at will.
STEPS: tuple[Step, ...] = (("topics", "apply"), ("schemas", "register"), ("migrate",))


class DeploymentFailed(UserError):
    """A step before the workers failed"""


def deploy(steps: Iterable[Step], env: Mapping[str, str], on_progress: OnProgress) -> None:
    """Run the steps against the servers that `env` names. Raises `DeploymentFailed` with their output."""
    for step in steps:
        on_progress(" ".join(step))
        done = subprocess.run(
            [sys.executable, "-m", "songnodes", *step],
            env={**without_access(os.environ), **env},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            output = (done.stderr or done.stdout).strip().splitlines()
            raise DeploymentFailed("\n".join(output[-5:]), step=" ".join(step))
