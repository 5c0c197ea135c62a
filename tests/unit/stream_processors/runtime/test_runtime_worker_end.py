"""How a worker process ends whose broker goes away while it starts."""

import subprocess
import sys
from pathlib import Path

from stream_processors.runtime.errors import TEMPORARY

ROOT = Path(__file__).parents[4]
#: A stage as it is, but for what it asks of the broker before it starts.
START = """
from songnodes.settings import Settings
from stream_processors import gold
from stream_processors.runtime import checks
from tests.support import codecs

checks.check_topics = lambda stage: None
settings = Settings(KAFKA_BOOTSTRAP="127.0.0.1:9", home={home!r})
gold.build(settings, codecs.offline()).run()
"""


def test_a_broker_that_went_away_is_a_temporary_end_with_its_reason(tmp_path: Path) -> None:
    """Faust ends with 1 and without a word, and a supervisor would give up after some such ends."""
    worker = subprocess.run(
        [sys.executable, "-c", START.format(home=str(tmp_path))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = worker.stdout + worker.stderr
    assert worker.returncode == TEMPORARY, said
    assert "KafkaAway" in said.splitlines()[-1]
    assert "Unable to bootstrap" in said.splitlines()[-1]
