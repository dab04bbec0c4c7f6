"""`sonnys sql`: ask the archive. The options and the help; `run` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from sonnys_data_client.cli.session import Given

__all__ = ["sql"]


def sql(
    query: str | None = None,
    /,
    *,
    file: Path | None = None,
    describe: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    out: Annotated[Path | None, Parameter(name=("--out", "-o"))] = None,
    format: Literal["table", "ndjson", "json", "csv", "xlsx", "parquet"] | None = None,
    csv_for: Literal["excel"] | None = None,
    decimals: Literal["number", "text"] = "number",
    allow_outside: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    session: Given,
) -> None:
    """Query the archive in SQL; without a query, list its views and their columns.

    Needs no account and sends nothing. A sync may run at the same time. The answer is a table in a terminal, and NDJSON
    in a pipe. The language is DuckDB's SQL.

    The name of a list that is archived again and again, such as sites, shows its newest snapshot; sites_history shows
    all, by date.

    In JSON, a number that a program reads back exactly is a number, and any other is text with all its digits.

    Args:
        query: The query; with --describe, a view.
        file: A file that holds the query.
        describe: Explain a view and its columns, or all views, in the place of a query. Needs no archive.
        out: A file for the answer. Its ending names the format: .ndjson, .json, .csv, .xlsx or .parquet.
        format: The format, if the file's name does not say it.
        csv_for: The program that CSV is for: with excel, ids and codes stay text, and instants are times in UTC.
        decimals: In JSON, how to write amounts: as a number where it is exact, or always as text with all their digits.
        allow_outside: Let the query read files and addresses outside of the archive, too, with your rights.
        session: The archive.

    Examples:
        sonnys sql
        sonnys sql --describe transactions
        sonnys sql "SELECT business_date, count(*), sum(total) FROM transactions GROUP BY ALL ORDER BY ALL"
        sonnys sql "SELECT * FROM transaction_tenders WHERE date >= '2026-03-01'" --out tenders.xlsx
        sonnys sql --file question.sql
    """
    from sonnys_data_client.cli.commands.sql.run import run
    from sonnys_data_client.cli.show.files import Style

    style = Style(csv_for, decimals)
    run(session, query, file, describe=describe, out=out, wish=format, style=style, allow_outside=allow_outside)
