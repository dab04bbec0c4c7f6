"""The sandbox's world: all that happened at an operator's sites.

It is generated from a seed and never stored.

Read about transactions in this order: `facts` (the fields of a sale) -> `believable` (how a question is answered) ->
`trade` (a site's day) -> `members` (who washes on a plan) -> `till` (how a ticket adds up) -> `daybook` (when the
server learns of it). Then read about all other records: `histories` and `accounts` (their fields) -> `lives` (what
happens to an account) -> `prepaid` (bought now, used later) -> `rota` (who works when) -> `records` (how a question
is answered).

Besides: `protocol` (the questions that a world answers), `config` (its settings), `listed` (worlds that a test writes
down), `sites` and `menu` (where and what is sold), `demand` (how many cars come), `sales` (plans and prepaid goods at
the till), `customers` and `people` (who they are), `days`, `ids`, `dice` (local days, the API's ids, random draws).
"""

from .accounts import MODIFICATIONS, STATUSES, Modification, Recharge, RecurringAccount, StatusChange
from .believable import BelievableWorld
from .config import WorldConfig
from .facts import Discount, LineItem, Site, Tender, Transaction
from .histories import ClockEntry, Customer, Employee, GiftCard, Item, Outcome, Washbook
from .listed import ListedRecords
from .members import Member, Population
from .protocol import Records, World

__all__ = [
    "MODIFICATIONS",
    "STATUSES",
    "BelievableWorld",
    "ClockEntry",
    "Customer",
    "Discount",
    "Employee",
    "GiftCard",
    "Item",
    "LineItem",
    "ListedRecords",
    "Member",
    "Modification",
    "Outcome",
    "Population",
    "Recharge",
    "Records",
    "RecurringAccount",
    "Site",
    "StatusChange",
    "Tender",
    "Transaction",
    "Washbook",
    "World",
    "WorldConfig",
]
