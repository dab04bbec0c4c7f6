"""Compare what the archive has with the sandbox's own books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sonnys_data_client.errors import IncompleteError

__all__ = ["compare"]


def compare(rows: Sequence[tuple[str, Decimal]], early: Mapping[str, Decimal], late: Mapping[str, Decimal]) -> None:
    """Compare rows with the books as they were when the syncs began and when they had ended.

    Rows that were added or changed in between may be as they were before or after.

    Args:
        rows: Id and amount of each row that was read.
        early: Amounts by id when the syncs began.
        late: Amounts by id when they had ended.

    Raises:
        IncompleteError: Rows are missing, there twice, unknown, or have another amount.
    """
    read = dict(rows)
    wrong = {
        "missing": len(early.keys() - read.keys()),
        "there twice": len(rows) - len(read),
        "unknown": len(read.keys() - late.keys()),
        "of another amount": sum(
            total not in (early.get(id_, total), late.get(id_, total)) for id_, total in read.items()
        ),
    }
    gaps = [f"{count} {what}" for what, count in wrong.items() if count]
    if gaps:
        raise IncompleteError(f"The rows differ from those in the sandbox's books: {', '.join(gaps)}.", gaps=gaps)
