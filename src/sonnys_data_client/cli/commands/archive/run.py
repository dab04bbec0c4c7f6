"""What `sonnys archive` does."""

from __future__ import annotations

import json

from sonnys_data_client.archive.views import NAME
from sonnys_data_client.cli.errors import Failure, Refusal
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.words import counted, plural

__all__ = ["run_check", "run_compact", "run_repair", "run_views"]


def run_check(session: Session, *, as_json: bool) -> None:
    """Print the problems of the archive.

    Raises:
        Failure: There are problems.
    """
    archive = session.open_archive()
    problems = archive.check()
    if as_json:
        print(json.dumps([{"what": problem.what, "damaged": problem.damaged} for problem in problems], indent=1))
    else:
        for problem in problems:
            print(problem)
    if problems:
        amount = counted(len(problems), "problem")
        strangers = all(problem.stranger for problem in problems)
        raise Failure(
            f"The archive at {archive.address} has {amount}.",
            "Move away what is not the archive's." if strangers else "Run sonnys archive repair, and then sonnys sync.",
        )
    say(screen(), f"The archive at {archive.address} has no problems.")


def run_repair(session: Session) -> None:
    """Repair the archive, say what was done, and write its views anew.

    Raises:
        ArchiveError: It cannot be repaired, or the views cannot be written.
    """
    archive = session.open_archive()
    repair = archive.repair()
    talk = screen()
    for problem in repair.problems:
        print(problem)
    if repair.reread:
        days = plural(len(repair.reread), "day")
        say(talk, f"{len(repair.reread)} {days} must be read again, as far as the server still has the rows.")
    say(talk, f"The ledger of {archive.address} was rebuilt; {_removed(repair.removed)}.")
    if repair.reread:
        say(talk, "hint: Run sonnys sync, which reads them.")
    archive.write_views()


def run_views(session: Session) -> None:
    """Write the views for BI tools anew.

    Raises:
        Refusal: There is no archive, or it is at an address that no BI tool opens.
        ArchiveError: They cannot be written, or a file cannot be read.
    """
    archive = session.open_archive()
    if not archive.is_local:
        raise Refusal(
            f"{archive.address} has no views for BI tools: they are for archives in a folder.",
            "Query it with sonnys sql.",
        )
    archive.write_views()
    say(screen(), f"The views in {archive.address}/{NAME} were written anew.")


def run_compact(session: Session) -> None:
    """Compact the archive, and say what was done."""
    archive = session.open_archive()
    done = archive.compact()
    rewritten = f"{counted(len(done.rewritten), 'file was', 'files were')} rewritten"
    say(screen(), f"{archive.address}: {rewritten}; {_removed(done.removed)}.")


def _removed(files: int) -> str:
    return f"{counted(files, 'file')} of killed runs {plural(files, 'was', 'were')} removed"
