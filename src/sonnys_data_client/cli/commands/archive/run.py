"""What `sonnys archive` does."""

from __future__ import annotations

import json

from sonnys_data_client.cli.errors import Failure
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.words import counted, plural

__all__ = ["run_check", "run_compact", "run_repair"]


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
        raise Failure(
            f"The archive at {archive.address} has {amount}.", "Run sonnys archive repair, and then sonnys sync."
        )
    say(screen(), f"The archive at {archive.address} has no problems.")


def run_repair(session: Session) -> None:
    """Repair the archive, and say what was done."""
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


def run_compact(session: Session) -> None:
    """Compact the archive, and say what was done."""
    archive = session.open_archive()
    done = archive.compact()
    rewritten = f"{counted(len(done.rewritten), 'file was', 'files were')} rewritten"
    say(screen(), f"{archive.address}: {rewritten}; {_removed(done.removed)}.")


def run_web_shop(session: Session, *, code: str) -> None:
    """Set what queries call the web shop, and say so."""
    archive = session.open_archive()
    archive.name_web_shop(code)
    say(screen(), f"Queries of {archive.address} call a site without a code {code.strip()} from now on.")


def _removed(files: int) -> str:
    return f"{counted(files, 'file')} of killed runs {plural(files, 'was', 'were')} removed"
