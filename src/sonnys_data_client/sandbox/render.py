"""JSON of transactions and sites, quirks included."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sonnys_data_client.sandbox.quirks import Quirks
from sonnys_data_client.sandbox.shape import Field, Shape, many
from sonnys_data_client.sandbox.spelling import FLAG, TEXT, WHOLE, Spelling
from sonnys_data_client.sandbox.world.facts import Discount, LineItem, Site, Tender, Transaction

__all__ = ["Renderer"]

_MAYBE_NOBODY = (
    ("customerName", "customer_name"),
    ("customerId", "customer_id"),
    ("vehicleLicensePlate", "plate"),
    ("employeeCashier", "cashier"),
    ("employeeGreeter", "greeter"),
)
"""The fields that the live service sends as `""` when there is nobody (L), each with its attribute."""


class Renderer:
    """Makes JSON of rows under one set of quirks.

    Attributes:
        sites: Shape of a row of `/site/list`.
        summaries: Shape of a row of `/transaction` and `/transaction/type/{item_type}`.
        summaries_v2: Shape of a row of `/transaction/version-2`.
        details: Shape of the object of `/transaction/{id}`.
        job_rows: Shape of a row of `/transaction/get-job-data`.
    """

    def __init__(self, quirks: Quirks) -> None:
        self.spelling = spelling = Spelling(quirks)
        summary, flags, detail = _summary_fields(spelling), _flag_fields(), _detail_fields(spelling, quirks)
        customer: Field[Transaction] = Field("customerId", TEXT, "customer_id", spelling.nobody)
        self.sites = Shape("Site", _site_fields(spelling, quirks))
        self.summaries = Shape("TransactionSummary", summary)
        self.summaries_v2 = Shape("TransactionSummaryV2", [*summary, customer, *flags])
        self.details = Shape("Transaction", detail)
        self.job_rows = Shape("TransactionJobRow", detail if quirks.omit_job_flags else [*detail, *flags])

    def site(self, site: Site) -> dict[str, Any]:
        """Return a row of `/site/list`."""
        return self.sites.write(site)

    def summary(self, row: Transaction) -> dict[str, Any]:
        """Return a row of `/transaction` and `/transaction/type/{item_type}`."""
        return self.summaries.write(row)

    def summary_v2(self, row: Transaction) -> dict[str, Any]:
        """Return a row of `/transaction/version-2`."""
        return self.summaries_v2.write(self._with_novel_words(row))

    def detail(self, row: Transaction) -> dict[str, Any]:
        """Return the object of `/transaction/{id}`."""
        return self.details.write(self._with_novel_words(row))

    def job_row(self, row: Transaction) -> dict[str, Any]:
        """Return a row of `/transaction/get-job-data`.

        It is the detail with three flags, unless these are omitted.
        """
        return self.job_rows.write(self._with_novel_words(row))

    def _with_novel_words(self, row: Transaction) -> Transaction:
        """Return the row.

        Under a quirk, every fifth one gets words that the contract does not list.
        """
        if not self.spelling.is_novel(row.number):
            return row
        return replace(
            row,
            type="Exchange",
            status="Reconciling",
            tenders=tuple(replace(tender, tender="Crypto", sub_type="Palm Reader") for tender in row.tenders),
            items=tuple(replace(item, department="Robotics") for item in row.items),
        )


def _site_fields(spelling: Spelling, quirks: Quirks) -> list[Field[Site]]:
    code: Field[Site] = Field("code", TEXT, "code")
    if quirks.blank_code == "null":
        code = Field("code", TEXT, lambda site: site.code or None, spelling.null)
    return [
        Field("siteID", WHOLE, "id"),
        code,
        Field("name", TEXT, "name"),
        Field("timezone", TEXT, "timezone", spelling.null),
        *spelling.unheard_of("phase", "open"),
    ]


def _summary_fields(spelling: Spelling) -> list[Field[Transaction]]:
    return [
        Field("transNumber", WHOLE, "number"),
        Field("transId", TEXT, "id"),
        Field("total", spelling.money, "total_cents"),
        Field("date", spelling.instant, "completed_ms"),
        *spelling.unheard_of("lane", 1),
    ]


def _flag_fields() -> list[Field[Transaction]]:
    return [
        Field("isRecurringPlanSale", FLAG, "is_plan_sale_v2"),
        Field("isRecurringPlanRedemption", FLAG, "is_plan_redemption_v2"),
        Field("transactionStatus", TEXT, "status"),
    ]


def _detail_fields(spelling: Spelling, quirks: Quirks) -> list[Field[Transaction]]:
    tenders = Shape("Tender", _tender_fields(spelling))
    items = Shape("LineItem", _item_fields(spelling))
    discounts = Shape("Discount", _discount_fields(spelling, quirks))
    return [
        Field("id", TEXT, "id"),
        Field("number", WHOLE, "number"),
        Field("type", TEXT, "type"),
        Field("completeDate", spelling.instant, "completed_ms"),
        Field("locationCode", TEXT, "site_code"),
        Field("salesDeviceName", TEXT, "device"),
        Field("total", spelling.money, "total_cents"),
        Field("tenders", many(tenders), "tenders"),
        Field("items", many(items), "items"),
        *(Field(key, TEXT, attribute, spelling.nobody) for key, attribute in _MAYBE_NOBODY),
        Field(quirks.discount_key, many(discounts), "discounts"),
        Field("isRecurringPayment", FLAG, "is_recurring_payment"),
        Field("isRecurringRedemption", FLAG, "is_recurring_redemption"),
        Field("isRecurringSale", FLAG, "is_recurring_sale"),
        Field("isPrepaidRedemption", FLAG, "is_prepaid_redemption"),
        Field("isPrepaidSale", FLAG, "is_prepaid_sale"),
        *spelling.unheard_of("weather", {"sky": "clear", "rainInches": 0.1}),
    ]


def _tender_fields(spelling: Spelling) -> list[Field[Tender]]:
    money, null = spelling.money, spelling.null
    return [
        Field("tender", TEXT, "tender"),
        Field("tenderSubType", TEXT, "sub_type", null),
        Field("amount", money, "amount_cents"),
        # S: change is what the customer gets back, so its sign is the opposite of the amount's.
        Field("change", money, lambda tender: -tender.change_cents),
        Field("total", money, "total_cents"),
        Field("referenceNumber", TEXT, "reference", null),
        Field("creditCardLastFour", TEXT, "card_last_four", null),
        Field("creditCardExpirationDate", TEXT, "card_expiry", null),
        *spelling.unheard_of("isContactless", value=True),
    ]


def _item_fields(spelling: Spelling) -> list[Field[LineItem]]:
    money = spelling.money
    return [
        Field("name", TEXT, "name"),
        Field("sku", TEXT, "sku", spelling.null),
        Field("department", TEXT, "department"),
        Field("quantity", WHOLE, "quantity"),
        Field("gross", money, "gross_cents"),
        Field("net", money, "net_cents"),
        Field("discount", money, "discount_cents"),
        Field("tax", money, "tax_cents"),
        Field("additionalFee", money, "fee_cents"),
        Field("isVoided", FLAG, "is_voided"),
        *spelling.unheard_of("waterLitres", 113.56),
    ]


def _discount_fields(spelling: Spelling, quirks: Quirks) -> list[Field[Discount]]:
    return [
        Field("discountName", TEXT, "name"),
        Field("discountSku", TEXT, "sku", spelling.null),
        Field("appliedToItemName", TEXT, "applied_to"),
        Field(quirks.discount_amount_key, spelling.money, "amount_cents"),
        Field("discountCode", TEXT, "code"),
    ]
