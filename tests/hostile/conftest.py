"""The command line's account before a sandbox, for servers that are hostile to whoever reads what it shows."""

from __future__ import annotations

from tests.cli.conftest import bare_environment, counter

__all__ = ["bare_environment", "counter"]
