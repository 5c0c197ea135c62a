"""The files of the project, for tests that read its code."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "songnodes",
    "enrichment",
    "queries",
    "producers",
    "stream_processors",
    "sinks",
    "operations",
    "infra",
    "web",
    "demo",
    "benchmarks",
    "tests",
)


def project_files(*suffixes: str) -> list[Path]:
    """Return the files of the project's code with one of these suffixes."""
    return [
        file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*")) if file.suffix in suffixes
    ]
