"""The tables of the archive, as data: one description for each, and no code for any.

```text
days        rows of a UTC day, read completely and proved (transactions)
snapshots   all rows of a list, as they were on a day (sites, items, customers, ...)
events      rows of a UTC day that happened then; some change late (status changes, clock entries, ...)
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from sonnys_data_client.types import Record

Kind = Literal["days", "snapshots", "events"]

QUARANTINE = "quarantine"
CHANGES = "changes"


@dataclass(frozen=True)
class Table:
    """One table of the archive.

    Attributes:
        name: Name of its folder and its view.
        kind: What a partition of it holds.
        model: Name of its rows' model in `sonnys_data_client.types`.
        key: The field that identifies a row; None if none does.
        moment: The field that says when a row happened; None if rows have no time.
        site: The field with the site's code. The site's calendar gives `business_date`. None if rows have no site.
        parts: Lists inside a row that have views: the field, by the name of its view.
        named_by: In a table without a key: the API's fields that name a row, so that a row that has changed is not
            taken for another one. Several rows may have the same values there. Empty if only the whole row tells.
        of_reply: Fields that depend on what else came in the same reply. A difference in them is no change of the row.
        joined: The column that another list of the API fills where the row itself is silent: see `joined`.
    """

    name: str
    kind: Kind
    model: str
    key: str | None = "id"
    moment: str | None = None
    site: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    named_by: tuple[str, ...] = ()
    of_reply: frozenset[str] = frozenset()
    joined: str | None = None

    @cached_property
    def record(self) -> type[Record]:
        """The model of its rows. It is imported when first used, because that takes a while."""
        found: type[Record] = getattr(import_module("sonnys_data_client.types"), self.model)
        return found

    @property
    def dated(self) -> bool:
        """Whether its rows have a business date."""
        return self.moment is not None and self.site is not None

    def key_of(self, row: Any) -> str | None:
        """Return the key of a record; None if it has none."""
        key = None if self.key is None else getattr(row, self.key, None)
        return None if key is None else str(key)


TRANSACTIONS = Table(
    "transactions",
    "days",
    "TransactionJobItem",
    moment="complete_date",
    site="location_code",
    parts={
        "transaction_items": "items",
        "transaction_tenders": "tenders",
        "transaction_discounts": "discount",
    },
    joined="transaction_status",
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        TRANSACTIONS,
        Table("sites", "snapshots", "Site", key="site_id"),
        Table("items", "snapshots", "Item", key=None),
        Table("employees", "snapshots", "EmployeeListItem", key="employee_id"),
        Table("customers", "snapshots", "CustomerListItem", key="customer_id"),
        Table("giftcards", "snapshots", "Giftcard", key="number"),
        Table("washbooks", "snapshots", "WashbookListItem"),
        Table("recurring_accounts", "snapshots", "RecurringAccount"),
        Table("recurring_modifications", "snapshots", "RecurringModified", key=None),
        Table(
            "status_changes",
            "events",
            "StatusChange",
            key=None,
            moment="status_date",
            site="site_code",
            named_by=("washbook_account_id", "status_date", "old_status", "new_status"),
        ),
        Table(
            "clock_entries",
            "events",
            "ClockEntry",
            key=None,
            moment="clock_in",
            named_by=("employeeId", "clockIn"),
            of_reply=frozenset({"week_total_regular_hours", "week_total_over_time_hours"}),
        ),
        Table(
            "sales_outcomes",
            "events",
            "SalesOutcome",
            key=None,
            moment="timestamp",
            named_by=("timestamp", "employeeId", "siteId", "terminalName"),
        ),
    )
}
"""Every table by its name."""
