"""Break the service at random while people vote, and see what became of their votes: `python tests/chaos --help`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # tests/, where `python tests/chaos` puts tests/chaos/

from chaos.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
