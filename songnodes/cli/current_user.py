"""Name of the user who runs a command."""

import getpass
import os


def current_user() -> str:
    """Return the login name of the user, or "uid N" without one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
