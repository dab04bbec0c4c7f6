"""The API's word lists, which the vendor extends without notice.

So a word that is missing here is data, not an error. A field with such words has the type `Words | str | None`: a
word of the list becomes its member, any other text stays as it came, and a null or blank becomes None. Every member
is a `str`, so one comparison serves both, and `isinstance(value, Words)` tells the two apart:

```python
tender.tender == "Cash"                # True for TenderType.CASH
isinstance(tender.tender, TenderType)  # False for a word that this version does not know
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
    """A wash repeated free of charge."""


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
    """How a payment was made."""

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
    """Card brand, or kind of prepaid or account tender."""

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
    """Part of the menu to which an item belongs."""

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
    """State of a recurring account and its billing."""

    ACTIVE = "Active"
    PAYMENT_FAILED = "Payment Failed"
    """A charge failed and will be tried again."""
    PAYMENT_CC_EXPIRED = "Payment CC Expired"
    PAYMENT_RETRIES_EXCEEDED = "Payment Retries Exceeded"
    """Charges failed too often, and are not tried any more."""
    SUSPENDED = "Suspended"
    """Billing pauses until a given day."""
    EXPIRED = "Expired"
    CANCELLED = "Cancelled"
    """Ended by a person."""
    DECLINED = "Declined"
    """The card's issuer refused."""
    AUTHORIZER_ERROR = "Authorizer Error"
    """The payment processor could not be reached."""
    CLEARED_TOKENS = "Cleared Tokens"
    """Somebody removed the card at a till."""
    CHANGED_AUTHORIZER = "Changed Authorizer"
    """The site has another payment processor now, which does not have the card."""
    PAYMENT_CC_UPDATE_STARTED = "Payment CC Update Started"
    PAYMENT_CC_UPDATE_DECLINED = "Payment CC Update Declined"
    AUTHORIZER_COMMUNICATION_ERROR = "Authorizer communication error"
    UNKNOWN_ERROR = "Unknown error error"
    """The spelling in accounts; status changes have `UNKNOWN_ERROR_IN_CHANGES`."""
    UNKNOWN_ERROR_IN_CHANGES = "Unknown error"
    CANCELED_IN_HISTORY = "Canceled"
    """`CANCELLED`, as spelt in the history of an account."""


class ModificationType(StrEnum):
    """Kind of modification of a recurring account."""

    TAG_ADDED = "Tag Added"
    TAGS_REMOVED = "Tags Removed"
    TAG_REMOVED = "Tag Removed"
    """`TAGS_REMOVED`, as spelt in the spec's sample row."""
    BILLING_AMOUNT_CHANGE = "Billing Amount Change"
    VEHICLE_PLATE_CHANGED = "Vehicle Plate Changed"
    TAG_ENABLED = "Tag Enabled"
    TAG_DISABLED = "Tag Disabled"
    ACCOUNT_STATUS_CHANGED = "Account Status Changed"
    PAYMENT_DATE_CHANGED = "Payment Date Changed"
    PAYMENT_CARD_NUMBER_UPDATED = "Payment Card Number Updated"
