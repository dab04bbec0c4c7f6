"""How `sonnys job` goes: handles come from standard input, and what is read goes to standard output."""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Any

from sonnys_data_client import SonnysClient, ValidationError
from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.files import write_ndjson
from sonnys_data_client.cli.screen import say, screen
from sonnys_data_client.cli.session import Session
from sonnys_data_client.client.sync import Job
from sonnys_data_client.endpoints.jobs import JobPageParams
from sonnys_data_client.models import TransactionJobItem, parse_rows

__all__ = ["print_result", "print_status", "submit_page"]

_FROM_STDIN = "-"
_PATH = "/transaction/get-job-data"


def submit_page(session: Session, when: str, *, site: str | None, page: int, limit: int, timezone: str | None) -> None:
    """Submit a page's job and print its handle."""
    with session.client() as client:
        span = session.when(when, timezone, cache(client.sites.list))
        params: JobPageParams = {"startDate": span.start, "endDate": span.end, "limit": limit, "offset": page}
        if site is not None:
            params["site"] = site
        print(json.dumps(client.transactions.submit_job(**params).to_dict()))


def print_status(session: Session, hash_: str) -> None:
    """Print one word: how the job is."""
    with session.client() as client:
        if hash_ == _FROM_STDIN:
            print(_job(client).status())
        else:
            print(client.transactions.get_job_data(hash_).status)


def print_result(session: Session, hash_: str, *, wait_s: float) -> None:
    """Wait for a job, and print its rows."""
    with session.client() as client:
        rows = _job(client).result(timeout=wait_s) if hash_ == _FROM_STDIN else _rows_of_hash(client, hash_)
    write_ndjson((row.to_api() for row in rows), sys.stdout)
    say(screen(), f"{len(rows)} rows.")


def _job(client: SonnysClient) -> Job:
    """The job whose handle is on standard input."""
    try:
        handle: Any = json.loads(sys.stdin.read())
    except ValueError:
        raise Refusal("Standard input holds no handle: give it what sonnys job submit printed.") from None
    try:
        return client.transactions.job(handle)
    except ValidationError:
        raise Refusal("Standard input holds no job's handle: give it what sonnys job submit printed.") from None


def _rows_of_hash(client: SonnysClient, hash_: str) -> list[TransactionJobItem]:
    """The rows of a job of which nothing is known but its hash: no window to submit again, so it is asked once."""
    data = client.transactions.get_job_data(hash_)
    if data.status != "pass":
        raise Refusal(f"The job is not done ({data.status}): ask again, or give its handle to have it waited for.")
    return parse_rows(TransactionJobItem, data.rows, method="GET", path=_PATH)
