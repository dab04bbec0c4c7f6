"""The tables of the archive, as data: one description for each, and no code for any.

```text
days        rows of a UTC day, read completely and proved (transactions)
snapshots   all rows of a list, as they were on a day (sites, items, customers, ...)
events      rows of a UTC day that happened then; some change late (status changes, clock entries, ...)
```

A query sees the newest snapshot of each account under the table's name, and all of them under `<name>_history`.
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
HISTORY = "_history"
"""How the name of a view ends that shows all snapshots of a table."""
LOCAL_TIME = "transaction_local_time"
"""Column of a transaction's time by the clock of its site."""
WEB_SHOP = "WEB"
"""What a query calls a site without a code, unless the archive has another name for it (`mark`)."""


@dataclass(frozen=True)
class Table:
    """One table of the archive.

    Attributes:
        name: Name of its folder and its view.
        kind: What a partition of it holds.
        model: Name of its rows' model in `sonnys_data_client.types`.
        about: What its rows are, and what a query over them must know.
        key: The field that identifies a row; None if none does.
        moment: The field that says when a row happened; None if rows have no time.
        site: The field with the site's code. The site's calendar gives `business_date`. None if rows have no site.
        codes: All fields that hold a site's code.
        parts: Lists inside a row that have views: the field, by the name of its view.
        named_by: In a table without a key: the API's fields that name a row, so that a row that has changed is not
            taken for another one. Several rows may have the same values there. Empty if only the whole row tells.
        of_reply: Fields that depend on what else came in the same reply. A difference in them is no change of the row.
        joined: The column that another list of the API fills where the row itself is silent: see `joined`.
    """

    name: str
    kind: Kind
    model: str
    about: str
    key: str | None = "id"
    moment: str | None = None
    site: str | None = None
    codes: tuple[str, ...] = ()
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

    @property
    def views(self) -> tuple[str, ...]:
        """Names of the views that show its rows whole: for a snapshot, the newest one and all of them."""
        return (self.name, f"{self.name}{HISTORY}") if self.kind == "snapshots" else (self.name,)

    @property
    def files_of_views(self) -> Mapping[str, str]:
        """All its views in order, and the set of files that each reads: see `queries.VIEWS`."""
        return dict(zip(self.views, self.views, strict=True)) | dict.fromkeys(self.parts, self.name)

    def key_of(self, row: Any) -> str | None:
        """Return the key of a record; None if it has none."""
        key = None if self.key is None else getattr(row, self.key, None)
        return None if key is None else str(key)


TRANSACTIONS = Table(
    "transactions",
    "days",
    "TransactionJobItem",
    "One row for each ticket: sales, returns, rewashes, monthly charges and voids alike. So sum(total) is not revenue: "
    "a void may keep its total, a plan's redemption may have the price of the wash as its total, and sold gift cards "
    "are in it. Join sites on account and code = location_code.",
    moment="complete_date",
    site="location_code",
    codes=("location_code",),
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
        Table(
            "sites",
            "snapshots",
            "Site",
            "One row for each site, the web shop included. Join on account and code.",
            key="site_id",
            codes=("code",),
        ),
        Table(
            "items",
            "snapshots",
            "Item",
            "The menu: one row for each item and site that sells it.",
            key=None,
            codes=("site_location",),
        ),
        Table("employees", "snapshots", "EmployeeListItem", "One row for each employee.", key="employee_id"),
        Table("customers", "snapshots", "CustomerListItem", "One row for each customer.", key="customer_id"),
        Table(
            "giftcards",
            "snapshots",
            "Giftcard",
            "One row for each gift card sold within the six months that the server lists. What is left on a card is "
            "value - amount_used.",
            key="number",
            codes=("site_code",),
        ),
        Table("washbooks", "snapshots", "WashbookListItem", "One row for each wash book: washes bought in bulk."),
        Table(
            "recurring_accounts",
            "snapshots",
            "RecurringAccount",
            "One row for each membership, whatever its status: filter by current_recurring_status_name.",
            codes=("billing_site_code", "creation_site_code"),
        ),
        Table(
            "recurring_modifications",
            "snapshots",
            "RecurringModified",
            "One row for each membership that was modified within the six months that the server lists.",
            key=None,
            codes=("billing_site_code", "creation_site_code"),
        ),
        Table(
            "status_changes",
            "events",
            "StatusChange",
            "One row for each change of a membership's status.",
            key=None,
            moment="status_date",
            site="site_code",
            codes=("site_code",),
            named_by=("washbook_account_id", "status_date", "old_status", "new_status"),
        ),
        Table(
            "clock_entries",
            "events",
            "ClockEntry",
            "One row for each period of work between clocking in and out.",
            key=None,
            moment="clock_in",
            codes=("site_code",),
            named_by=("employeeId", "clockIn"),
            of_reply=frozenset({"week_total_regular_hours", "week_total_over_time_hours"}),
        ),
        Table(
            "sales_outcomes",
            "events",
            "SalesOutcome",
            "One row for each offer of a plan, and whether the customer took it.",
            key=None,
            moment="timestamp",
            named_by=("timestamp", "employeeId", "siteId", "terminalName"),
        ),
    )
}
"""Every table by its name."""
