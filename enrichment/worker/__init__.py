"""Worker: plans the calls of each requested track, sends them through the gateway, archives the answers."""
