"""The roles of embedded PostgreSQL, created in single-user mode: no superuser can log in.

A file in the data directory holds the fingerprint of the passwords and statements applied. They are applied
again when it differs: at the first start, for data of earlier versions, after a change of passwords.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path
from string import Template

from infra.embedded.secrets import Secrets

HERE = Path(__file__).parent / "sql"
OWNER, WRITER, ANALYST = "songnodes_owner", "songnodes_writer", "songnodes_analyst"
DATABASE = "songnodes"
MARK = "songnodes.roles"
SALT_BYTES = 16
ITERATIONS = 4096  # PostgreSQL's default

#: The three roles by password from this machine; no other role, not even a superuser.
HBA = f"""# Written by songnodes at every start.
host all {OWNER},{WRITER},{ANALYST} 127.0.0.1/32 scram-sha-256
host all all all reject
local all all reject
"""

#: Runs statements in a database in single-user mode.
Run = Callable[[str, str], None]


def fingerprint(secrets: Secrets) -> str:
    """Return a hash of the passwords and the statements of this version.

    The passwords cannot be derived from it: they are random, with as many bits as the hash is strong.
    """
    files = [(HERE / f"{name}.sql").read_text() for name in ("roles", "lockdown", "ownership")]
    content = "\0".join((secrets.postgres_owner, secrets.postgres_writer, secrets.postgres_analyst, *files))
    return hashlib.sha256(content.encode()).hexdigest()


def make(run: Run, secrets: Secrets, *, new_cluster: bool) -> None:
    """Create or alter the roles, and give them the objects they own. `run` raises if a statement fails."""
    run(
        "postgres",
        _text(
            "roles",
            owner=verifier(secrets.postgres_owner),
            writer=verifier(secrets.postgres_writer),
            analyst=verifier(secrets.postgres_analyst),
        ),
    )
    run("template1", _text("lockdown"))
    if new_cluster:
        run("postgres", f"CREATE DATABASE {DATABASE} OWNER {OWNER};\n\n")
    else:
        run(DATABASE, _text("lockdown") + _text("ownership"))


def verifier(password: str, salt: bytes | None = None) -> str:
    """Return the SCRAM verifier of a password (RFC 5803), so that no statement holds the password."""
    salt = salt or os.urandom(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def _text(name: str, **values: str) -> str:
    """Return the statements of a file without comments, as single-user mode requires."""
    lines = (HERE / f"{name}.sql").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    return Template(text.replace("$do$", "$$do$$")).substitute(values).strip() + "\n\n"
