"""Immediate end of a process."""

import logging
import os
from typing import NoReturn

from songnodes import logs
from songnodes.errors import EXIT_SOFTWARE
from songnodes.process import exit_codes

log = logs.get(__name__)


def crash(reason: BaseException) -> NoReturn:
    """End the process immediately, as kill -9 would, with the exit code of the reason.

    An orderly shutdown would flush and commit, which would be wrong after such an error.
    """
    code = exit_codes.of_error(reason, getattr(type(reason), "exit_code", EXIT_SOFTWARE))
    log.critical("crash", reason=str(reason), kind=type(reason).__name__, exit_code=code, exc_info=reason)
    logging.shutdown()
    os._exit(code)
