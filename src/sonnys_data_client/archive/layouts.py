"""Read files of any layout under the column names of today.

```text
layout 1   some columns had names of this package's own: `completed_at`, `status`, a tender's `type`
layout 2   every column has the API's name in snake case: `complete_date`, `transaction_status`, a tender's `tender`
layout 3   an item's `quantity` is a decimal: it was a whole number; transactions have their local time and `hour`
```

A file says in its evidence which layout it has. A file of the change log holds no evidence; it has a column `layout`
instead, from layout 2 on. Nothing here reads either of them: a query for older files names each column under all its
names and takes the one that is there. So the same query reads files of one layout, of the other, and of both. It also
stays right for a BI tool when a sync rewrites some of the files between two of the tool's questions.

That needs one rule: no old name of a column is today's name of another column of the same table or record.
`tests/archive/test_layouts.py` checks it.

`archive.json` says which layout the oldest files may have (`mark`). An archive without older files gets plain queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sonnys_data_client.archive.columns import columns_within, quoted
from sonnys_data_client.archive.evidence import LAYOUT
from sonnys_data_client.archive.tables import CHANGES, TABLES

_ACCOUNT: Mapping[str, str] = {
    "status": "current_recurring_status_name",
    "statuses": "recurring_statuses",
    "billings": "recurring_billings",
}
_STATUS: Mapping[str, str] = {"at": "date"}
_BILLING: Mapping[str, str] = {"amount": "amount_charged", "charged_at": "date", "card_last_four": "last_four_cc"}

RENAMED: Mapping[str, Mapping[str, str]] = {
    "transactions": {"completed_at": "complete_date", "discounts": "discount", "status": "transaction_status"},
    "transactions.tenders": {"type": "tender", "sub_type": "tender_sub_type"},
    "transactions.discount": {
        "name": "discount_name",
        "sku": "discount_sku",
        "amount": "discount_amount",
        "code": "discount_code",
    },
    "sites": {"id": "site_id"},
    "items": {
        "department": "department_name",
        "price": "price_at_site",
        "cost": "cost_per_item",
        "site_code": "site_location",
    },
    "employees": {"id": "employee_id"},
    "customers": {
        "id": "customer_id",
        "number": "customer_number",
        "phone": "phone_number",
        "created_at": "created_date",
        "modified_at": "modified_date",
    },
    "giftcards": {"id": "giftcard_id", "completed_at": "complete_date"},
    "washbooks": {"signed_up_at": "sign_up_date", "cancelled_at": "cancel_date"},
    "recurring_accounts": _ACCOUNT,
    "recurring_accounts.recurring_statuses": _STATUS,
    "recurring_accounts.recurring_billings": _BILLING,
    "recurring_modifications": _ACCOUNT,
    "recurring_modifications.recurring_statuses": _STATUS,
    "recurring_modifications.recurring_billings": _BILLING,
    "recurring_modifications.modifications": {
        "type": "modification_type",
        "modified_at": "modification_date",
        "comment": "modification_comment",
    },
    "status_changes": {"changed_at": "status_date"},
    "clock_entries": {
        "modified_at": "modification_timestamp",
        "week_total_overtime_hours": "week_total_over_time_hours",
    },
    "sales_outcomes": {"at": "timestamp"},
}
"""What layout 1 called a column, and what it is called now: by table, or by `table.column` for the records in a list.

A column of records stands under its name of today.
"""

RETYPED: Mapping[str, frozenset[str]] = {"transactions.items": frozenset({"quantity"})}
"""Fields of records in a list that had another type before layout 3, by `table.column`.

Files of both types together give a third one. So these are cast; what today's type does not hold is NULL, and in `raw`.
"""

_NAMED_AS_TODAY = 2
"""The layout from which on every column has today's name."""

LOG_LAYOUT = "layout"
"""Column of the change log's files that says in which layout `field` names fields; files of layout 1 have none."""


def select(table: str, columns: Mapping[str, str], source: str, *, oldest: int) -> str:
    """Write a query for columns of a table, under the names of today; a column that a file lacks is NULL there.

    Args:
        table: The table's name.
        columns: The columns to select, by their names of today, and their types.
        source: The files, as a table function of DuckDB.
        oldest: The oldest layout that these files may have.
    """
    if oldest >= LAYOUT:
        lent, expressions = dict(columns), [quoted(name) for name in columns]
    elif oldest >= _NAMED_AS_TODAY:
        lent = dict(columns)
        expressions = [f"{_retyped(table, name)} AS {quoted(name)}" for name in columns]
    else:
        lent = dict(_all_names(table, columns))
        expressions = [f"{_expression(table, name)} AS {quoted(name)}" for name in columns]
    # Files of an earlier layout lack the columns that came later. A second query without rows adds them.
    nothing = ", ".join(f"NULL::{kind} AS {quoted(name)}" for name, kind in lent.items())
    return (
        f"SELECT {', '.join(expressions)} FROM (SELECT * FROM {source} UNION ALL BY NAME SELECT {nothing} WHERE false)"
    )


def _all_names(table: str, columns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give the names and types that these columns have in files of any layout."""
    for name, kind in columns.items():
        whole = _with_old_fields(table, name) or kind
        yield name, whole
        for old in _old_names(table, name):
            yield old, whole
    if table == CHANGES:
        yield from {"table": "VARCHAR", "field": "VARCHAR", LOG_LAYOUT: "BIGINT"}.items()


def _old_names(place: str, name: str) -> list[str]:
    return [old for old, new in RENAMED.get(place, {}).items() if new == name]


def _with_old_fields(table: str, column: str) -> str | None:
    """Give the type of a list of records with the fields of every layout; None if no field was renamed."""
    place = f"{table}.{column}"
    if place not in RENAMED:
        return None
    fields = columns_within(TABLES[table].record, column)
    every = {**fields, **{old: fields[new] for old, new in RENAMED[place].items()}}
    return f"STRUCT({', '.join(f'{quoted(name)} {kind}' for name, kind in every.items())})[]"


def _expression(table: str, name: str) -> str:
    """Write a column of files of any layout as an SQL expression."""
    if table == CHANGES:
        return _of_the_log(name)
    value = _first_of("", [name, *_old_names(table, name)])
    place = f"{table}.{name}"
    if place not in RENAMED and place not in RETYPED:
        return value
    return _rebuilt(table, name, value, lambda field: [field, *_old_names(place, field)])


def _retyped(table: str, name: str) -> str:
    """Write a column of files whose names are those of today as an SQL expression."""
    value = quoted(name)
    return value if f"{table}.{name}" not in RETYPED else _rebuilt(table, name, value, lambda field: [field])


def _rebuilt(table: str, name: str, value: str, names_of: Callable[[str], list[str]]) -> str:
    """Write a list of records anew, with the names and types of today."""
    fields = ", ".join(
        f"'{field}': {_cast(f'{table}.{name}', field, kind, _first_of('part.', names_of(field)))}"
        for field, kind in columns_within(TABLES[table].record, name).items()
    )
    return f"[{{{fields}}} FOR part IN {value}]"


def _cast(place: str, field: str, kind: str, value: str) -> str:
    return f"TRY_CAST({value} AS {kind})" if field in RETYPED.get(place, ()) else value


def _first_of(owner: str, names: list[str]) -> str:
    listed = [f"{owner}{quoted(name)}" for name in names]
    return listed[0] if len(listed) == 1 else f"coalesce({', '.join(listed)})"


def _of_the_log(name: str) -> str:
    """Write a column of the change log: `field` under its name of today, and the fields inside `before` and `after`.

    Both are JSON text. There, a quoted name before a colon is the name of a member and nothing else: a quotation mark
    inside a text has a backslash before it. So names are replaced in the text itself.
    """
    if name == "field":
        cases = [
            f"WHEN '{table}.{old}' THEN '{new}'"
            for table, names in RENAMED.items()
            if table in TABLES
            for old, new in names.items()
        ]
    elif name in {"before", "after"}:
        cases = [f"WHEN '{place}' THEN {_replaced(name, names)}" for place, names in _lists_in_the_log()]
    else:
        return quoted(name)
    here = """CASE "table" || '.' || field"""
    return (
        f"CASE WHEN {LOG_LAYOUT} IS NULL THEN {here} {' '.join(cases)} ELSE {quoted(name)} END ELSE {quoted(name)} END"
    )


def _lists_in_the_log() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Give the lists of records some of whose fields were renamed, as the change log of layout 1 called them."""
    for place, names in RENAMED.items():
        table, _, column = place.partition(".")
        for called in _old_names(table, column) or [column]:
            if column:
                yield f"{table}.{called}", names


def _replaced(column: str, names: Mapping[str, str]) -> str:
    text = quoted(column)
    for old, new in names.items():
        text = f"""replace({text}, '"{old}":', '"{new}":')"""
    return text
