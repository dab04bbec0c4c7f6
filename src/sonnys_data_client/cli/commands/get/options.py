"""`sonnys get`: any resource. The commands and their options come from the catalogue, so none can be missing.

| in the catalogue                    | on the command line                        |
|-------------------------------------|--------------------------------------------|
| `customers.list`, `customers.get`   | `sonnys get customers [ID]`                |
| `recurring.list_status_changes`     | `sonnys get recurring-status-changes`      |
| `startDate`, `endDate`              | `--start-date`, `--end-date`, or `--when`  |
| the word `Tag Added`                | `tag-added`                                |

The catalogue imports the client. So `app` imports this module only when `get` is named.
"""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from inspect import Parameter as Slot
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

from cyclopts import App, Parameter

from sonnys_data_client.cli.family import Command, Family
from sonnys_data_client.cli.session import Given
from sonnys_data_client.cli.wording import StandsFor
from sonnys_data_client.client.catalog import Entry, catalog
from sonnys_data_client.client.catalog import Parameter as Takes

__all__ = ["FAMILY", "GET", "words_of"]

_HELP = "Get any resource: customers, items, employees, memberships and more."


@dataclass(frozen=True, slots=True)
class _Option:
    """One option or argument of a command: how it is parsed, and its help."""

    slot: Slot
    help: str


def _option(name: str, kind: Any, help: str, **more: Any) -> _Option:
    return _Option(Slot(name, Slot.KEYWORD_ONLY, annotation=kind, **{"default": None, **more}), help)


_WHEN = _option(
    "when",
    Annotated[str | None, StandsFor("startDate", "endDate")],
    "Both ends of the range: yesterday, 2026-03, last-30-days, 2026-03-08..2026-03-14.",
)
_ZONE = _option(
    "timezone",
    str | None,
    "Time zone of the days; if left out, the profile's, else the site's own or that of most sites.",
)
_OUTPUT = (
    _option(
        "out",
        Annotated[Path | None, Parameter(name=("--out", "-o"))],
        "A file. Its ending names the format: .ndjson, .json, .csv, .xlsx or .parquet.",
    ),
    _option(
        "format",
        Literal["table", "ndjson", "json", "csv", "xlsx", "parquet"] | None,
        "The format. If left out: a table in a terminal, NDJSON in a pipe.",
    ),
    _option(
        "csv_for",
        Literal["excel"] | None,
        "The program that CSV is for: with excel, ids and codes stay text, and local times stand beside those in UTC.",
    ),
    _option(
        "decimals",
        Literal["number", "text"],
        "In JSON, how to write amounts: as a number where it is exact, or always as text with all their digits.",
        default="number",
    ),
    _option("session", Given, "The account.", default=Slot.empty),
)


def words_of(takes: Takes) -> dict[str, str]:
    """Return the words of a choice: as they are typed, and as the API has them."""
    return {re.sub(r"\W+", "-", str(word)).lower(): str(word) for word in takes.choices}


def _commands() -> Iterator[Command]:
    """Make one command for each resource: its list, and the detail that goes with it."""
    found: dict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in catalog():
        own = entry.name.removeprefix("list_") if entry.name not in {"list", "get"} else ""
        name = "-".join(filter(None, (entry.resource, own))).replace("_", "-")
        found[name]["list" if entry.gives_rows else "get"] = entry
    for name, entries in found.items():
        yield _command(name, entries["list"], entries.get("get"))


def _command(name: str, listed: Entry, detail: Entry | None) -> Command:
    """Make a function whose signature and docstring say what the catalogue says."""
    # The API's names are in camel case. Arguments that only Python names are in snake case, and come first in a call.
    ids = [takes for entry in (detail, listed) if entry for takes in entry.parameters if "_" in takes.name]
    named = [takes for takes in listed.parameters if "_" not in takes.name]
    of_detail = {takes.name for takes in detail.parameters} if detail else set[str]()

    def command(*given: str | None, **chosen: Any) -> None:
        from sonnys_data_client.cli.commands.get.run import Question, run

        typed = [*zip(ids, given, strict=False), *((takes, chosen.pop(takes.name, None)) for takes in named)]
        values = {takes.name: words_of(takes).get(word, word) for takes, word in typed if word is not None}
        run(Question(detail if detail and of_detail & values.keys() else listed, values), **chosen)

    options = [*(_argument(takes, listed) for takes in ids), *map(_parameter, named)]
    dates = [takes.name for takes in named if takes.kind == "date"]
    options += [*([_WHEN] if dates == ["startDate", "endDate"] else []), *([_ZONE] if dates else []), *_OUTPUT]
    command.__name__ = command.__qualname__ = name.replace("-", "_")
    command.__doc__ = _doc(name, listed, detail, options)
    command.__signature__ = inspect.Signature([option.slot for option in options])  # type: ignore[attr-defined]
    command.__annotations__ = {option.slot.name: option.slot.annotation for option in options}
    return command


def _argument(takes: Takes, listed: Entry) -> _Option:
    needed = takes.required and takes in listed.parameters
    slot = Slot(takes.name, Slot.POSITIONAL_ONLY, default=Slot.empty if needed else None, annotation=_type(takes))
    return _Option(slot, takes.help)


def _parameter(takes: Takes) -> _Option:
    kebab = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", takes.name).lower()
    return _option(takes.name, Annotated[_type(takes), Parameter(name=f"--{kebab}")], takes.help)


def _type(takes: Takes) -> Any:
    if takes.choices:
        return Optional[Literal[tuple(words_of(takes))]]  # noqa: UP045 - a `Literal` made at run time takes no `|`
    return int | None if takes.kind == "whole" else str | None


def _doc(name: str, listed: Entry, detail: Entry | None, options: Sequence[_Option]) -> str:
    text, _, _ = listed.doc.partition("\n\nArgs:")
    lines = [*text.replace("`", "").splitlines(), ""]
    if detail is not None:
        lines += [f"With an id: {detail.summary[0].lower()}{detail.summary[1:]}", ""]
    lines += ["Args:", *(f"    {option.slot.name}: {option.help}" for option in options), ""]
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
