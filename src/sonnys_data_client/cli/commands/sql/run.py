"""What `sonnys sql` does: query the archive, and write the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from decimal import Decimal
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import Any, Literal, TypeVar

from rich.padding import Padding
from rich.text import Text

from sonnys_data_client.archive import Answer, Archive
from sonnys_data_client.archive.queries import VIEWS
from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.layouts import TEXT
from sonnys_data_client.cli.show.screen import results, say
from sonnys_data_client.cli.show.target import Target, Wish, put, target_of
from sonnys_data_client.cli.wording import quoted

__all__ = ["run"]

T = TypeVar("T")

_INTERRUPT_EVERY_S = 0.05
_EXACT_INT_MAX = 2**53
"""The largest whole number up to which a double holds every one (RFC 8259, section 6)."""

Decimals = Literal["number", "text"]


def run(
    session: Session,
    query: str | None,
    file: Path | None = None,
    *,
    out: Path | None,
    wish: Wish | None,
    decimals: Decimals = "number",
) -> None:
    """Query the archive, or list its views.

    Raises:
        Refusal, ValidationError: The query or the target is wrong.
        ArchiveError: There is no archive, or it cannot be read.
    """
    if file is not None:
        if query is not None:
            raise Refusal("QUERY and --file both give a query.", "Leave one of the two out.")
        try:
            query = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise Refusal(f"--file {quoted(file)} is not text in UTF-8.", "Save it as UTF-8.") from None
    target = target_of(out, wish, session.command)
    archive = session.open_archive()
    if query is None:
        _list(archive, target)
        return
    if not query.strip():
        raise Refusal("The query is empty.", "Give a SELECT. sonnys sql alone lists the views that can be queried.")
    with archive.sql(query) as answer:
        twice = [name for name, times in Counter(answer.columns).items() if times > 1]
        if twice:
            raise Refusal(
                f"Several columns of the answer are called {quoted(twice[0])}.", "Give each a name of its own, with AS."
            )
        rows = _rows(answer)
        if target.format in ("ndjson", "json"):
            rows = (_in_json(row, decimals) for row in rows)
        put(rows, dict(zip(answer.columns, answer.types, strict=True)), target)


def _list(archive: Archive, target: Target) -> None:
    """List the views and their columns; on a terminal, in a form that wraps."""
    views = {view: _columns(archive, view) for view in VIEWS}
    if target.format is None:
        for view, columns in views.items():
            say(results(), view, style="bold")
            results().print(Padding(Text(columns, style="dim"), (0, 0, 0, 4)))
    else:
        rows = ({"view": view, "columns": columns} for view, columns in views.items())
        put(rows, {"view": TEXT, "columns": TEXT}, target)


def _rows(answer: Answer) -> Iterator[dict[str, Any]]:
    rows = iter(answer)
    first = _waited_for(lambda: next(rows, None), answer)
    for row in () if first is None else chain([first], rows):
        yield dict(zip(answer.columns, row, strict=True))


def _in_json(value: Any, decimals: Decimals) -> Any:
    """Return a value with numbers as numbers if a reader gets them back exactly, and as text if not.

    Most readers of JSON take every number for a double.
    """
    if isinstance(value, dict):
        return {name: _in_json(part, decimals) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_in_json(part, decimals) for part in value]
    if isinstance(value, Decimal):
        number = float(value)
        return number if decimals == "number" and Decimal(repr(number)) == value else str(value)
    if isinstance(value, int) and abs(value) > _EXACT_INT_MAX:
        return str(value)
    return value


def _waited_for(find: Callable[[], T], answer: Answer) -> T:
    """Wait for the database in another thread, because DuckDB does not react to Ctrl-C; interrupt it then.

    The thread is a daemon, so that a Ctrl-C while it starts does not leave the process waiting for the whole query.
    """
    found: Future[T] = Future()

    def work() -> None:
        try:
            found.set_result(find())
        except BaseException as problem:  # noqa: BLE001 - raised again in the thread that waits
            found.set_exception(problem)

    thread = Thread(target=work, daemon=True)
    try:
        thread.start()
        return found.result()
    except KeyboardInterrupt:
        while thread.is_alive():  # DuckDB forgets an interrupt that comes before its query begins
            answer.interrupt()
            thread.join(_INTERRUPT_EVERY_S)
        raise


def _columns(archive: Archive, view: str) -> str:
    with archive.table(view) as answer:
        return ", ".join(answer.columns)
