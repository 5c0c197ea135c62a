"""Who gives the orders."""

import getpass
import os


def operator() -> str:
    """The name of the user of this machine, or the number of one without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
