"""What `sonnys export` does: check the options, read the rows, and write those that came.

```text
all rows came           FILE, whole
some are missing        FILE.incomplete.ndjson, the gaps in words, exit code 1
some cannot be parsed   FILE.unparsed.ndjson as well, with the raw rows, and exit code 1
stopped, or failed      FILE.incomplete.ndjson, and FILE.jobs, with which the same command goes on
killed                  FILE.jobs, likewise
```
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from sonnys_data_client.cli.commands.export.shelf import kept_jobs
from sonnys_data_client.cli.dates import When
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.files import Format, check_target, format_of, write_csv, write_file, write_ndjson
from sonnys_data_client.cli.show.layouts import ExportTable, Layout, flat, nested, whole
from sonnys_data_client.cli.show.progress import shown, view_of
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.cli.show.spool import Spool
from sonnys_data_client.cli.show.target import INCOMPLETE, beside, keeping
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.endpoints.export import check_sites
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.sites import fold, site_zones
from sonnys_data_client.engine.windows import row_second
from sonnys_data_client.errors import IncompleteExportError
from sonnys_data_client.resources.export import Export
from sonnys_data_client.resources.inbox import QuarantinedRow
from sonnys_data_client.words import plural

__all__ = ["Wish", "run"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for; `export` in `options` says what each field is."""

    when: str
    out: Path | None = None
    format: Format | None = None
    table: ExportTable = "transactions"
    site: tuple[str, ...] = ()
    timezone: str | None = None


def run(wish: Wish, session: Session, *, plan_only: bool) -> None:
    """Export what was asked for.

    Raises:
        Refusal, ValidationError: An option is wrong. Nothing was sent, unless only the server could tell.
        IncompleteExportError: Some rows are missing. Those that came are kept.
        APIError: The API refused or could not be reached. The rows that came are kept.
        Stopped: Ctrl-C. The rows that came are kept.
    """
    kind = format_of(wish.out, wish.format)
    if wish.out is not None:
        check_target(wish.out)
    sites = check_sites(wish.site) if wish.site else None
    talk = screen()
    with session.client(timezone=session.named_zone(wish.timezone)) as client:
        when = session.when(wish.when, client, sites[0] if sites and len(sites) == 1 else None, history=True)
        plan = client.transactions.export(when.first, when.last, sites=sites).plan()
        if plan_only:
            print(plan)
            return
        with (
            kept_jobs(wish.out, client.workings.settings.account.owner, _purpose(wish, when)) as shelf,
            client.transactions.export(when.first, when.last, sites=sites, on_gap="report", shelf=shelf) as export,
        ):
            say(talk, f"Reading {plan}.")
            layout = _layout(kind, wish.table, client, when)
            if wish.out is None:
                _to_stdout(export, layout, kind, talk)
                return
            with Spool(wish.out.parent) as spool:
                _fill(spool, export, wish.out, talk, session.command)
                doubtful = [window for window in export.report.windows if window.withdrawn]  # almost always none
                kept = (transaction for transaction in spool.in_order() if _is_kept(transaction, doubtful))
                rows = (row for transaction in kept for row in layout.rows(transaction))
                write_file(rows, layout.columns, wish.out, kind)
            beside(wish.out, INCOMPLETE).unlink(missing_ok=True)
            say(talk, f"{_summary(export)} Wrote {wish.out} ({wish.out.stat().st_size / 1000:,.0f} kB).")


def _purpose(wish: Wish, when: When) -> Sequence[str]:
    """What rows are asked for, so that only the same question goes on with the jobs of a run that was killed."""
    return (repr(when.start), repr(when.end), *sorted(map(fold, wish.site)))


def _layout(kind: Format, table: ExportTable, client: SonnysClient, when: When) -> Layout:
    if table == "transactions" and kind != "csv":
        return nested() if kind == "parquet" else whole()
    context = client.workings.settings.context
    zones = client.workings.driver.run(site_zones(context.policy, context.findings))
    return flat(table, replace(zones, common=when.start.tzinfo))


def _to_stdout(export: Export, layout: Layout, kind: Format, talk: Console) -> None:
    """Write rows as they come. The reader need not wait, and the exit code says whether all came."""
    rows = (row for transaction in export for row in layout.rows(transaction.to_api()))
    with shown(lambda: view_of(export.progress), talk) if not sys.stdout.isatty() else nullcontext():
        if kind == "csv":
            write_csv(rows, layout.columns, sys.stdout)
        else:
            write_ndjson(rows, sys.stdout)
    unparsed = _keep_unparsed(export.quarantine, Path("sonnys-export"))
    say(talk, _summary(export))
    _check_whole(export, unparsed, "the rows that came were written")


def _fill(spool: Spool, export: Export, out: Path, talk: Console, command: str) -> None:
    """Read all rows. If some cannot be read, keep those that came in a file of their own."""
    progress = export.progress

    def how_far() -> str:
        pages = plural(progress.pages_known, "page was", "pages were")
        return f"{progress.pages_done} of {progress.pages_known} {pages} read"

    with keeping(spool, out, how_far, command), shown(lambda: view_of(progress), talk):
        for transaction in export:
            spool.add(transaction.to_api(), transaction.complete_date)
    unparsed = _keep_unparsed(export.quarantine, out)
    incomplete = beside(out, INCOMPLETE)
    if unparsed or not export.report.complete:
        spool.keep(incomplete)
    _check_whole(export, unparsed, f"the rows that came are in {incomplete}")


def _is_kept(transaction: dict[str, Any], windows: Iterable[WindowReport]) -> bool:
    """Tell whether a transaction was still at the server when its window had been read."""
    return all(window.holds(transaction) or not window.window.covers(row_second(transaction)) for window in windows)


def _summary(export: Export) -> str:
    report, pages = export.report, export.progress.pages_done
    counts = ((report.rows, "transaction"), (pages, "page"), (report.requests, "request"), (report.refusals, "429"))
    return ", ".join(f"{count:,} {plural(count, noun)}" for count, noun in counts) + "."


def _keep_unparsed(unparsed: Sequence[QuarantinedRow], path: Path) -> str:
    """Write the rows that could not be parsed to a file; returns a clause that says so, empty if there are none."""
    if not unparsed:
        return ""
    file = beside(path, "unparsed.ndjson")
    with file.open("w", encoding="utf-8") as text:
        write_ndjson(({"reason": row.reason, "raw": row.raw} for row in unparsed), text)
    rows, are = plural(len(unparsed), "row"), plural(len(unparsed), "it is", "they are")
    return f"{len(unparsed)} {rows} could not be parsed, and {are} raw in {file}"


def _check_whole(export: Export, unparsed: str, kept: str) -> None:
    gaps = [str(gap) for gap in export.report.gaps]
    if not gaps and not unparsed:
        return
    parts = plural(len(gaps), "part")
    missing = f"{len(gaps)} {parts} of the range could not be read whole ({gaps[0]}); {kept}" if gaps else ""
    what = "; ".join(filter(None, (missing, unparsed)))
    raise IncompleteExportError(
        f"The export is not complete: {what}.",
        gaps=gaps,
        report=export.report,
        remedy="Run it again later. -v lists what is missing." if gaps else "",
    )
