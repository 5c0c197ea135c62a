"""Content of the log after a crash or an error."""

import signal
import subprocess
import sys

import pytest
from pydantic import ValidationError

from songnodes.settings import Settings

DIES = """
import os, signal
from songnodes import logs
from songnodes.settings import Settings
logs.configure(Settings(), "dies")
os.kill(os.getpid(), signal.SIGSEGV)
"""


def test_a_crash_in_native_code_logs_the_stack() -> None:
    done = subprocess.run([sys.executable, "-c", DIES], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in done.stderr
    assert "most recent call first" in done.stderr


FAILS = """
import sys
from songnodes import logs
from songnodes.settings import Settings
logs.configure(Settings().model_copy(update={"log_format": FORM}), "fails")
def connect(password):
    address = "postgresql://user:" + password + "@127.0.0.1/x"
    raise ValueError("refused")
try:
    connect("".join(map(chr, [115, 51, 99, 114, 51, 116])))
except ValueError as error:
    logs.get("x").error("connect_failed", exc_info=error)
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_no_local_variables(form: str) -> None:
    """Local variables can hold addresses with passwords."""
    program = FAILS.replace("FORM", repr(form))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "connect_failed" in done.stderr and "ValueError: refused" in done.stderr
    assert "s3cr3t" not in done.stderr


def test_an_error_of_settings_shows_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONGNODES_LOG_LEVEL", "s3cr3t")
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert "log_level" in str(raised.value) and "s3cr3t" not in str(raised.value)
