"""Start `model-learning-analyzer` on standard input and output."""

import gc
import sys


def main() -> None:
    """Serve until standard input closes, or say what keeps the server from starting."""
    # What is imported lives to the end: looking for garbage among it would only slow the start down.
    gc.disable()
    from model_learning_analyzer.server import server
    from modelmerit.errors import ModelmeritError

    gc.enable()
    gc.freeze()
    try:
        server.run("stdio")
    except* ModelmeritError as group:
        for error in group.exceptions:
            print(f"model-learning-analyzer: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
