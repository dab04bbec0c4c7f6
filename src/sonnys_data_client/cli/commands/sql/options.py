"""`sonnys sql`: ask the archive. Its options; `asking` does it."""

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
    out: Annotated[Path | None, Parameter(name=("--out", "-o"))] = None,
    format: Literal["table", "ndjson", "csv", "parquet"] | None = None,
    session: Given,
) -> None:
    """Ask the archive a question in SQL; without one, list what can be asked about.

    Needs no account and sends nothing; a sync that runs meanwhile does not disturb it. The answer is a table in a
    terminal, and NDJSON in a pipe. It is DuckDB's SQL.

    Args:
        query: The question.
        file: A file that holds the question.
        out: A file for the answer. Its ending says the format: .ndjson, .csv or .parquet.
        format: The format, where no file's name says it.
        session: The archive.

    Examples:
        sonnys sql
        sonnys sql "SELECT business_date, count(*), sum(total) FROM transactions GROUP BY ALL ORDER BY ALL"
        sonnys sql "SELECT * FROM transaction_tenders WHERE date >= '2026-03-01'" --out tenders.csv
        sonnys sql --file question.sql
    """
    from sonnys_data_client.cli.commands.sql.run import run

    run(session, query, file, out=out, wish=format)
