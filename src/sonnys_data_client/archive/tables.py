"""What the archive holds: one description a table, and no code a table.

```text
days        rows that belong to a UTC day, read whole and proved (transactions)
snapshots   everything there is of a kind, as it was on a day (sites, items, customers, ...)
events      what happened on a day, and does not change afterwards (status changes, clock entries, ...)
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
        name: Its folder and its view.
        kind: How its partitions come to be.
        model: Name of its rows' model in `sonnys_data_client.types`.
        key: The field that tells its rows apart; None where none does.
        moment: The field that says when a row happened; None where rows have no time.
        site: The field with the code of the site, whose calendar gives `business_date`; None where rows have none.
        parts: Lists inside a row that get views of their own: the view's name and the field's.
    """

    name: str
    kind: Kind
    model: str
    key: str | None = "id"
    moment: str | None = None
    site: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def record(self) -> type[Record]:
        """The model of its rows."""
        found: type[Record] = getattr(import_module("sonnys_data_client.types"), self.model)
        return found

    @property
    def dated(self) -> bool:
        """Whether its rows have a business date."""
        return self.moment is not None and self.site is not None

    def key_of(self, row: Any) -> str | None:
        """The key of a record, or None where it has none."""
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
        Table("status_changes", "events", "StatusChange", key=None, moment="status_date", site="site_code"),
        Table("clock_entries", "events", "ClockEntry", key=None, moment="clock_in"),
        Table("sales_outcomes", "events", "SalesOutcome", key=None, moment="timestamp"),
    )
}
"""Every table by its name."""
