"""Start processes of the pipeline by `fork` from a process that has imported their modules already.

To import them takes 1.4 s of processor time, and the tests start some hundreds of processes. A forked process
is one of its own all the same: with its pid, memory, files, signals and exit code. What it shares is the seed
of hashes, so `tests.support.forked` keeps two of these servers.

Arguments: the file descriptor of a socket, and the modules. The socket takes {"start": ARGUMENTS, "env": ...,
"cwd": ...} with the file descriptors of standard output and error, answered by the pid, and {"poll": PID},
answered by the exit code or null. A process that ended keeps its pid until it is polled, as a `Popen` does.
"""

import gc
import json
import os
import runpy
import signal
import socket
import sys
from importlib import import_module
from typing import Any

#: Of a request: the environment is most of it.
MAX_REQUEST_BYTES = 1 << 20


def serve(control: socket.socket) -> dict[str, Any] | None:
    """Answer requests; return the request in each process that is forked, None in the server at its end."""
    while True:
        raw, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST_BYTES, 2)
        if not raw:
            return None
        request: dict[str, Any] = json.loads(raw)
        if "poll" in request:
            answer = exit_code(request["poll"])
        elif answer := os.fork():
            for descriptor in descriptors:
                os.close(descriptor)
        else:
            control.close()
            for place, descriptor in enumerate(descriptors, start=1):
                os.dup2(descriptor, place)
                os.close(descriptor)
            return request
        control.send(json.dumps(answer).encode())


def exit_code(pid: int) -> int | None:
    """Return the exit code of a child, negative after a signal; None while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def run(request: dict[str, Any]) -> None:
    """Do what `python ARGV` does in a process of its own; ARGV is `-m MODULE ...` or `FILE ...`."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    arguments: list[str] = request["start"]
    if arguments[0] == "-m":
        sys.argv[:] = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv[:] = arguments
        runpy.run_path(arguments[0], run_name="__main__")


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, which is for the tests
    gc.disable()
    for module in sys.argv[2:]:
        import_module(module)
    assert len(os.listdir("/proc/self/task")) == 1, "an import started a thread, which no fork would have"
    gc.freeze()  # a collection in a process would copy the pages of all that was imported
    request = serve(control)
    gc.enable()
    if request is not None:
        run(request)


if __name__ == "__main__":
    main()
