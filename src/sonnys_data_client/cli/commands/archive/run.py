"""How `sonnys archive` goes."""

from __future__ import annotations

import json

from sonnys_data_client.cli.errors import Failure
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.words import plural

__all__ = ["run_check", "run_compact", "run_repair"]


def run_check(session: Session, *, as_json: bool) -> None:
    """Say what is wrong with the archive.

    Raises:
        Failure: Something is.
    """
    archive = session.open_archive()
    findings = archive.check()
    if as_json:
        print(json.dumps([{"what": finding.what, "damaged": finding.damaged} for finding in findings], indent=1))
    else:
        for finding in findings:
            print(finding)
    if findings:
        things = plural(len(findings), "thing is", "things are")
        what = f"{len(findings)} {things} not as it should be in {archive.address}"
        raise Failure(f"{what}: run sonnys archive repair, and then sonnys sync.")
    say(screen(), f"The archive at {archive.address} is sound.")


def run_repair(session: Session) -> None:
    """Mend the archive, and say what was done."""
    archive = session.open_archive()
    repair = archive.repair()
    talk = screen()
    for finding in repair.findings:
        print(finding)
    if repair.reread:
        days = plural(len(repair.reread), "day is", "days are")
        say(talk, f"{len(repair.reread)} {days} to be read again: sonnys sync does that, as far as the server can.")
    say(talk, f"The ledger of {archive.address} is made anew; {repair.removed} files of killed runs are removed.")


def run_compact(session: Session) -> None:
    """Compact the archive, and say what was done."""
    archive = session.open_archive()
    done = archive.compact()
    what = f"{len(done.rewritten)} partitions written anew, {done.removed} files of killed runs removed"
    say(screen(), f"{archive.address}: {what}.")
