"""From truth to JSON: how the API spells a row, quirks included.

The world holds cents, milliseconds and None; the wire holds numbers or texts, dates in one of two spellings,
and three ways to say that there is nothing. Whatever a quirk can change about a row is decided here and only
here. Rows become plain dicts; turning those into bytes is the caller's affair.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from sonnys_data_client.sandbox.quirks import Quirks
from sonnys_data_client.sandbox.world.facts import Discount, LineItem, Site, Tender, Transaction

__all__ = ["Renderer"]

_DAY_MS = 86_400_000
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

_MAYBE_NOBODY = (
    ("customerName", "customer_name"),
    ("customerId", "customer_id"),
    ("vehicleLicensePlate", "plate"),
    ("employeeCashier", "cashier"),
    ("employeeGreeter", "greeter"),
)
"""The fields that the live service sends as `""` when there is nobody (L), and where each comes from."""


class Renderer:
    """Spells rows under one set of quirks."""

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks
        self._money: Callable[[int], float | str] = _text if quirks.money == "string" else _number
        self._date: Callable[[int], str] = _iso if quirks.date_format == "iso" else _spaced
        self._nobody = None if quirks.none_as == "null" else ""
        self._omits_nobody = quirks.none_as == "absent"

    def site(self, site: Site) -> dict[str, Any]:
        """Return a row of `/site/list`."""
        code = None if not site.code and self._quirks.blank_code == "null" else site.code
        row = {"siteID": site.id, "code": code, "name": site.name, "timezone": site.timezone}
        if self._quirks.extra_fields:
            row["phase"] = "open"
        return row

    def summary(self, row: Transaction) -> dict[str, Any]:
        """Return a row of `/transaction` and `/transaction/type/{item_type}`."""
        shown: dict[str, Any] = {
            "transNumber": row.number,
            "transId": row.id,
            "total": self._money(row.total_cents),
            "date": self._date(row.completed_ms),
        }
        if self._quirks.extra_fields:
            shown["lane"] = row.number % 3 + 1
        return shown

    def summary_v2(self, row: Transaction) -> dict[str, Any]:
        """Return a row of `/transaction/version-2`."""
        shown = self.summary(row)
        self._put(shown, "customerId", row.customer_id)
        shown.update(self._flags(row))
        return shown

    def detail(self, row: Transaction) -> dict[str, Any]:
        """Return the object of `/transaction/{id}`."""
        quirks, money = self._quirks, self._money
        shown: dict[str, Any] = {
            "id": row.id,
            "number": row.number,
            "type": "Exchange" if self._is_novel(row) else row.type,
            "completeDate": self._date(row.completed_ms),
            "locationCode": row.site_code,
            "salesDeviceName": row.device,
            "total": money(row.total_cents),
            "tenders": [self._tender(tender, row) for tender in row.tenders],
            "items": [self._item(item, row) for item in row.items],
        }
        for key, attribute in _MAYBE_NOBODY:
            self._put(shown, key, getattr(row, attribute))
        shown[quirks.discount_key] = [self._discount(discount) for discount in row.discounts]
        shown["isRecurringPayment"] = row.is_recurring_payment
        shown["isRecurringRedemption"] = row.is_recurring_redemption
        shown["isRecurringSale"] = row.is_recurring_sale
        shown["isPrepaidRedemption"] = row.is_prepaid_redemption
        shown["isPrepaidSale"] = row.is_prepaid_sale
        if quirks.extra_fields:
            shown["weather"] = {"sky": "clear", "rainInches": 0.1}
        return shown

    def job_row(self, row: Transaction) -> dict[str, Any]:
        """Return a row of `/transaction/get-job-data`: the detail and, if not omitted, three flags."""
        shown = self.detail(row)
        if not self._quirks.omit_job_flags:
            shown.update(self._flags(row))
        return shown

    def _flags(self, row: Transaction) -> dict[str, Any]:
        return {
            "isRecurringPlanSale": row.is_plan_sale_v2,
            "isRecurringPlanRedemption": row.is_plan_redemption_v2,
            "transactionStatus": "Reconciling" if self._is_novel(row) else row.status,
        }

    def _tender(self, tender: Tender, row: Transaction) -> dict[str, Any]:
        money = self._money
        shown: dict[str, Any] = {
            "tender": "Crypto" if self._is_novel(row) else tender.tender,
            "tenderSubType": "Palm Reader" if self._is_novel(row) else tender.sub_type,
            "amount": money(tender.amount_cents),
            # S: change is what goes back, so its sign is the opposite of the amount's.
            "change": money(-tender.change_cents),
            "total": money(tender.total_cents),
            "referenceNumber": tender.reference,
            "creditCardLastFour": tender.card_last_four,
            "creditCardExpirationDate": tender.card_expiry,
        }
        if self._quirks.extra_fields:
            shown["isContactless"] = True
        return shown

    def _item(self, item: LineItem, row: Transaction) -> dict[str, Any]:
        money = self._money
        shown: dict[str, Any] = {
            "name": item.name,
            "sku": item.sku,
            "department": "Robotics" if self._is_novel(row) else item.department,
            "quantity": item.quantity,
            "gross": money(item.gross_cents),
            "net": money(item.net_cents),
            "discount": money(item.discount_cents),
            "tax": money(item.tax_cents),
            "additionalFee": money(item.fee_cents),
            "isVoided": item.is_voided,
        }
        if self._quirks.extra_fields:
            shown["waterLitres"] = 113.56
        return shown

    def _discount(self, discount: Discount) -> dict[str, Any]:
        return {
            "discountName": discount.name,
            "discountSku": discount.sku,
            "appliedToItemName": discount.applied_to,
            self._quirks.discount_amount_key: self._money(discount.amount_cents),
            "discountCode": discount.code,
        }

    def _put(self, shown: dict[str, Any], key: str, value: str | None) -> None:
        if value is not None:
            shown[key] = value
        elif not self._omits_nobody:
            shown[key] = self._nobody

    def _is_novel(self, row: Transaction) -> bool:
        return self._quirks.unknown_enums and row.number % 5 == 0


def _number(cents: int) -> float:
    """Return dollars; the shortest decimal that JSON writes for it is exact to the cent."""
    return cents / 100


def _text(cents: int) -> str:
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}.{rest:02d}"


@lru_cache(maxsize=512)
def _day_text(day: int) -> str:
    return date.fromordinal(_EPOCH_ORDINAL + day).isoformat()


def _iso(at_ms: int) -> str:
    day, rest = divmod(at_ms, _DAY_MS)
    seconds, ms = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_day_text(day)}T{hour:02d}:{minute:02d}:{second:02d}.{ms:03d}Z"


def _spaced(at_ms: int) -> str:
    return _iso(at_ms)[:19].replace("T", " ")
