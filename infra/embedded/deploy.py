"""Content that the servers need before a worker runs: topics, schemas, tables."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from infra.embedded.server import OnProgress
from songnodes.access import without_access
from songnodes.errors import UserError

#: A command of `songnodes` with its arguments.
Step = tuple[str, ...]
#: Each is for another server and may be repeated at will, so they run side by side.
STEPS: tuple[Step, ...] = (("topics", "apply"), ("schemas", "register"), ("migrate",))


class DeploymentFailed(UserError):
    """A step before the workers failed"""


def deploy(steps: Iterable[Step], env: Mapping[str, str], on_progress: OnProgress) -> None:
    """Run the steps side by side against the servers that `env` names, and wait for all.

    Raises `DeploymentFailed` with the output of the first one that failed.
    """
    with ExitStack() as running:
        processes = []
        for step in steps:
            on_progress(" ".join(step))
            process = subprocess.Popen(
                [sys.executable, "-m", "songnodes", *step],
                env={**without_access(os.environ), **env},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            processes.append((step, running.enter_context(process)))
        outputs = [(step, process, process.communicate()) for step, process in processes]
    for step, process, (output, errors) in outputs:
        if process.returncode:
            lines = (errors or output).strip().splitlines()
            raise DeploymentFailed("\n".join(lines[-5:]), step=" ".join(step))
