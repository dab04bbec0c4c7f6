"""A believable operator, generated on demand and never stored.

The unit is a site's local day. It is drawn from the seed and kept in a small cache; if it has left the cache, it is
drawn again and is the same. A question in UTC touches a day or two of each site, whose rows are cut out and merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import attrgetter
from zoneinfo import ZoneInfo

from .config import WorldConfig
from .daybook import DayBook, RowAddress
from .days import LocalDay, dates_touched
from .facts import Site, Transaction
from .lives import Branch
from .members import Population
from .prepaid import PrepaidGoods
from .protocol import Records
from .records import BelievableRecords
from .sales import online_sales
from .sites import OPENED, Plant, found_plants, found_web_shop
from .till import Ticket
from .trade import day_of_trade

_BOOKS_CACHED_MIN = 48
_BOOKS_CACHED_PER_SITE = 3


@dataclass(frozen=True, slots=True)
class _Shop:
    """A source of rows: a site, its time zone, and its tickets on any local day."""

    site: Site
    zone: ZoneInfo
    trade: Callable[[LocalDay], list[Ticket]]


class BelievableWorld:
    """The world of one configuration. See `World` for what it answers.

    Building one computes no rows. Threads may share it. The cache holds three days a site, and at least 48 days; a
    day of 400 rows takes about half a megabyte. The first question about a site also lists its members, which takes
    about 50 ms once.

    Args:
        config: The settings of the world.
    """

    def __init__(self, config: WorldConfig | None = None) -> None:
        self.config = config or WorldConfig()
        self.plants = found_plants(self.config)
        self.populations = {plant.site.id: Population(self.config.seed, plant) for plant in self.plants}
        web_shop = found_web_shop(self.config)
        self.goods = {plant.site.id: PrepaidGoods(self.config.seed, plant) for plant in self.plants}
        self._shops = {
            plant.site.id: self._physical(plant.site.id, sells_online=web_shop is None) for plant in self.plants
        }
        if web_shop is not None:
            self._shops[web_shop.id] = _Shop(web_shop, self.plants[0].zone, self._sold_online)
        self.sites: tuple[Site, ...] = tuple(shop.site for shop in self._shops.values())
        self.books_cached_max = max(_BOOKS_CACHED_MIN, _BOOKS_CACHED_PER_SITE * len(self.sites))
        self._book = lru_cache(maxsize=self.books_cached_max)(self._open_book)
        self.records: Records = BelievableRecords(
            {plant.site.id: self._branch(plant, web_shop) for plant in self.plants},
            self.populations,
            self.goods,
            self._book,
        )

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        """Return the rows completed in `[start, stop)`, as of `as_of`.

        See `World.transactions`.
        """
        shops = [shop for shop in self._shops.values() if site is None or shop.site.code == site]
        rows: list[Transaction] = []
        for shop in shops:
            for day in dates_touched(start, stop, shop.zone):
                rows.extend(self._book(shop.site.id, day).slice(start * 1000, stop * 1000, as_of))
        rows.sort(key=attrgetter("completed_ms", "id"))
        return rows

    def transaction(self, id: str, *, as_of: float) -> Transaction | None:
        """Return one row by its id, as of `as_of`; see `World.transaction`."""
        address = RowAddress.parse(id)
        if address is None or address.site_id not in self._shops:
            return None
        return self._book(address.site_id, address.day).row(address.index, as_of)

    @property
    def books_cached(self) -> int:
        """How many site-days the cache holds now, at most `books_cached_max`."""
        return self._book.cache_info().currsize

    def _branch(self, plant: Plant, web_shop: Site | None) -> Branch:
        if web_shop is None:
            return Branch(self.config.seed, plant, plant.site, plant.zone)
        return Branch(self.config.seed, plant, web_shop, self.plants[0].zone)

    def _open_book(self, site_id: int, day: date) -> DayBook:
        shop = self._shops[site_id]
        tickets = shop.trade(LocalDay.of(day, shop.zone)) if day >= OPENED else []
        return DayBook(self.config, shop.site, day, tickets)

    def _physical(self, site_id: int, *, sells_online: bool) -> _Shop:
        plant, population, goods = self.plants[site_id - 1], self.populations[site_id], self.goods[site_id]

        def trade(day: LocalDay) -> list[Ticket]:
            tickets = day_of_trade(self.config, plant, population, goods, day)
            if sells_online:
                tickets += online_sales(self.config.seed, plant, population, goods, day)
            return tickets

        return _Shop(plant.site, plant.zone, trade)

    def _sold_online(self, day: LocalDay) -> list[Ticket]:
        sales: Iterable[list[Ticket]] = (
            online_sales(self.config.seed, plant, self.populations[plant.site.id], self.goods[plant.site.id], day)
            for plant in self.plants
        )
        return [ticket for of_one_site in sales for ticket in of_one_site]
