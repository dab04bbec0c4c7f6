"""The word lists: the API's spelling, and words that are not in them."""

from __future__ import annotations

from enum import StrEnum

import pytest

from sonnys_data_client.types import (
    Department,
    TenderSubType,
    TenderType,
    TransactionStatus,
    TransactionType,
)
from sonnys_data_client.types.values import read_words

SPELT = {
    TransactionType: "Sale|Return|Rewash",
    TransactionStatus: "Incomplete|In-Progress|Completed|Suspended|Voided|Recalled|Pre-Sell|N/A",
    TenderType: (
        "Cash|Credit|Debit|Void|Alt-Currency|Check|Prepaid|Coupon|Paid On Account|Prepaid 3rd Party|Fleet|Prepaid Wash"
    ),
    TenderSubType: (
        "Visa|MasterCard|Discover|Amex|Giftcard|Washbook|Washbook Recurring|RFID|RFID Recurring|XpressWash"
        "|Code|Hamilton Fleet|Hamilton Value|3rd Party Interface|House Account Card|Voyager|Other|P-Card"
        "|House Account RFID|LPR|Debit"
    ),
    Department: (
        "Wash|Detail|Service|Merchandise|Promotion/Coupon|GiftCard|WashBook|Recurring Plan|Add On"
        "|Vacuum Sales|Prepaid Wash"
    ),
}


@pytest.mark.parametrize(("kind", "words"), SPELT.items())
def test_members_are_the_words_of_the_spec(kind: type[StrEnum], words: str) -> None:
    assert [member.value for member in kind] == words.split("|")
    assert [read_words(kind)(word) for word in words.split("|")] == list(kind)


@pytest.mark.parametrize("kind", SPELT)
def test_an_unknown_word_stays_text(kind: type[StrEnum]) -> None:
    word = read_words(kind)(" Crypto ")
    assert word == " Crypto "
    assert not isinstance(word, kind)


@pytest.mark.parametrize("kind", SPELT)
def test_a_null_or_blank_is_none(kind: type[StrEnum]) -> None:
    assert [read_words(kind)(nothing) for nothing in (None, "", "  ")] == [None, None, None]


def test_a_member_is_its_text() -> None:
    assert read_words(TenderType)("Cash") is TenderType.CASH
    assert f"{TenderType.CASH}" == "Cash"
