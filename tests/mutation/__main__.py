"""Change the code in random places, and see whether tests notice: `make mutation`, `python tests/mutation --help`."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # tests/, where `python tests/mutation` puts tests/mutation/

from mutation.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
