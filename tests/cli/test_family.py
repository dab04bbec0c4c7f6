"""Examples in a docstring."""

from __future__ import annotations

from sonnys_data_client.cli.family import examples_of


def with_examples() -> None:
    """Do it.

    Args:
        nothing: At all.

    Examples:
        sonnys do it
        sonnys do --more    # of it

    Raises:
        Nothing: Ever.
    """


def without() -> None:
    """Do it."""


def test_examples_are_the_lines_of_their_section() -> None:
    assert examples_of(with_examples) == ["sonnys do it", "sonnys do --more    # of it"]
    assert examples_of(without) == []
