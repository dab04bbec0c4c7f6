"""The client's resources, one class each, for both clients.

`calls` makes operations into methods; `transactions` has `load_job` and `export`, `jobs` the job of one page, `export`
the exports, and `inbox` their rows on the way to the caller. The others are declarations: `customers`, `employees`,
`giftcards`, `items`, `recurring`, `sales_outcomes`, `sites`, `washbooks`.

Each list has three methods: `list` returns all rows, `iter` gives them one by one with one page in memory, and `pages`
gives them page by page with the server's `total`. Further lists are named alike: `list_details`, `iter_details`,
`pages_details`. All three take the same parameters and cost the same, one request a page. With `offset`, a page
number, they read only that page.

All of them may raise:

* `ValidationError`: a parameter is not allowed, or the range makes no sense. As a rule nothing was sent.
* `APIError`: the API refused or could not be reached. The rows that a `list` had read are in its `rows`.
* `IncompleteError`: the server counts more rows than its pages hold. The rows are in its `rows`, too.
* `RowError`: rows could not be parsed. Its `unparsed` has them, raw. It is raised after all other rows have been read.

Dates take epoch seconds, ISO 8601 text, `date` or `datetime`; `engine.windows` states the rule.
"""

from __future__ import annotations

from typing import Generic

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.resources.calls import D
from sonnys_data_client.resources.customers import Customers
from sonnys_data_client.resources.employees import Employees
from sonnys_data_client.resources.giftcards import Giftcards
from sonnys_data_client.resources.items import Items
from sonnys_data_client.resources.recurring import Recurring
from sonnys_data_client.resources.sales_outcomes import SalesOutcomes
from sonnys_data_client.resources.sites import Sites
from sonnys_data_client.resources.washbooks import Washbooks


class Resources(Generic[D]):
    """The resources that both clients have."""

    customers: Customers[D]
    """Customers."""
    items: Items[D]
    """Items for sale."""
    employees: Employees[D]
    """Employees and their clock entries."""
    giftcards: Giftcards[D]
    """Gift cards."""
    washbooks: Washbooks[D]
    """Wash books: packages of prepaid washes."""
    recurring: Recurring[D]
    """Monthly and yearly plans."""
    sites: Sites[D]
    """The account's sites."""
    sales_outcomes: SalesOutcomes[D]
    """Offers of plans, and their results."""

    def _bind_resources(self, driver: D, context: Context) -> None:
        self.customers = Customers(driver, context)
        self.items = Items(driver, context)
        self.employees = Employees(driver, context)
        self.giftcards = Giftcards(driver, context)
        self.washbooks = Washbooks(driver, context)
        self.recurring = Recurring(driver, context)
        self.sites = Sites(driver, context)
        self.sales_outcomes = SalesOutcomes(driver, context)
