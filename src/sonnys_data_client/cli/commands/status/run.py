"""What `sonnys status` shows: a calendar with a column for each week.

```text
      Jun      Jul       Aug
Mon   x x . . # # # # # # # #
Tue   x x . # # # # # # # # #
...
```

A sign says what the archive has of a day, so the calendar can be read without colour. The oldest week is on the left.
Weeks that do not fit beside one another go on below.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, timedelta
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.text import Text

from sonnys_data_client.archive import Coverage
from sonnys_data_client.archive.account_names import looks_like_value
from sonnys_data_client.archive.evidence import State
from sonnys_data_client.cli.dates import read_when
from sonnys_data_client.cli.errors import Alarm, Refusal
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.screen import (
    DECIDE,
    disputes_in_words,
    results,
    say,
    screen,
    styled,
    values_not_parsed,
)
from sonnys_data_client.cli.wording import quoted
from sonnys_data_client.engine.moments import FIRST_DAY
from sonnys_data_client.sync import expiry_warnings
from sonnys_data_client.sync.planning import check_days
from sonnys_data_client.words import counted, plural

__all__ = ["calendar", "run"]

_SIGNS: Mapping[State, tuple[str, str, str]] = {
    "complete": ("■", "#", "green"),
    "partial": ("▪", "+", "yellow"),
    "disputed": ("!", "!", "bold red"),
    "missing": ("·", ".", "red"),
    "aged out": ("×", "x", "dim"),
}
"""For each state: its sign, its sign in ASCII, and its style."""
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LABEL_WIDTH = 5
_WEEK_WIDTH = 2
_WEEK = timedelta(days=7)
_TOLD_MAX = 5


def run(session: Session, *, account: str | None, when: str | None, warn_days: int, as_json: bool) -> None:
    """Show what the archive has.

    Raises:
        ArchiveError: There is no archive, or it is damaged.
        ValidationError: `when` or `warn_days` is wrong.
        Refusal: The archive has no such account.
        Alarm: Nothing was read yet, the server will soon forget days that are not complete, or something is disputed.
    """
    check_days("warn_days", warn_days)
    archive = session.open_archive()
    if account is not None and account not in (accounts := archive.accounts()):
        there = f"it must be one of {', '.join(accounts)}" if accounts else "it has none yet"
        raise Refusal(f"--account {quoted(account)} is not an account of the archive; {there}.")
    span = None if when is None else read_when(when, session.now(UTC), "when")
    start = None if span is None or span.first == FIRST_DAY else span.start.date()
    end = None if span is None else span.end.date()
    days = archive.coverage(account, start=start, end=end, now=session.now(UTC).timestamp())
    disputes = archive.disputes(account, start=start or date.min, end=end or date.max)
    if not days:
        raise Alarm(f"Nothing has been read into {archive.address} yet.", "Run sonnys sync.")
    if as_json:
        print(json.dumps([_as_json(day) for day in days], default=str, indent=1))
    else:
        _show(days, archive.address, results())
    for name in sorted({day.account for day in days}):
        if looks_like_value(name):
            say(
                screen(),
                f"Warning: other tools that read the folders may take the account's name {quoted(name)} for a number, "
                "a date or nothing. Have them read the column account as text.",
                style="yellow",
            )
    warnings = expiry_warnings(days, warn_days)
    hints = ["Run sonnys sync before that."] if warnings else []
    if disputes:
        warnings.append(disputes_in_words(disputes))
        hints.append(DECIDE)
    if warnings:
        raise Alarm(f"{'; '.join(warnings)}.", " ".join(hints))


def _as_json(day: Coverage) -> dict[str, Any]:
    """Return what is known of a day, without the digests of disputed rows: nobody reads thousands of them."""
    said = asdict(day)
    if said["dispute"] is not None:
        del said["dispute"]["lacking"]
    return said


def _show(days: Sequence[Coverage], address: str, console: Console) -> None:
    say(console, f"The archive at {address}, by UTC day:")
    for account, of_account in groupby(days, key=lambda day: day.account):
        its_days = list(of_account)
        console.print()
        rows = sum(day.rows for day in its_days)
        say(console, f"{account}: {counted(rows, 'transaction')}", style="bold")
        for line in calendar(its_days, width=console.width, ascii_only=console.options.ascii_only):
            console.print(line)
        console.print(_legend(its_days, ascii_only=console.options.ascii_only))
        _show_what_is_lacking(its_days, console)
        open_days = [day for day in its_days if day.state in {"partial", "disputed"}]
        for day in open_days[-_TOLD_MAX:]:
            say(console, f"{day.day}: {counted(day.rows, 'row')}; {day.why}", style="dim")
        more = len(open_days) - _TOLD_MAX
        if more > 0:
            say(
                console,
                f"{more} more {plural(more, 'day is', 'days are')} not complete: --json shows all.",
                style="dim",
            )


def _show_what_is_lacking(days: Sequence[Coverage], console: Console) -> None:
    if quarantined := sum(day.quarantined for day in days):
        shown = "sonnys sql 'FROM quarantine' shows " + plural(quarantined, "it", "them")
        say(console, f"{counted(quarantined, 'row')} could not be parsed; {shown}.")
    if lacking := sum(day.lacks_statuses for day in days):
        say(console, f"{counted(lacking, 'day has', 'days have')} no statuses yet: the next sync reads them.")
    values = Counter[str]()
    for day in days:
        values.update(day.unparsed_values)
    if values:
        say(console, values_not_parsed(values, "the column raw has"))


def calendar(days: Sequence[Coverage], *, width: int, ascii_only: bool = False) -> Iterator[Text]:
    """Draw one account's days.

    Args:
        days: Its days, oldest first.
        width: Columns of the terminal.
        ascii_only: Use signs that every terminal can show.
    """
    by_day = {day.day: day for day in days}
    if not by_day:
        return
    first, last = min(by_day), max(by_day)
    monday = first - timedelta(days=first.weekday())
    weeks = [monday + number * _WEEK for number in range((last - monday).days // 7 + 1)]
    band = max(1, (width - _LABEL_WIDTH) // _WEEK_WIDTH)
    for start in range(0, len(weeks), band):
        shown = weeks[start : start + band]
        yield styled(_months(shown), "dim")
        for weekday, name in enumerate(_WEEKDAYS):
            line = styled(name.ljust(_LABEL_WIDTH), "dim")
            for week in shown:
                day = by_day.get(week + timedelta(days=weekday))
                line.append(*(_sign(day.state, ascii_only=ascii_only) if day else (" ", "")))
                line.append(" ")
            line.rstrip()
            yield line


def _months(weeks: Sequence[date]) -> str:
    """The names of the months above the weeks in which they begin, as far as there is room for them."""
    ends = [week + timedelta(days=6) for week in weeks]
    starts = [place for place, end in enumerate(ends) if end.day <= 7]
    if not starts or starts[0] * _WEEK_WIDTH > len("Jan"):
        starts = [0, *starts]  # the month that had begun before
    line = " " * _LABEL_WIDTH
    for place in starts:
        column = _LABEL_WIDTH + place * _WEEK_WIDTH
        line = f"{line.ljust(column)}{ends[place]:%b}" if column >= len(line) else line
    return line


def _legend(days: Sequence[Coverage], *, ascii_only: bool) -> Text:
    counts = Counter(day.state for day in days)
    legend = styled("")
    for state in _SIGNS:
        if counts[state]:
            legend.append(*_sign(state, ascii_only=ascii_only))
            legend.append(f" {counts[state]} {state}   ")
    legend.rstrip()
    return legend


def _sign(state: State, *, ascii_only: bool) -> tuple[str, str]:
    drawn, plain, style = _SIGNS[state]
    return plain if ascii_only else drawn, style
