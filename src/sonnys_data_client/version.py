"""The version of the package, as it is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["__version__"]


def _installed() -> str:
    try:
        return version("sonnys-data-client")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0+unknown"


__version__ = _installed()
