"""Serve one of the two servers over HTTP, for suites that speak nothing else: `http_server.py SERVER PORT`.

SERVER is `task-dispatcher` or `model-learning-analyzer`; the endpoint is http://127.0.0.1:PORT/mcp. The product speaks
stdio alone. Unless MODELMERIT_HOME names a home, an empty one lasts as long as the process.
"""

import os
import signal
import sys
import tempfile
from importlib import import_module


def main() -> None:
    name, port = sys.argv[1], int(sys.argv[2])
    # Ended by a signal, the temporary home still goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="modelmerit-http-") as home:
        os.environ.setdefault("MODELMERIT_HOME", home)
        server = import_module(f"{name.replace('-', '_')}.server").server
        server.run("streamable-http", host="127.0.0.1", port=port)


if __name__ == "__main__":
    main()
