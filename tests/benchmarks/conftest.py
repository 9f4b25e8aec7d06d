"""The benchmarks are scripts beside the package: their folder is where Python would look for them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
