"""`sonnys export`: transactions of any range, to a file or a pipe. Its options; `exporting` does it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from sonnys_data_client.cli.session import Given

__all__ = ["export"]


def export(
    when: str,
    /,
    *,
    out: Annotated[Path | None, Parameter(name=("--out", "-o"))] = None,
    format: Literal["ndjson", "csv", "parquet"] | None = None,
    table: Literal["transactions", "items", "tenders", "discounts"] = "transactions",
    site: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    timezone: str | None = None,
    plan: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    session: Given,
) -> None:
    """Write all transactions of a day, a month or any range within six months.

    Without `--out` the rows go to standard output as they come; in a file they are ordered by time. A file appears
    when it is whole. If an export is stopped, or something cannot be had, what had come is kept beside it in a file
    called `...incomplete.ndjson`; the same command goes on where it was.

    CSV has one row for each transaction, or with `--table` for each item, tender or discount. NDJSON and Parquet hold
    transactions whole, with their lists.

    Args:
        when: Such as yesterday, 2026-03-08, 2026-03, last-30-days, or 2026-03-08..2026-03-14.
        out: The file. Its ending says the format: .ndjson, .csv or .parquet.
        format: The format, where no file's name says it.
        table: One row for each of these.
        site: Only this site, by its code; may be repeated.
        timezone: Zone whose days are meant; if left out, the profile's, else that of most sites.
        plan: Say how many requests and minutes it would take, and stop.
        session: The account.

    Examples:
        sonnys export yesterday --out yesterday.csv
        sonnys export 2026-03 --out march.parquet
        sonnys export last-month --table tenders --out tenders.csv
        sonnys export last-30-days --plan
        sonnys export today --site MAIN | head
    """
    from sonnys_data_client.cli.commands.export.run import Wish, run

    run(Wish(when, out, format, table, site, timezone), session, plan_only=plan)
