"""Exit codes of all commands and processes, and the consequence of each.

| code | name | meaning |
| --- | --- | --- |
| 0 | EXIT_OK | a command succeeded; a process was stopped by SIGTERM or SIGINT |
| 1 | EXIT_FAILURE | it failed; the last line of its output has the reason |
| 2 | EXIT_USAGE | the command line is wrong |
| 65 | EXIT_DATA | so many records became dead letters that the stage is probably at fault |
| 70 | EXIT_SOFTWARE | an error of the code, or one that no rule covers |
| 75 | EXIT_TEMPORARY | a server is down, or another process took over: the same may succeed later |
| 78 | EXIT_CONFIGURATION | the configuration or the state of the servers has to be changed first |

A supervisor starts a process again after any code but those in FINAL: after these a restart would fail again,
or do damage, until an operator acts.
"""

from songnodes.errors import EXIT_CONFIGURATION, EXIT_DATA, EXIT_TEMPORARY, Transient

EXIT_OK = 0
EXIT_FAILURE = 1
EXIT_USAGE = 2
#: Codes after which a supervisor does not start the process again.
FINAL = (EXIT_DATA, EXIT_CONFIGURATION)


def of_error(error: BaseException, default: int) -> int:
    """Return EXIT_TEMPORARY for a transient error, otherwise the default."""
    return EXIT_TEMPORARY if isinstance(error, Transient) else default
