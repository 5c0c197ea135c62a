"""Imports of the command line: those that help needs, and no others."""

import subprocess
import sys

PROGRAM = """
import sys
sys.argv = ["songnodes", "--help"]
from songnodes.cli import main
main()
print(*sys.modules, file=sys.stderr)
"""


def test_the_list_of_commands_imports_neither_clients_nor_settings() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert "songnodes" in done.stdout
    assert not {"pydantic", "typer", "rich", "confluent_kafka", "psycopg"} & set(done.stderr.split())
