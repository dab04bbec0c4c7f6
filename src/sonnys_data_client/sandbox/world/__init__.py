"""The sandbox's world: what truly happened at an operator's sites, generated from a seed and never stored.

Reading order: `facts` (what is known of a sale) -> `believable` (how a question is answered) -> `trade` (a
site's day) -> `members` (who washes on a plan) -> `till` (how a ticket adds up) -> `daybook` (who learns of
it when).
"""

from .believable import BelievableWorld
from .config import WorldConfig
from .facts import Discount, LineItem, Site, Tender, Transaction
from .members import Member, Population
from .protocol import World

__all__ = [
    "BelievableWorld",
    "Discount",
    "LineItem",
    "Member",
    "Population",
    "Site",
    "Tender",
    "Transaction",
    "World",
    "WorldConfig",
]
