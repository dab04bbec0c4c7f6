"""What `sonnys sql` does: query the archive, and write the answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from rich.padding import Padding

from sonnys_data_client.archive import Answer, Archive
from sonnys_data_client.archive.descriptions import ColumnDescription, ViewDescription
from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.files import PLAIN, Style
from sonnys_data_client.cli.show.layouts import TEXT
from sonnys_data_client.cli.show.screen import results, say, styled
from sonnys_data_client.cli.show.target import Target, Wish, put, target_of
from sonnys_data_client.cli.wording import quoted

__all__ = ["run"]

T = TypeVar("T")

_ALL_VIEWS = "sonnys sql alone lists the views."

_INTERRUPT_EVERY_S = 0.05


def run(
    session: Session,
    query: str | None,
    file: Path | None = None,
    *,
    out: Path | None,
    wish: Wish | None,
    describe: bool = False,
    style: Style = PLAIN,
    allow_outside: bool = False,
) -> None:
    """Query the archive, list its views, or describe them.

    Raises:
        Refusal, ValidationError: The query or the target is wrong.
        ArchiveError: There is no archive, or it cannot be read.
    """
    if describe:
        if file is not None:
            raise Refusal("--describe and --file exclude each other.", "Leave one of the two out.")
        _describe(_views_called(query), target_of(out, wish, session.command, style))
        return
    if file is not None:
        if query is not None:
            raise Refusal("QUERY and --file both give a query.", "Leave one of the two out.")
        try:
            query = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise Refusal(f"--file {quoted(file)} is not text in UTF-8.", "Save it as UTF-8.") from None
    target = target_of(out, wish, session.command, style)
    archive = session.open_archive()
    if query is None:
        _list(target)
        return
    if not query.strip():
        raise Refusal("The query is empty.", "Give a SELECT. sonnys sql alone lists the views that can be queried.")
    with archive.sql(query, allow_outside=allow_outside) as answer:
        twice = [name for name, times in Counter(answer.columns).items() if times > 1]
        if twice:
            raise Refusal(
                f"Several columns of the answer are called {quoted(twice[0])}.", "Give each a name of its own, with AS."
            )
        put(_rows(answer), dict(zip(answer.columns, answer.types, strict=True)), target)


def _views_called(name: str | None) -> list[ViewDescription]:
    """Return the description of a view, or of all.

    Raises:
        Refusal: There is no such view.
    """
    every = Archive.describe()
    if name is None:
        return list(every.values())
    view = name.strip().lower()  # as SQL takes names
    if view not in every:
        near = get_close_matches(view, every, 1)
        did_you_mean = f" Did you mean {near[0]}?" if near else ""
        raise Refusal(f"--describe takes the name of a view, and {quoted(name)} is none.{did_you_mean}", _ALL_VIEWS)
    return [every[view]]


def _describe(views: Sequence[ViewDescription], target: Target) -> None:
    """Explain views and their columns; on a terminal, in a form that wraps."""
    if target.format is None:
        for view in views:
            say(results(), view.name, style="bold")
            results().print(Padding(styled(view.about), (0, 0, 0, 4)))
            for column in view.columns:
                words = styled(column.name).append_text(styled(f"  {_short(column.kind)}", "dim"))
                words.append_text(styled(f"  {column.about}"))
                results().print(Padding(words, (0, 0, 0, 4)))
    else:
        rows = (
            {"view": view.name, "column": column.name, "type": column.kind, "about": column.about}
            for view in views
            for column in (ColumnDescription("", "", view.about), *view.columns)
        )
        put(rows, dict.fromkeys(("view", "column", "type", "about"), TEXT), target)


def _short(kind: str) -> str:
    """Write a type without the fields of its records."""
    return re.sub(r"STRUCT\(.*\)", "STRUCT", kind)


def _list(target: Target) -> None:
    """List the views and their columns; on a terminal, in a form that wraps."""
    views = {view.name: ", ".join(column.name for column in view.columns) for view in Archive.describe().values()}
    if target.format is None:
        for view, columns in views.items():
            say(results(), view, style="bold")
            results().print(Padding(styled(columns, "dim"), (0, 0, 0, 4)))
    else:
        rows = ({"view": view, "columns": columns} for view, columns in views.items())
        put(rows, {"view": TEXT, "columns": TEXT}, target)


def _rows(answer: Answer) -> Iterator[dict[str, Any]]:
    rows = iter(answer)
    first = _waited_for(lambda: next(rows, None), answer)
    for row in () if first is None else chain([first], rows):
        yield dict(zip(answer.columns, row, strict=True))


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
