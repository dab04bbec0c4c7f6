"""What `sonnys export` does: check the options, read the rows, and write those that came.

```text
all rows came           FILE, whole
some cannot be parsed   FILE without them, FILE.unparsed.ndjson with these as they came, exit code 4
... with --strict       FILE.incomplete.ndjson in the place of FILE, exit code 1
some are missing        FILE.incomplete.ndjson in the place of FILE, the gaps in words, exit code 1
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
from sonnys_data_client.cli.errors import Quarantined
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.files import PLAIN, Format, Style, check_target, format_of, write_file
from sonnys_data_client.cli.show.layouts import ExportTable, Layout, flat, nested, whole
from sonnys_data_client.cli.show.progress import shown, view_of
from sonnys_data_client.cli.show.screen import say, screen, values_not_parsed
from sonnys_data_client.cli.show.spool import Spool
from sonnys_data_client.cli.show.target import INCOMPLETE, beside, keep_unparsed, keeping, say_cut, write_to_stdout
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.endpoints.export import check_sites
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.sites import fold, site_zones
from sonnys_data_client.engine.windows import row_second
from sonnys_data_client.errors import IncompleteExportError
from sonnys_data_client.resources.export import Export
from sonnys_data_client.types.record import UNPARSED
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
    strict: bool = False
    style: Style = PLAIN


def run(wish: Wish, session: Session, *, plan_only: bool) -> None:
    """Export what was asked for.

    Raises:
        Refusal, ValidationError: An option is wrong. Nothing was sent, unless only the server could tell.
        IncompleteExportError: Some rows are missing, or could not be parsed and `strict` was asked for. Those that came
            are kept.
        Quarantined: Some rows could not be parsed. All others are written.
        APIError: The API refused or could not be reached. The rows that came are kept.
        Stopped: Ctrl-C. The rows that came are kept.
    """
    kind = format_of(wish.out, wish.format)
    wish.style.check(kind)
    if wish.out is not None:
        check_target(wish.out)
    sites = check_sites(wish.site) if wish.site else None
    talk, unparsed = screen(), ""
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
                unparsed = _to_stdout(export, layout, kind, talk, wish)
            else:
                unparsed = _to_file(export, layout, kind, wish.out, talk=talk, command=session.command, wish=wish)
    if unparsed:  # outside of the block: the export itself is done, and its jobs are of no more use
        raise Quarantined(f"{unparsed}.", "--strict takes such an export for a failure.")


def _to_file(
    export: Export, layout: Layout, kind: Format, out: Path, *, talk: Console, command: str, wish: Wish
) -> str:
    """Write the file, once all rows have come. Return a clause about rows that could not be parsed, or nothing."""
    with Spool(out.parent) as spool:
        unparsed = _fill(spool, export, out, talk, command, kind=kind, wish=wish)
        with keeping(spool, out, lambda: "all pages were read", command):
            cut = _write(spool, export, layout, kind, out=out, style=wish.style)
    say_cut(cut)
    beside(out, INCOMPLETE).unlink(missing_ok=True)
    say(talk, f"{_summary(export)} Wrote {out} ({out.stat().st_size / 1000:,.0f} kB).")
    _tell_of_values(export, talk)
    return unparsed


def _write(spool: Spool, export: Export, layout: Layout, kind: Format, *, out: Path, style: Style) -> int:
    """Write the rows of a spool that are still at the server, in their layout. Return how many texts were cut."""
    doubtful = [window for window in export.report.windows if window.withdrawn]  # almost always none
    kept = (transaction for transaction in spool.in_order() if _is_kept(transaction, doubtful))
    rows = (row for transaction in kept for row in layout.rows(transaction))
    return write_file(rows, layout.columns, out, kind, style)


def _purpose(wish: Wish, when: When) -> Sequence[str]:
    """What rows are asked for, so that only the same question goes on with the jobs of a run that was killed."""
    return (repr(when.start), repr(when.end), *sorted(map(fold, wish.site)))


def _layout(kind: Format, table: ExportTable, client: SonnysClient, when: When) -> Layout:
    if table == "transactions" and kind not in {"csv", "xlsx"}:
        return nested() if kind == "parquet" else whole()
    context = client.workings.settings.context
    zones = client.workings.driver.run(site_zones(context.policy, context.findings))
    return flat(table, replace(zones, common=when.start.tzinfo))


def _to_stdout(export: Export, layout: Layout, kind: Format, talk: Console, wish: Wish) -> str:
    """Write rows as they come. The reader need not wait, and the exit code says whether all came.

    Return a clause about rows that could not be parsed, or nothing.
    """
    rows = (row for transaction in export for row in layout.rows(transaction.to_api()))
    with shown(lambda: view_of(export.progress), talk) if not sys.stdout.isatty() else nullcontext():
        write_to_stdout(rows, layout.columns, kind, wish.style)
    unparsed = keep_unparsed(export.quarantine, Path("sonnys-export"))
    say(talk, _summary(export))
    _tell_of_values(export, talk)
    _check_whole(export, unparsed, "the rows that came were written", strict=wish.strict)
    return unparsed


def _fill(spool: Spool, export: Export, out: Path, talk: Console, command: str, *, kind: Format, wish: Wish) -> str:
    """Read all rows. If some are missing, keep those that came in a file of their own.

    Return a clause about rows that could not be parsed, or nothing.
    """
    progress = export.progress

    def how_far() -> str:
        pages = plural(progress.pages_known, "page was", "pages were")
        return f"{progress.pages_done} of {progress.pages_known} {pages} read"

    with keeping(spool, out, how_far, command), shown(lambda: view_of(progress), talk):
        for transaction in export:
            (row,) = wish.style.ready([transaction.to_api()], kind)
            spool.add(row, transaction.complete_date)
    unparsed = keep_unparsed(export.quarantine, out)
    incomplete = beside(out, INCOMPLETE)
    if not export.report.complete or (wish.strict and unparsed):
        spool.keep(incomplete)
    _check_whole(export, unparsed, f"the rows that came are in {incomplete}", strict=wish.strict)
    return unparsed


def _is_kept(transaction: dict[str, Any], windows: Iterable[WindowReport]) -> bool:
    """Tell whether a transaction was still at the server when its window had been read."""
    return all(window.holds(transaction) or not window.window.covers(row_second(transaction)) for window in windows)


def _summary(export: Export) -> str:
    report, pages = export.report, export.progress.pages_done
    counts = ((report.rows, "transaction"), (pages, "page"), (report.requests, "request"), (report.refusals, "429"))
    return ", ".join(f"{count:,} {plural(count, noun)}" for count, noun in counts) + "."


def _tell_of_values(export: Export, talk: Console) -> None:
    if export.report.unparsed_values:
        say(talk, values_not_parsed(export.report.unparsed_values, f"{UNPARSED} in their rows has"))


def _check_whole(export: Export, unparsed: str, kept: str, *, strict: bool) -> None:
    gaps = [str(gap) for gap in export.report.gaps]
    if not gaps and not (strict and unparsed):
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
