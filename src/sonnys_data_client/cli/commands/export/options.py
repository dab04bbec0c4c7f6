"""`sonnys export`: transactions of any range, to a file or a pipe. The options and the help; `run` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from sonnys_data_client.cli.session import Given
from sonnys_data_client.cli.wording import StandsFor

__all__ = ["export"]


def export(
    when: Annotated[str, StandsFor("startDate", "endDate")],
    /,
    *,
    out: Annotated[Path | None, Parameter(name=("--out", "-o"))] = None,
    format: Literal["ndjson", "json", "csv", "xlsx", "parquet"] | None = None,
    csv_for: Literal["excel"] | None = None,
    decimals: Literal["number", "text"] = "number",
    table: Literal["transactions", "items", "tenders", "discounts"] = "transactions",
    site: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False), StandsFor("site", "sites")] = (),
    timezone: str | None = None,
    strict: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    plan: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    session: Given,
) -> None:
    """Write all transactions of a day, a month or any range within six months.

    Without `--out` the rows go to standard output as they come. In a file they are ordered by time, and the file
    appears when it is whole. If the export is stopped, or some rows cannot be read, those that came are kept beside it
    in a file called `...incomplete.ndjson`. The same command then goes on where it stopped.

    A row whose id, time or total cannot be parsed is not in the file. It is kept as it came in `...unparsed.ndjson`
    beside it, and the exit code is 4. Any other value that cannot be parsed is left empty, and is kept in its row under
    `(unparsed)`; in CSV, XLSX and Parquet that is in the column otherFields.

    CSV and XLSX have one row for each transaction, or with `--table` one for each item, tender or discount. NDJSON and
    Parquet hold transactions whole, with their lists.

    Args:
        when: A day or range, such as yesterday, 2026-03, last-30-days or 2026-03-08..2026-03-14.
        out: The file. Its ending names the format: .ndjson, .json, .csv, .xlsx or .parquet.
        format: The format, if the file's name does not say it.
        csv_for: The program that CSV is for: with excel, ids and codes stay text, and instants are times in UTC.
        decimals: In JSON, how to write amounts: as a number where it is exact, or always as text with all their digits.
        table: What a row is.
        site: Code of the only site to read; may be repeated.
        timezone: Time zone of the days; if left out, the profile's, else each site's own.
        strict: If a row cannot be parsed, do not write the file, and exit with 1.
        plan: Say how many requests and minutes the export would take, and stop.
        session: The account.

    Examples:
        sonnys export yesterday --out yesterday.csv
        sonnys export 2026-03 --out march.parquet
        sonnys export 2026-03 --out march.xlsx
        sonnys export last-month --table tenders --out tenders.csv
        sonnys export last-30-days --plan
        sonnys export today --site MAIN | head
    """
    from sonnys_data_client.cli.commands.export.run import Wish, run
    from sonnys_data_client.cli.show.files import Style

    style = Style(csv_for, decimals)
    run(Wish(when, out, format, table, site, timezone, strict, style), session, plan_only=plan)
