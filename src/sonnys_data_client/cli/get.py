"""`sonnys get`: any resource. Its commands and their options are read off the catalogue, so none can be missing.

| in the catalogue                    | on the command line                        |
|-------------------------------------|--------------------------------------------|
| `customers.list`, `customers.get`   | `sonnys get customers [ID]`                |
| `recurring.list_status_changes`     | `sonnys get recurring-status-changes`      |
| `startDate`, `endDate`              | `--start-date`, `--end-date`, or `--when`  |
| the word `Tag Added`                | `tag-added`                                |

This module knows the catalogue, and so the client: `app` imports it only when it is called for.
"""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from inspect import Parameter as Slot
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

from cyclopts import App, Parameter

from sonnys_data_client.cli.family import Command, Family
from sonnys_data_client.cli.session import Given
from sonnys_data_client.client.catalog import Entry, catalog
from sonnys_data_client.client.catalog import Parameter as Takes

__all__ = ["FAMILY", "GET", "words_of"]

_HELP = "Get any resource: customers, items, employees, memberships and more."
_OUTPUT = {
    "out": (Annotated[Path | None, Parameter(name=("--out", "-o"))], "A file. Its ending says the format."),
    "format": (
        Literal["table", "ndjson", "csv", "parquet"] | None,
        "The format: a table in a terminal, NDJSON in a pipe, if left out.",
    ),
}
_TIME = {
    "when": (str | None, "Both ends of the range: yesterday, 2026-03, last-30-days, 2026-03-08..2026-03-14."),
    "timezone": (str | None, "Zone whose days are meant; if left out, the profile's, else that of most sites."),
}


def words_of(takes: Takes) -> dict[str, str]:
    """The words of a choice as they are typed, and as the API has them."""
    return {re.sub(r"\W+", "-", str(word)).lower(): str(word) for word in takes.choices}


def _commands() -> Iterator[Command]:
    """One command for each thing that can be got: a list, and the detail that goes with it."""
    found: dict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in catalog():
        own = entry.name.removeprefix("list_") if entry.name not in {"list", "get"} else ""
        name = "-".join(filter(None, (entry.resource, own))).replace("_", "-")
        found[name]["list" if entry.gives_rows else "get"] = entry
    for name, entries in found.items():
        yield _command(name, entries["list"], entries.get("get"))


def _command(name: str, listed: Entry, detail: Entry | None) -> Command:
    """A function whose signature and docstring say what the catalogue says."""
    ids, options = _sorted(listed, detail)

    def command(*given: str | None, **chosen: Any) -> None:
        from sonnys_data_client.cli.fetching import Question, run

        target = {key: chosen.pop(key, None) for key in (*_OUTPUT, *_TIME)}
        session = chosen.pop("session")
        values = {takes.name: value for takes, value in zip(ids, given, strict=False) if value is not None}
        for takes in options:
            word = chosen.get(takes.name)
            if word is not None:
                values[takes.name] = words_of(takes)[word] if takes.choices else word
        is_detail = detail is not None and bool(values.keys() & {takes.name for takes in detail.parameters})
        run(session, Question(detail if is_detail and detail else listed, values), **target)

    slots = [
        Slot(takes.name, Slot.POSITIONAL_ONLY, default=_default(takes, listed), annotation=_type(takes))
        for takes in ids
    ]
    slots += [
        Slot(
            takes.name,
            Slot.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[_type(takes), Parameter(name=f"--{_kebab(takes.name)}")],
        )
        for takes in options
    ]
    more = _OUTPUT | (_TIME if _takes_dates(listed) else {})
    slots += [Slot(key, Slot.KEYWORD_ONLY, default=None, annotation=kind) for key, (kind, _) in more.items()]
    slots.append(Slot("session", Slot.KEYWORD_ONLY, annotation=Given))
    command.__name__ = command.__qualname__ = name.replace("-", "_")
    command.__doc__ = _doc(
        name,
        listed,
        detail,
        {takes.name: takes.help for takes in (*ids, *options)} | {k: h for k, (_, h) in more.items()},
    )
    command.__signature__ = inspect.Signature(slots)  # type: ignore[attr-defined]
    command.__annotations__ = {slot.name: slot.annotation for slot in slots}
    return command


def _sorted(listed: Entry, detail: Entry | None) -> tuple[list[Takes], list[Takes]]:
    """What stands by itself on the command line, and what has an option's name.

    The API's own names are in camel case; what Python calls in snake case comes first in a call, and so here.
    """
    ids = [takes for entry in (detail, listed) if entry for takes in entry.parameters if "_" in takes.name]
    return ids, [takes for takes in listed.parameters if "_" not in takes.name]


def _default(takes: Takes, listed: Entry) -> Any:
    return Slot.empty if takes.required and takes in listed.parameters else None


def _type(takes: Takes) -> Any:
    if takes.choices:
        return Optional[Literal[tuple(words_of(takes))]]  # noqa: UP045 - a `Literal` made at run time takes no `|`
    return int | None if takes.kind == "whole" else str | None


def _takes_dates(entry: Entry) -> bool:
    return any(takes.kind == "date" for takes in entry.parameters)


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def _doc(name: str, listed: Entry, detail: Entry | None, helps: dict[str, str]) -> str:
    text, _, _ = listed.doc.partition("\n\nArgs:")
    lines = [*text.replace("`", "").splitlines(), ""]
    if detail is not None:
        lines += [f"With an id: {detail.summary[0].lower()}{detail.summary[1:]}", ""]
    lines += ["Args:", *(f"    {key}: {words}" for key, words in helps.items()), "    session: The account.", ""]
    lines += ["Examples:", *(f"    {example}" for example in _EXAMPLES.get(name, (f"sonnys get {name}",)))]
    return "\n".join(lines)


_EXAMPLES = {
    "transactions": ("sonnys get transactions --when yesterday --site MAIN", "sonnys get transactions 45678:1001"),
    "transactions-by-type": ("sonnys get transactions-by-type wash --when yesterday",),
    "customers": ("sonnys get customers --status active", "sonnys get customers --out customers.csv"),
    "employees-clock-entries": ("sonnys get employees-clock-entries --when last-week --format csv",),
    "recurring-all": ("sonnys get recurring-all --out members.csv",),
    "recurring-status-changes": ("sonnys get recurring-status-changes --when last-month",),
    "sales-outcomes": ("sonnys get sales-outcomes --when last-week",),
}

FAMILY = Family("get", _HELP, tuple(_commands()))
GET: App = FAMILY.app()
