"""Compare rows with the sandbox's books."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sonnys_data_client.cli.commands.demo.books import compare
from sonnys_data_client.errors import IncompleteError

ROWS = [("12:1", Decimal("16.05")), ("13:1", Decimal("-0.01"))]
GOOD = dict(ROWS)


def test_rows_that_agree_with_the_books_pass() -> None:
    compare(ROWS, GOOD, GOOD)


def test_what_came_or_changed_meanwhile_may_be_there_or_not() -> None:
    late = GOOD | {"13:1": Decimal(5), "14:1": Decimal(1)}
    compare(ROWS, GOOD, late)
    compare(list(late.items()), GOOD, late)


@pytest.mark.parametrize(
    ("books", "rows", "words"),
    [
        (GOOD | {"14:1": Decimal(5)}, ROWS, "1 missing"),
        (GOOD, ROWS[:1], "1 missing"),
        (GOOD, [*ROWS, *ROWS], "2 there twice"),
        ({"12:1": GOOD["12:1"]}, ROWS, "1 unknown"),
        (GOOD | {"13:1": Decimal(1)}, ROWS, "1 of another amount"),
    ],
)
def test_rows_that_do_not_are_an_error(books: dict[str, Decimal], rows: list[tuple[str, Decimal]], words: str) -> None:
    with pytest.raises(IncompleteError, match=f"differ from those in the sandbox's books: {words}.") as caught:
        compare(rows, books, books)
    assert caught.value.gaps == (words,)
