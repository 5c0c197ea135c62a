"""The steps before the workers: side by side, and none is left alone when another one fails."""

from pathlib import Path

import pytest

from infra.embedded.deploy import DeploymentFailed, deploy
from infra.embedded.server import ignore_progress

#: Stands for `songnodes`: a step "wait FILE OTHER" makes a file and waits for that of another step.
PROGRAM = """
import sys, time
from pathlib import Path
step, own, other = sys.argv[1:]
Path(own).touch()
while not Path(other).exists():
    time.sleep(0.01)
if step == "fail":
    sys.exit("this step failed")
Path(own + ".done").touch()
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Return variables with which `python -m songnodes` is the program above."""
    package = tmp_path / "songnodes"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(PROGRAM)
    return {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}


@pytest.mark.timeout(60)
def test_steps_run_side_by_side(tmp_path: Path, env: dict[str, str]) -> None:
    first, second, progress = str(tmp_path / "a"), str(tmp_path / "b"), list[str]()
    deploy([("wait", first, second), ("wait", second, first)], env, progress.append)
    assert Path(f"{first}.done").exists() and Path(f"{second}.done").exists()
    assert len(progress) == 2


@pytest.mark.timeout(60)
def test_a_failure_is_raised_when_all_have_ended(tmp_path: Path, env: dict[str, str]) -> None:
    first, second = str(tmp_path / "a"), str(tmp_path / "b")
    with pytest.raises(DeploymentFailed, match="this step failed") as raised:
        deploy([("fail", first, second), ("wait", second, first)], env, ignore_progress)
    assert f"fail {first} {second}" in str(raised.value)
    assert Path(f"{second}.done").exists()
