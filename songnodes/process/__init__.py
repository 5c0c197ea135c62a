"""Frame of every long-running process: signals, waiting for servers, retries, exit codes."""
