"""How values are written: money, dates, and three ways to write None."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.sandbox import Quirks
from sonnys_data_client.sandbox.replies import as_json
from sonnys_data_client.sandbox.shape import OMITTED
from sonnys_data_client.sandbox.spelling import Spelling, iso, number_of, spaced, text_of


@given(st.integers(0, 4_102_444_800_000))
def test_dates_are_those_of_the_calendar(at_ms: int) -> None:
    moment = datetime.fromtimestamp(at_ms // 1000, tz=UTC)
    assert iso(at_ms) == moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{at_ms % 1000:03d}Z"
    assert spaced(at_ms) == moment.strftime("%Y-%m-%d %H:%M:%S")


@given(st.integers(-(10**11), 10**11))
def test_money_is_exact_to_the_cent_either_way(cents: int) -> None:
    assert Decimal(as_json(number_of(cents)).decode()) * 100 == cents
    assert Decimal(text_of(cents).replace(",", "")) * 100 == cents
    assert text_of(cents)[-3] == "."


def written(format: str, value: int, **quirks: str | bool) -> object:
    write = getattr(Spelling(Quirks(**quirks)), format).write  # type: ignore[arg-type]  # the quirks of one case
    return write(value)


@pytest.mark.parametrize(("unset_as", "value"), [("null", None), ("empty", ""), ("absent", OMITTED)])
def test_what_is_not_set_has_three_spellings(unset_as: str, value: object) -> None:
    spelling = Spelling(Quirks(unset_as=unset_as))  # type: ignore[arg-type]  # one of the three
    assert spelling.unset.value is value or spelling.unset.value == value
    assert spelling.null.value is None


def test_prices_carry_commas_unless_they_do_not() -> None:
    assert written("price", 124_900) == "1,249.00"
    assert written("price", 124_900, price_commas=False) == "1249.00"


def test_the_dates_of_records_may_be_the_other_way_round() -> None:
    assert (written("moment", 0), written("stamp", 0)) == ("1970-01-01T00:00:00.000Z", "1970-01-01 00:00:00")
    swapped = (written("moment", 0, record_dates="swapped"), written("stamp", 0, record_dates="swapped"))
    assert swapped == ("1970-01-01 00:00:00", "1970-01-01T00:00:00.000Z")


def test_every_fifth_id_has_an_unheard_of_word() -> None:
    odd = Spelling(Quirks(unknown_enums=True))
    assert [odd.word("Active", "Frozen", f"{n}:1") for n in (4, 5, 6)] == ["Active", "Frozen", "Active"]
    assert Spelling(Quirks()).word("Active", "Frozen", "5:1") == "Active"


def test_unheard_of_fields_come_only_when_wanted() -> None:
    assert Spelling(Quirks()).unheard_of("colour", "blue") == ()
    (field,) = Spelling(Quirks(extra_fields=True)).unheard_of("colour", "blue")
    assert callable(field.get)
    assert (field.key, field.get(None)) == ("colour", "blue")
