"""From figures to what is shown: two tables, side by side where there is room."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from sonnys_data_client.cli.demo.figures import Figures
from sonnys_data_client.cli.screen import bar

__all__ = ["show"]

_BAR_WIDTH = 18
_GAP = 4


def show(figures: Figures, console: Console) -> None:
    """Print the figures of a day."""
    tables: tuple[Table, ...] = (_money(figures), _washes(figures, console))
    widths = [console.measure(table).maximum for table in tables]
    if sum(widths) + _GAP <= console.width:
        beside = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
        beside.add_row(*tables)
        tables = (beside,)
    for table in tables:
        console.print()
        console.print(table)
    console.print()


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        caption_justify="left",
        header_style="dim",
        box=None,
        padding=(0, 2, 0, 0),
        pad_edge=False,
    )


def _money(figures: Figures) -> Table:
    table = _table("Money by tender")
    table.caption = f"{figures.redeemed:,.2f} of it redeem plans:\nsold before, so no revenue."
    table.add_column("tender", no_wrap=True)
    table.add_column("payments", justify="right", no_wrap=True)
    table.add_column("money", justify="right", no_wrap=True)
    for name, tender in figures.tenders.items():
        table.add_row(name, f"{tender.payments:,}", f"{tender.money:,.2f}")
    payments = sum(tender.payments for tender in figures.tenders.values())
    table.add_row("total", f"{payments:,}", f"{figures.money:,.2f}", style="bold")
    return table


def _washes(figures: Figures, console: Console) -> Table:
    table = _table("Washes by hour, each site's own")
    table.add_column("hour", no_wrap=True)
    table.add_column("", min_width=_BAR_WIDTH, no_wrap=True)
    table.add_column("washes", justify="right", no_wrap=True)
    most = max(figures.washes.values(), default=1)
    for hour in range(min(figures.washes, default=0), max(figures.washes, default=-1) + 1):
        washes = figures.washes.get(hour, 0)
        table.add_row(f"{hour:02}", bar(console, washes / most, _BAR_WIDTH), f"{washes:,}")
    table.add_row("total", "", f"{sum(figures.washes.values()):,}", style="bold")
    return table
