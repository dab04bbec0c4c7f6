"""`python -m sonnys_data_client`: the command line, where `sonnys` itself is not on the path."""

from __future__ import annotations

import sys

from sonnys_data_client.cli import main

if __name__ == "__main__":
    sys.exit(main())
