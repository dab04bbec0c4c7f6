"""`sonnys archive`: look after the archive. Its options; `care` does it."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sonnys_data_client.cli.family import Family
from sonnys_data_client.cli.session import Given

__all__ = ["ARCHIVE"]

_Json = Annotated[bool, Parameter(negative=(), show_default=False)]


def check(*, json: _Json = False, session: Given) -> None:
    """Read every file of the archive through, and compare it with the ledger. Changes nothing.

    The exit code is 1 if anything is not as it should be.

    Args:
        json: Print the findings as JSON.
        session: The archive.

    Examples:
        sonnys archive check
        sonnys archive check --archive /data/acme --json
    """
    from sonnys_data_client.cli.commands.archive.run import run_check

    run_check(session, as_json=json)


def repair(*, session: Given) -> None:
    """Mend what can be mended here, and have the rest read again by the next sync.

    Nothing that is good is touched; what is damaged is set aside.

    Args:
        session: The archive.

    Examples:
        sonnys archive repair
    """
    from sonnys_data_client.cli.commands.archive.run import run_repair

    run_repair(session)


def compact(*, session: Given) -> None:
    """Write anew what an earlier version of this program wrote, and give back room that nothing needs.

    Args:
        session: The archive.

    Examples:
        sonnys archive compact
    """
    from sonnys_data_client.cli.commands.archive.run import run_compact

    run_compact(session)


ARCHIVE = Family("archive", "Look after the archive: check it, repair it, compact it.", (check, repair, compact))
