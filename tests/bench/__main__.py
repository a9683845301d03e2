"""Measure the service beside its peers and its own floor: `make bench`, or `python tests/bench --help`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # tests/, where `python tests/bench` puts tests/bench/

from bench.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
