"""The sandbox's world: what truly happened at an operator's sites, generated from a seed and never stored.

Reading order: `facts` (what is known of a sale) -> `believable` (how a question is answered) -> `trade` (a
site's day) -> `members` (who washes on a plan) -> `till` (how a ticket adds up) -> `daybook` (who learns of
it when). Then what lies beside the till: `stories` and `accounts` (the facts) -> `lives` (how an account goes) ->
`prepaid` (bought now, used later) -> `rota` (who works) -> `records` (how a question is answered).
"""

from .accounts import MODIFICATIONS, STATUSES, Account, Modification, Recharge, StatusChange
from .believable import BelievableWorld
from .config import WorldConfig
from .facts import Discount, LineItem, Site, Tender, Transaction
from .listed import ListedRecords
from .members import Member, Population
from .protocol import Records, World
from .stories import ClockEntry, Customer, Employee, GiftCard, Item, Outcome, Washbook

__all__ = [
    "MODIFICATIONS",
    "STATUSES",
    "Account",
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
    "Site",
    "StatusChange",
    "Tender",
    "Transaction",
    "Washbook",
    "World",
    "WorldConfig",
]
