"""Write docs/fields.md: every field of every model, from the models' annotations and docstrings.

`make docs-fields` runs this. A test says whether the page is what this writes.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from sonnys_data_client.archive.columns import OWN
from sonnys_data_client.archive.descriptions import descriptions
from sonnys_data_client.archive.tables import TABLES, WEB_SHOP
from sonnys_data_client.client.catalog import catalog
from sonnys_data_client.types import Record, fields
from sonnys_data_client.types.docstrings import about_field, about_model, meaning
from sonnys_data_client.types.record import RespeltRecord

PAGE = Path(__file__).parents[1] / "docs" / "fields.md"
MODULES = (
    *("transactions", "jobs", "sites", "customers", "items", "employees", "giftcards", "washbooks", "recurring"),
    "sales_outcomes",
)
"""Modules of `types`, in the order of the page."""

UNITS = {
    "Money": "site's currency",
    "RequiredMoney": "site's currency",
    "Instant": "UTC",
    "RequiredInstant": "UTC",
    "Day": "calendar day",
    "Hours": "hours",
}
"""Units by kind of field."""

JOB_CALLS = {
    "TransactionJobItem": "`transactions.load_job`, `export`, `Job.result`",
    "JobData": "`transactions.get_job_data`",
}
"""Calls that are not in the catalogue, by model."""

SOURCES = (("spec", r"\b[Ss]pec\b"), ("seen live", r"\bseen live\b"), ("our request", r"\bFrom the request\b"))
"""What a docstring says of a field's source."""

HEAD = """\
# Fields

<!-- Written by `make docs-fields` from src/sonnys_data_client/types. Change the docstrings there, not this page. -->

Every field has the API's own name in snake case. The same names are the attributes of rows in Python, the columns of
the archive and of its views. Exports and `sonnys get` have the API's own spelling (CSV, XLSX, Parquet, JSON).

- **API**: the name in the API's replies. Where live replies spell it otherwise than the vendor's spec, both are read.
- **Type**: the Python type. Money is an exact `Decimal`, an instant an aware `datetime`. A word list such as
  `TenderType` is open: a word that it does not know stays text.
- **None**: whether the value may be None, because the API sent null, a blank, no such field, or a value that cannot be
  parsed: `row.unparsed` and the archive's `raw` have it as it came. A list is then empty. A row in which another field
  cannot be parsed goes to quarantine.
- **Source**: the vendor's spec, replies that users saw on the live service, or our own request.

## Columns of ours

Only these have names of our own, and the views `changes` and `quarantine`, which the API does not have:

| Column | Type | Meaning |
|---|---|---|
"""

VIEWS_HEAD = f"""
## Views of the archive

`sonnys sql --describe VIEW` shows all of this at the terminal, and BI tools find it as comments in `archive.duckdb`.
Where the API sends no site's code, the views show `{WEB_SHOP}`, or what `sonnys archive web-shop` named. The API does
not tell a web shop, whose code is empty, from a code that is missing. `raw` has what came.

| View | Rows |
|---|---|
"""


def page() -> str:
    """Return the whole page.

    Raises:
        ValueError: A field's docstring is missing, or names no source.
    """
    own = "".join(f"| `{name}` | {column.kind} | {column.about} |\n" for name, column in OWN.items())
    views = "".join(f"| `{view.name}` | {view.about} |\n" for view in descriptions().values())
    return "".join([HEAD, own, VIEWS_HEAD, views, *(section(model) for name in MODULES for model in models_of(name))])


def models_of(name: str) -> Iterator[type[Record]]:
    """Return the public models of a module of `types`, in its order."""
    module = import_module(f"sonnys_data_client.types.{name}")
    public = import_module("sonnys_data_client.types").__all__
    for found in vars(module).values():
        if inspect.isclass(found) and issubclass(found, Record):
            own = found.__module__ == module.__name__
            if own and found.__name__ in public:
                yield found


def section(model: type[Record]) -> str:
    """Return one model's part of the page."""
    rows = [row(model, name, info) for name, info in model.model_fields.items()]
    about = about_model(model)
    head = "| Field | API | Type | Unit | None | Source | Meaning |\n|---|---|---|---|---|---|---|\n"
    return "\n".join(
        [f"\n## {model.__name__}\n", f"{about} {origin(model)}".rstrip() + "\n", head + "\n".join(rows), ""]
    )


def origin(model: type[Record]) -> str:
    """Return where rows of a model come from, and which table of the archive holds them."""
    calls = [f"`{entry.resource}.{entry.name}`" for entry in catalog() if entry.model is model]
    calls += [JOB_CALLS[model.__name__]] if model.__name__ in JOB_CALLS else []
    tables = [f"`{table.name}`" for table in TABLES.values() if table.record is model]
    parts = [f"From {', '.join(calls)}."] if calls else []
    parts += [f"In the archive: {', '.join(tables)}."] if tables else []
    return " ".join(parts)


def row(model: type[Record], name: str, info: FieldInfo) -> str:
    """Return one field's line."""
    text = docstring(model, name)
    sources = [source for source, pattern in SOURCES if re.search(pattern, text)]
    if not sources:
        raise ValueError(f"{model.__name__}.{name}: its docstring must name a source: Spec, or seen live.")
    cells = [
        f"`{name}`",
        ", ".join(f"`{spelling}`" for spelling in spellings(model, name, info)),
        f"`{written(info.annotation)}`",
        UNITS.get(kind_of(info), ""),
        "yes" if NoneType in get_args(info.annotation) else "",
        ", ".join(sources),
        meaning(text),
    ]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def spellings(model: type[Record], name: str, info: FieldInfo) -> list[str]:
    """Return the API's names of a field, the contract's first."""
    contract = info.serialization_alias or name
    others: Mapping[str, str] = model.other_spellings if issubclass(model, RespeltRecord) else {}
    return [contract, *(seen for seen, usual in others.items() if usual == contract)]


def written(annotation: Any) -> str:
    """Return a type as a reader of Python would write it, without None."""
    if get_origin(annotation) in (Union, UnionType):
        return " | ".join(written(part) for part in get_args(annotation) if part is not NoneType)
    if get_origin(annotation) is tuple:
        return f"tuple[{written(get_args(annotation)[0])}, ...]"
    return getattr(annotation, "__name__", str(annotation).removeprefix("typing."))


def kind_of(info: FieldInfo) -> str:
    """Return the name that `types.fields` has for a field's kind; empty if it has none."""
    return next((_kinds()[id(each)] for each in info.metadata if id(each) in _kinds()), "")


@cache
def _kinds() -> Mapping[int, str]:
    """Return the name that `types.fields` has for each marker of a kind, by the marker's `id()`."""
    return {
        id(extra): name
        for name in fields.__all__
        for extra in getattr(getattr(fields, name), "__metadata__", ())
        if isinstance(extra, fields.Reads)
    }


def docstring(model: type[Record], name: str) -> str:
    """Return the docstring of a field, on one line.

    Raises:
        ValueError: It has none.
    """
    text = about_field(model, name)
    if not text:
        raise ValueError(f"{model.__name__}.{name} has no docstring.")
    return text


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"write_fields: wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
