"""A world that is a list: some dozen rows that a test writes down or draws, with every nastiness it wants.

The believable world asks what a year of trade looks like. This one is for rows at the edges: ties that straddle two
pages, the last millisecond of a second, a row that is heard of late, one whose amount changes while it is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from sonnys_data_client.sandbox.world.facts import Site, Transaction
from sonnys_data_client.sandbox.world.listed import ListedRecords
from sonnys_data_client.sandbox.world.protocol import Records


class ListWorld:
    """The truth behind a sandbox, as a list of rows.

    Args:
        sites: The sites.
        rows: Versions of rows, in any order. Those with the same id are versions of one: the newest that is visible
            counts, and with it when the row completes.
        records: Everything but rows; nothing, unless given.

    Attributes:
        rows: All versions, by completion, id and visibility.
        records: As given.
    """

    def __init__(self, sites: Iterable[Site], rows: Iterable[Transaction], records: Records | None = None) -> None:
        self.records: Records = records or ListedRecords()
        self._sites = tuple(sites)
        self.rows = sorted(rows, key=lambda row: (row.completed_ms, row.id, row.visible_from))
        self._versions = sorted(self.rows, key=lambda row: row.visible_from)

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every site."""
        return self._sites

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        """The rows completed from epoch second `start` up to, without, `stop`, as known at epoch second `as_of`."""
        newest = {row.id: row for row in self._versions if row.visible_from <= as_of}
        found = [
            row
            for row in newest.values()
            if start * 1000 <= row.completed_ms < stop * 1000 and site in {None, row.site_code}
        ]
        return sorted(found, key=lambda row: (row.completed_ms, row.id))

    def transaction(self, id: str, *, as_of: float) -> Transaction | None:
        """The row with this id as known at epoch second `as_of`, or None."""
        versions = [row for row in self._versions if row.id == id and row.visible_from <= as_of]
        return versions[-1] if versions else None


def make_site(number: int, code: str) -> Site:
    """A site with this number behind its ids' colon; the code `""` makes it the web shop."""
    return Site(number, code, f"Site {number}", "UTC", "CENTRAL", is_virtual=not code)


def make_row(
    number: int, site: Site, completed_ms: int, total_cents: int, visible_from: float = -math.inf
) -> Transaction:
    """A row that has nothing but what identifies it, its time and its money.

    Args:
        number: Makes its id, together with the site.
        site: Where.
        completed_ms: Completion in milliseconds since the epoch.
        total_cents: What was paid.
        visible_from: Epoch second from which the server knows it; always, unless given.
    """
    return Transaction(
        id=f"{number}:{site.id}",
        number=number,
        type="Sale",
        completed_ms=completed_ms,
        site_code=site.code,
        device="Lane 1",
        total_cents=total_cents,
        tenders=(),
        items=(),
        discounts=(),
        customer_name=None,
        customer_id=None,
        plate=None,
        cashier=None,
        greeter=None,
        is_recurring_payment=False,
        is_recurring_redemption=False,
        is_recurring_sale=False,
        is_prepaid_redemption=False,
        is_prepaid_sale=False,
        status="Completed",
        is_plan_sale_v2=False,
        is_plan_redemption_v2=False,
        visible_from=visible_from,
    )
