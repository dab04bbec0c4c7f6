"""What models say of their fields."""

from __future__ import annotations

import inspect

import pytest

from sonnys_data_client.types import Record, Site, TransactionJobItem, docstrings
from sonnys_data_client.types.docstrings import about_field, about_model, meaning


def test_a_field_says_what_stands_below_it_also_in_a_base() -> None:
    assert about_field(Site, "name") == "Full name. Spec."
    assert about_field(TransactionJobItem, "number") == "The number printed at the till. Spec."
    assert about_field(Site, "nothing") == ""
    assert about_model(Site).startswith("A site of the account.")


def test_a_class_of_a_test_has_no_docstrings_of_fields() -> None:
    class Bare(Record):
        name: str

    assert about_field(Bare, "name") == ""
    assert about_model(Record).startswith("One object of the API")


def test_a_frozen_program_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def getsource(_: object) -> str:
        raise OSError("could not get source code")

    monkeypatch.setattr(inspect, "getsource", getsource)
    docstrings._documented.cache_clear()
    try:
        assert about_field(Site, "name") == ""
    finally:
        docstrings._documented.cache_clear()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Full name. Spec.", "Full name."),
        ("Spec. A return is a row (seen live).", "A return is a row (seen live)."),
        ("`Site.code`. From the request.", "`Site.code`."),
        ("Free text (spec).", "Free text (spec)."),
        ("A day. Spec, as a whole number.", "A day. Spec, as a whole number."),
    ],
)
def test_the_source_of_a_field_is_no_part_of_its_meaning(text: str, left: str) -> None:
    assert meaning(text) == left
