"""The API's word lists, open at the end.

The vendor adds words without notice, so a word that is missing here is data, not an error. A field of such
a type is read as `Words | str | None`: a word from the list becomes its member, any other text stays as it
came, and nothing becomes None. Every member is a `str`, so one comparison serves both, and
`isinstance(value, Words)` tells the two apart:

```python
tender.type == "Cash"               # True for TenderType.CASH
isinstance(tender.type, TenderType) # False for a word that this version does not know
```

All lists are the spec's; the words are written exactly as the API spells them.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "AccountStatus",
    "Department",
    "ModificationType",
    "RecurringStatus",
    "TenderSubType",
    "TenderType",
    "TransactionStatus",
    "TransactionType",
]


class TransactionType(StrEnum):
    """What kind of transaction a row is."""

    SALE = "Sale"
    RETURN = "Return"
    """Money back: a row of its own, beside the sale it reverses (seen live)."""
    REWASH = "Rewash"
    """A wash done again, as a courtesy."""


class TransactionStatus(StrEnum):
    """How far a transaction has got. Voided and incomplete rows are not sales (seen live)."""

    INCOMPLETE = "Incomplete"
    IN_PROGRESS = "In-Progress"
    COMPLETED = "Completed"
    SUSPENDED = "Suspended"
    VOIDED = "Voided"
    RECALLED = "Recalled"
    PRE_SELL = "Pre-Sell"
    NOT_APPLICABLE = "N/A"


class TenderType(StrEnum):
    """How a part of a transaction was paid."""

    CASH = "Cash"
    CREDIT = "Credit"
    DEBIT = "Debit"
    VOID = "Void"
    ALT_CURRENCY = "Alt-Currency"
    CHECK = "Check"
    PREPAID = "Prepaid"
    COUPON = "Coupon"
    PAID_ON_ACCOUNT = "Paid On Account"
    PREPAID_3RD_PARTY = "Prepaid 3rd Party"
    FLEET = "Fleet"
    PREPAID_WASH = "Prepaid Wash"


class TenderSubType(StrEnum):
    """The card brand, or the scheme behind a prepaid or account tender."""

    VISA = "Visa"
    MASTERCARD = "MasterCard"
    DISCOVER = "Discover"
    AMEX = "Amex"
    GIFTCARD = "Giftcard"
    WASHBOOK = "Washbook"
    WASHBOOK_RECURRING = "Washbook Recurring"
    RFID = "RFID"
    RFID_RECURRING = "RFID Recurring"
    XPRESS_WASH = "XpressWash"
    CODE = "Code"
    HAMILTON_FLEET = "Hamilton Fleet"
    HAMILTON_VALUE = "Hamilton Value"
    THIRD_PARTY_INTERFACE = "3rd Party Interface"
    HOUSE_ACCOUNT_CARD = "House Account Card"
    VOYAGER = "Voyager"
    OTHER = "Other"
    P_CARD = "P-Card"
    HOUSE_ACCOUNT_RFID = "House Account RFID"
    LPR = "LPR"
    """The vehicle was recognised by its plate."""
    DEBIT = "Debit"


class Department(StrEnum):
    """The part of the menu that an item belongs to."""

    WASH = "Wash"
    DETAIL = "Detail"
    SERVICE = "Service"
    MERCHANDISE = "Merchandise"
    PROMOTION_COUPON = "Promotion/Coupon"
    GIFT_CARD = "GiftCard"
    WASH_BOOK = "WashBook"
    RECURRING_PLAN = "Recurring Plan"
    ADD_ON = "Add On"
    VACUUM_SALES = "Vacuum Sales"
    PREPAID_WASH = "Prepaid Wash"


class AccountStatus(StrEnum):
    """Whether a wash book can be used."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"


class RecurringStatus(StrEnum):
    """How a recurring account stands with its billing."""

    ACTIVE = "Active"
    PAYMENT_FAILED = "Payment Failed"
    """A charge failed and will be tried again."""
    PAYMENT_CC_EXPIRED = "Payment CC Expired"
    PAYMENT_RETRIES_EXCEEDED = "Payment Retries Exceeded"
    """A charge failed too often, and is not tried any more."""
    SUSPENDED = "Suspended"
    """Billing pauses until a day."""
    EXPIRED = "Expired"
    CANCELLED = "Cancelled"
    """Ended by somebody's hand."""
    DECLINED = "Declined"
    """The card's issuer refused."""
    AUTHORIZER_ERROR = "Authorizer Error"
    """The payment processor could not be asked."""
    CLEARED_TOKENS = "Cleared Tokens"
    """Somebody removed the card at a till."""
    CHANGED_AUTHORIZER = "Changed Authorizer"
    """The site has another payment processor now, which does not have the card."""
    PAYMENT_CC_UPDATE_STARTED = "Payment CC Update Started"
    PAYMENT_CC_UPDATE_DECLINED = "Payment CC Update Declined"
    AUTHORIZER_COMMUNICATION_ERROR = "Authorizer communication error"
    UNKNOWN_ERROR = "Unknown error error"
    """So spelt in accounts; status changes spell it `UNKNOWN_ERROR_IN_CHANGES`."""
    UNKNOWN_ERROR_IN_CHANGES = "Unknown error"
    CANCELED_IN_HISTORY = "Canceled"
    """`CANCELLED`, as the statuses of an account in detail spell it."""


class ModificationType(StrEnum):
    """What was changed about a recurring account."""

    TAG_ADDED = "Tag Added"
    TAGS_REMOVED = "Tags Removed"
    TAG_REMOVED = "Tag Removed"
    """`TAGS_REMOVED`, as the spec's sample row spells it."""
    BILLING_AMOUNT_CHANGE = "Billing Amount Change"
    VEHICLE_PLATE_CHANGED = "Vehicle Plate Changed"
    TAG_ENABLED = "Tag Enabled"
    TAG_DISABLED = "Tag Disabled"
    ACCOUNT_STATUS_CHANGED = "Account Status Changed"
    PAYMENT_DATE_CHANGED = "Payment Date Changed"
    PAYMENT_CARD_NUMBER_UPDATED = "Payment Card Number Updated"
