"""How `sonnys job` goes."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from sonnys_data_client import SonnysClient
from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.files import write_ndjson
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.endpoints.jobs import JobParams
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.types import TransactionJobItem, parse_rows

__all__ = ["print_result", "print_status", "submit_page"]

_PATH = "/transaction/get-job-data"


def submit_page(session: Session, when: str, *, site: str | None, page: int, limit: int, timezone: str | None) -> None:
    """Submit a page's job and print its handle."""
    with session.client() as client:
        span = session.when(when, timezone, cache(client.sites.list))
        params: JobParams = {"startDate": span.start, "endDate": span.end, "limit": limit, "offset": page}
        if site is not None:
            params["site"] = site
        print(json.dumps(client.transactions.submit_job(**params).to_dict()))


def print_status(session: Session, hash_: str | None, handle: Path | None) -> None:
    """Print one word: how the job is.

    Raises:
        Refusal: It is not said which job, or what the file holds is no handle.
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
        Refusal: It is not said which job, or what the file holds is no handle.
    """
    which = _which(hash_, handle)
    with session.client() as client:
        if isinstance(which, str):
            rows = _rows_of_hash(client, which)
        else:
            rows = client.transactions.job(which).result(timeout=wait_s)
    write_ndjson((row.to_api() for row in rows), sys.stdout)
    say(screen(), f"{len(rows)} rows.")


def _which(hash_: str | None, handle: Path | None) -> str | dict[str, Any]:
    """The job that is meant: its hash, or its handle."""
    if handle is None and hash_ is not None:
        return hash_
    if handle is None or hash_ is not None:
        raise Refusal("Say which job: by its hash, or by a file with --handle.")
    try:
        found = json.loads(handle.read_text(encoding="utf-8"))
        Handle.from_dict(found)
    except ValueError:
        raise Refusal(f"{handle} holds no job's handle: give a file with what sonnys job submit printed.") from None
    return dict(found)


def _rows_of_hash(client: SonnysClient, hash_: str) -> list[TransactionJobItem]:
    """The rows of a job of which nothing is known but its hash: no window to submit again, so it is asked once."""
    data = client.transactions.get_job_data(hash_)
    if data.status != "pass":
        raise Refusal(f"The job is not done ({data.status}): ask again, or give its handle to have it waited for.")
    return parse_rows(TransactionJobItem, data.rows, method="GET", path=_PATH)
