"""Raw rows to records: nothing is lost, good rows get through, errors hold no personal data."""

from __future__ import annotations

import copy
import traceback
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.errors import RowError
from sonnys_data_client.types import (
    Record,
    Site,
    Tender,
    TransactionJobItem,
    TransactionListItem,
    UnparsedRow,
    parse_one,
    parse_rows,
)
from sonnys_data_client.types.fields import Id, Money, Text, Whole
from sonnys_data_client.types.record import UNPARSED, Named
from tests.types.rows import PRIVATE, WHERE, job_row

JSON_KEYS = st.text(max_size=8) | st.sampled_from(["amount", "to_api", "model_extra", "__dict__", "self", "name"])


JSON_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**40, max_value=10**60)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats(allow_nan=False)
    | st.text(st.characters(), max_size=12)
    | st.sampled_from(["", " ", "12", "1,234.50", "2020-05-19 08:45:00", "Crypto", "no", "1e9"])
)


JSON = st.recursive(
    JSON_SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(JSON_KEYS, inner, max_size=3),
    max_leaves=6,
)


class Thing(Record):
    """A model as a new resource would have it."""

    id: Id
    unit_price: Money = None
    bought_by: Annotated[Text, Named("customerName")] = None
    count: Whole = None


def refused(model: type[Record], *raw_rows: Any) -> RowError:
    """Return the error that parsing these rows raises."""
    with pytest.raises(RowError) as caught:
        parse_rows(model, raw_rows, **WHERE)
    return caught.value


def read_or_refuse(model: type[Record], raw: object) -> Record | RowError:
    """Return the record that the row makes, or the error that it raises."""
    try:
        return parse_one(model, raw, **WHERE)
    except RowError as error:
        return error


def test_a_raw_row_is_read_by_the_apis_names_only() -> None:
    tender = parse_one(Tender, {"tender": "Cash", "type": "unheard of"}, **WHERE)
    assert tender.tender == "Cash"
    assert tender.model_extra == {"type": "unheard of"}
    assert tender.to_api() == {"tender": "Cash", "type": "unheard of"}
    assert parse_one(Tender, {"type": "Cash"}, **WHERE).tender is None


def test_rows_come_in_their_order() -> None:
    rows = parse_rows(TransactionJobItem, [job_row(id=str(i)) for i in range(5)], **WHERE)
    assert [row.id for row in rows] == ["0", "1", "2", "3", "4"]
    assert parse_rows(TransactionJobItem, [], **WHERE) == []


def test_unparsed_rows_cost_the_others_nothing() -> None:
    bad: list[Any] = [job_row(total="much"), None, job_row(id=""), "a row", [job_row()]]
    error = refused(TransactionJobItem, job_row(id="a"), *bad[:3], job_row(id="b"), *bad[3:])
    assert [row.id for row in error.rows] == ["a", "b"]
    assert [row.raw for row in error.unparsed] == bad
    assert all(row.raw is sent for row, sent in zip(error.unparsed, bad, strict=True))
    assert [row.reason for row in error.unparsed] == [
        "total: not an amount of money",
        "not an object",
        "id: empty",
        "not an object",
        "not an object",
    ]
    assert str(error) == (
        "5 of 7 rows of /transaction/get-job-data could not be parsed as TransactionJobItem: "
        "not an object (3×) | total: not an amount of money | id: empty"
    )
    assert (error.method, error.path, error.body) == ("GET", "/transaction/get-job-data", None)


def test_one_object_that_cannot_be_parsed() -> None:
    with pytest.raises(RowError) as caught:
        parse_one(Site, {"code": "MAIN"}, **WHERE)
    assert caught.value.unparsed == [UnparsedRow({"code": "MAIN"}, "siteID: missing")]
    assert str(caught.value) == "1 row of /transaction/get-job-data could not be parsed as Site: siteID: missing"
    assert caught.value.rows == []


def test_a_reason_names_each_required_field() -> None:
    error = refused(TransactionJobItem, job_row(id="", total=[], number="E-1001", items=[3]))
    assert error.unparsed[0].reason == "id: empty; total: not an amount of money"


def test_a_reason_stops_at_five_fields() -> None:
    class Strict(Record):
        is_row: ClassVar[bool] = False
        a: Money = None
        b: Money = None
        c: Money = None
        d: Money = None
        e: Money = None
        f: Money = None

    reason = refused(Strict, dict.fromkeys("abcdef", "much")).unparsed[0].reason
    assert reason == "; ".join([*(f"{name}: not an amount of money" for name in "abcde"), "and 1 more"])


def test_a_row_with_a_name_that_json_cannot_have_is_refused() -> None:
    reasons = [row.reason for row in refused(Thing, {"id": "1", 2: 3}).unparsed]
    assert reasons == ["2: a name that is not text"]


@pytest.mark.parametrize("wrong", [list(PRIVATE), dict.fromkeys(PRIVATE, PRIVATE[0]), "".join(PRIVATE)])
@pytest.mark.parametrize("field", job_row())
def test_errors_hold_no_personal_data(field: str, wrong: object) -> None:
    # An error repeats neither the value of the field that is wrong nor that of any other.
    error = refused(TransactionJobItem, job_row(**{field: wrong}), job_row(id=None))
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.unparsed)
    assert [words for words in PRIVATE if words in told] == []
    assert error.__context__ is None
    assert error.unparsed[-1].reason == "id: empty"


@given(data=st.data())
def test_any_row_is_parsed_without_loss_or_handed_back(data: st.DataObject) -> None:
    raw = job_row()
    place: dict[str, Any] = data.draw(
        st.sampled_from([raw, raw["tenders"][0], raw["items"][0], raw["discount"][0]]), label="place"
    )
    for name in data.draw(st.lists(st.sampled_from(sorted(place)), max_size=3, unique=True), label="spoilt"):
        if data.draw(st.booleans(), label="missing"):
            del place[name]
        else:
            place[name] = data.draw(JSON, label="value")
    for name, value in data.draw(st.dictionaries(JSON_KEYS, JSON, max_size=2), label="extra").items():
        place.setdefault(name, value)
    sent = copy.deepcopy(raw)
    outcome = read_or_refuse(TransactionJobItem, raw)
    if isinstance(outcome, RowError):
        assert [row.raw is raw for row in outcome.unparsed] == [True]
        assert outcome.rows == []
    else:
        assert parse_one(TransactionJobItem, outcome.to_api(), **WHERE) == outcome
        assert set(outcome.model_extra or {}) - {UNPARSED} <= set(raw)
    assert raw == sent


@given(raw=JSON)
def test_what_is_not_a_row_is_handed_back(raw: object) -> None:
    for model in (TransactionListItem, Site):
        with pytest.raises(RowError) as caught:
            parse_one(model, raw, **WHERE)
        assert caught.value.unparsed[0].raw is raw


def test_instants_and_amounts_have_their_python_types() -> None:
    row = parse_one(TransactionListItem, {"transId": "1", "total": 1, "date": "2020-05-19 08:45:00"}, **WHERE)
    assert (row.total, row.date) == (Decimal("1.00"), datetime(2020, 5, 19, 8, 45, tzinfo=UTC))
