"""The end of a process that may not go on."""

import logging
import os
from typing import NoReturn

from songnodes import logs
from songnodes.errors import Transient
from stream_processors.runtime.errors import SOFTWARE, TEMPORARY

log = logs.get(__name__)


def crash(reason: BaseException) -> NoReturn:
    """End the process now, as kill -9 would, with the reason's exit code.

    An orderly shutdown would flush and commit, and that is what must not happen any more.
    """
    code = TEMPORARY if isinstance(reason, Transient) else getattr(type(reason), "exit_code", SOFTWARE)
    log.critical("crash", reason=str(reason), kind=type(reason).__name__, exit_code=code, exc_info=reason)
    logging.shutdown()
    os._exit(code)
