"""`sonnys archive`: maintain the archive, and name its web shop. The options and the help; `run` does the work."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sonnys_data_client.cli.family import Family
from sonnys_data_client.cli.session import Given

__all__ = ["ARCHIVE"]

_Json = Annotated[bool, Parameter(negative=(), show_default=False)]


def check(*, json: _Json = False, session: Given) -> None:
    """Read every file of the archive, and compare it with the ledger. Changes nothing.

    The exit code is 1 if there is any problem.

    Args:
        json: Print the problems as JSON.
        session: The archive.

    Examples:
        sonnys archive check
        sonnys archive check --archive /data/acme --json
    """
    from sonnys_data_client.cli.commands.archive.run import run_check

    run_check(session, as_json=json)


def repair(*, session: Given) -> None:
    """Repair what can be repaired here, and have the next sync read the other days again.

    Sets damaged files aside, and leaves all others as they are.

    Args:
        session: The archive.

    Examples:
        sonnys archive repair
    """
    from sonnys_data_client.cli.commands.archive.run import run_repair

    run_repair(session)


def compact(*, session: Given) -> None:
    """Rewrite the files of earlier versions of this program, and free the disk space that nothing needs.

    Args:
        session: The archive.

    Examples:
        sonnys archive compact
    """
    from sonnys_data_client.cli.commands.archive.run import run_compact

    run_compact(session)


def web_shop(code: str, /, *, session: Given) -> None:
    """Set the code by which queries call a site without one, such as a web shop. It is WEB until you choose another.

    So a join of sales with sites keeps the sales of the web shop. No file of the archive changes.

    Args:
        code: The code. No site may have it.
        session: The archive.

    Examples:
        sonnys archive web-shop ONLINE
    """
    from sonnys_data_client.cli.commands.archive.run import run_web_shop

    run_web_shop(session, code=code)


ARCHIVE = Family(
    "archive",
    "Maintain the archive: check it, repair it, compact it, name its web shop.",
    (check, repair, compact, web_shop),
)
