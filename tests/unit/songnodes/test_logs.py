"""What a process leaves behind in its log."""

import signal
import subprocess
import sys

DIES = """
import os, signal
from songnodes import logs
from songnodes.settings import Settings
logs.configure(Settings(), "dies")
os.kill(os.getpid(), signal.SIGSEGV)
"""


def test_a_process_that_native_code_brings_down_says_where_it_stood() -> None:
    done = subprocess.run([sys.executable, "-c", DIES], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in done.stderr
    assert "most recent call first" in done.stderr
