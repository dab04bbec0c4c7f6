"""What `sonnys job` does."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from sonnys_data_client import SonnysClient
from sonnys_data_client.cli.errors import Quarantined, Refusal
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.files import write_ndjson
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.cli.show.target import keep_unparsed
from sonnys_data_client.cli.wording import HINTS, quoted
from sonnys_data_client.endpoints.jobs import JobParams, check_job
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.errors import Remedy, RowError, UnparsedRow
from sonnys_data_client.types import TransactionJobItem, parse_rows
from sonnys_data_client.words import counted

__all__ = ["print_result", "print_status", "submit_page"]

_PATH = "/transaction/get-job-data"


def submit_page(session: Session, when: str, *, site: str | None, page: int, limit: int, timezone: str | None) -> None:
    """Submit a page's job and print its handle."""
    params: JobParams = {"limit": limit, "offset": page}
    if site is not None:
        params["site"] = site
    check_job(params)
    with session.client(timezone=session.named_zone(timezone)) as client:
        span = session.when(when, client, site, history=True)
        params |= {"startDate": span.first, "endDate": span.last}
        print(json.dumps(client.transactions.submit_job(**params).to_dict()))


def print_status(session: Session, hash_: str | None, handle: Path | None) -> None:
    """Print a job's status.

    Raises:
        Refusal: No job was named, or the file does not hold a handle.
    """
    which = _which(hash_, handle)
    with session.client() as client:
        if isinstance(which, str):
            print(client.transactions.get_job_data(which).status)
        else:
            print(client.transactions.job(which).status())


def print_result(session: Session, hash_: str | None, handle: Path | None, *, wait_s: float) -> None:
    """Wait for a job, and print its rows.

    Raises:
        Refusal: No job was named, the file does not hold a handle, or a job named by its hash is not done.
        Quarantined: Some rows could not be parsed. All others are written.
    """
    which = _which(hash_, handle)
    with session.client() as client:
        unparsed: list[UnparsedRow] = []
        try:
            if isinstance(which, str):
                rows = _rows_of_hash(client, which)
            else:
                rows = client.transactions.job(which).result(timeout=wait_s)
        except RowError as error:
            rows, unparsed = error.rows, error.unparsed
    write_ndjson((row.to_api() for row in rows), sys.stdout)
    say(screen(), f"{counted(len(rows), 'row')}.")
    if kept := keep_unparsed(unparsed, Path("sonnys-job")):
        raise Quarantined(f"{kept}.")


def _which(hash_: str | None, handle: Path | None) -> str | dict[str, Any]:
    """Return the hash or the handle of the job that was named."""
    if handle is None and hash_ is not None:
        return hash_
    if handle is None:
        raise Refusal("No job was named.", "Give its HASH, or the file of its handle with --handle.")
    if hash_ is not None:
        raise Refusal("HASH and --handle both name a job.", "Leave one of the two out.")
    try:
        found = json.loads(handle.read_text(encoding="utf-8"))
        Handle.from_dict(found)
    except ValueError:
        raise Refusal(f"--handle {quoted(handle)} does not hold a job's handle.", HINTS[Remedy.HANDLE]) from None
    return dict(found)


def _rows_of_hash(client: SonnysClient, hash_: str) -> list[TransactionJobItem]:
    """Read the rows of a job by its hash. The job could not be submitted again, so it is asked for once."""
    data = client.transactions.get_job_data(hash_)
    if data.status != "pass":
        raise Refusal(
            f"The job has not passed; its status is {data.status}.",
            "Run it again later, or give the job's handle with --handle to wait for it.",
        )
    return parse_rows(TransactionJobItem, data.rows, method="GET", path=_PATH)
