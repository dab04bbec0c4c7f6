"""One full raw row of each model, in the spec's spelling. Each call makes new rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sonnys_data_client.types import (
    ClockEntry,
    Customer,
    CustomerListItem,
    Employee,
    EmployeeListItem,
    Giftcard,
    Item,
    JobData,
    Record,
    RecurringAccount,
    RecurringListItem,
    RecurringModified,
    SalesOutcome,
    Site,
    StatusChange,
    Transaction,
    TransactionJobItem,
    TransactionListItem,
    TransactionListItemV2,
    Washbook,
    WashbookListItem,
)
from tests.types.rows import job_row

TAG = {"id": "1:7", "number": "9870654032190", "enabled": True}
VEHICLE = {"id": "1:8", "plate": "PLT0042"}
PERSON = {"id": "876:1001", "number": "123124324", "firstName": "Jane", "lastName": "Public"}


def _account() -> dict[str, Any]:
    return {
        "id": "876:1001",
        "isOnTrial": False,
        "trialAmount": Decimal("5.00"),
        "billingSiteCode": "MAIN",
        "creationSiteCode": "NORTH",
        "nextBillDate": "2026-12-31",
        "tags": [dict(TAG)],
        "vehicles": [dict(VEHICLE)],
        "lastBillDate": "2026-11-30",
        "billingAmount": Decimal("29.99"),
        "isSuspended": False,
        "suspendedUntil": None,
        "currentRecurringStatusName": "Active",
        "planName": "Gold Plan",
        "customer": dict(PERSON),
        "recurringStatuses": [{"status": "Active", "date": "2020-05-19T05:32:32.000Z"}],
        "recurringBillings": [
            {
                "amountCharged": Decimal("29.99"),
                "date": "2020-05-19T05:32:32.000Z",
                "lastFourCC": "XXXXXXXXXXXX0572",
                "creditCardExpirationDate": "2020-05",
            }
        ],
        "additionalTagPrice": Decimal("10.50"),
    }


def golden() -> list[tuple[type[Record], dict[str, Any]]]:
    """Return each model with a row as the spec describes it."""
    detail = {
        name: value
        for name, value in job_row().items()
        if name not in ("isRecurringPlanSale", "isRecurringPlanRedemption", "transactionStatus")
    }
    short = {"transNumber": 7, "transId": "7:1", "total": Decimal("7.99"), "date": "2018-05-19T05:32:32.000Z"}
    return [
        (Site, {"siteID": 1, "code": "MAIN", "name": "Main Street", "timezone": "America/Chicago"}),
        (TransactionListItem, short),
        (
            TransactionListItemV2,
            {
                **short,
                "customerId": "1:234",
                "isRecurringPlanSale": True,
                "isRecurringPlanRedemption": False,
                "transactionStatus": "Completed",
            },
        ),
        (Transaction, detail),
        (TransactionJobItem, job_row()),
        (JobData, {"hash": "h", "status": "pass", "data": [{}], "offset": 1, "limit": 100, "total": 1}),
        (
            CustomerListItem,
            {
                "customerId": "876:999",
                "firstName": "Jane",
                "lastName": "Public",
                "phoneNumber": "2134567890",
                "customerNumber": "053088815",
                "isActive": True,
                "createdDate": "2025-01-15T22:03:29.000Z",
                "modifiedDate": None,
            },
        ),
        (
            Customer,
            {
                "id": "876:1001",
                "number": "00012345",
                "firstName": "Jane",
                "lastName": "Public",
                "companyName": None,
                "loyaltyNumber": "00098765",
                "address": {
                    "address1": "5605 Hiatus Rd.",
                    "address2": None,
                    "city": "Tamarac",
                    "state": "FL",
                    "country": "US",
                    "postalCode": "33321",
                },
                "phone": "9547204100",
                "email": "jane@example.com",
                "birthDate": "1999-12-31",
                "isActive": True,
                "allowSms": True,
                "recurringSmsSignupDate": "2019-04-01T18:05:04.000Z",
                "loyaltySmsSignupDate": None,
                "modifyDate": "1999-12-31T00:01:02.000Z",
            },
        ),
        (
            Item,
            {
                "sku": "253425",
                "name": "bronze wash",
                "departmentName": "Wash",
                "priceAtSite": Decimal("5.00"),
                "costPerItem": None,
                "isPromptForPrice": False,
                "siteLocation": "MAIN",
            },
        ),
        (EmployeeListItem, {"firstName": "Kim", "lastName": "Cashier", "employeeId": 12}),
        (
            Employee,
            {
                "employeeId": 12,
                "firstName": "Kim",
                "lastName": "Cashier",
                "active": True,
                "startDate": "1999-12-31",
                "startDateChange": None,
                "phone": "1231231234",
                "email": None,
            },
        ),
        (
            ClockEntry,
            {
                "employeeId": 12,
                "clockIn": "2026-11-20T06:01:02.000Z",
                "clockOut": None,
                "regularRate": Decimal("15.40"),
                "regularHours": Decimal("5.4"),
                "overtimeEligible": False,
                "overtimeRate": Decimal("0.00"),
                "overtimeHours": Decimal(0),
                "wasModified": True,
                "modificationTimestamp": "2026-11-21T00:01:02.000Z",
                "wasCreatedInBackOffice": False,
                "siteCode": "MAIN",
                "week": "2026-11-20 - 2026-11-26",
                "weekTotalRegularHours": Decimal("5.4"),
                "weekTotalOverTimeHours": Decimal(0),
            },
        ),
        (
            Giftcard,
            {
                "siteCode": "SITE1",
                "completeDate": "2020-05-19T08:45:00.000Z",
                "number": "253425",
                "value": Decimal("25.00"),
                "amountUsed": Decimal("7.99"),
                "giftcardId": "876:999",
            },
        ),
        (
            WashbookListItem,
            {
                "id": "876:1001",
                "name": "Gold Book",
                "balance": 5,
                "signUpDate": "2000-12-30T13:15:15.000Z",
                "cancelDate": None,
                "billingSiteId": 5,
                "customerId": "876:1001",
                "status": "Active",
            },
        ),
        (
            Washbook,
            {
                "id": "876:1001",
                "name": "Gold Book",
                "balance": 999,
                "customer": dict(PERSON),
                "status": "Inactive",
                "recurringInfo": {
                    "currentBillableAmount": Decimal("5.00"),
                    "nextBillDate": "2020-01-01",
                    "lastBillDate": None,
                    "isOnTrial": False,
                    "remainingTrialPeriods": 0,
                },
                "tags": [dict(TAG)],
                "vehicles": [],
            },
        ),
        (
            RecurringListItem,
            {
                "id": "876:1001",
                "name": "Gold Plan",
                "balance": None,
                "signUpDate": "2020-05-19T08:45:00.000Z",
                "cancelDate": None,
                "billingSiteId": 5,
                "customerId": "876:1001",
                "status": 1,
                "statusName": "Active",
                "billingSiteCode": "MAIN",
            },
        ),
        (RecurringAccount, _account()),
        (
            RecurringModified,
            {
                **_account(),
                "modifications": [
                    {
                        "modificationType": "Tag Added",
                        "modificationDate": "2025-01-01T13:15:15.000Z",
                        "modificationComment": None,
                    }
                ],
            },
        ),
        (
            StatusChange,
            {
                "washbook_account_id": "876:1001",
                "recurring_id": "876:1002",
                "old_status": "Declined",
                "new_status": "Active",
                "status_date": "2020-05-19T08:45:00.000Z",
                "employee_name": "Kim Cashier",
                "site_code": "MAIN",
            },
        ),
        (
            SalesOutcome,
            {
                "timestamp": "1795387440",
                "employeeId": "1",
                "adpId": "FZ0X3D000RX0",
                "employeeName": "Kim Cashier",
                "siteId": "1",
                "site": "100 - Main Street",
                "isConverted": "yes",
                "itemId": "1:999",
                "itemName": "bronze recurring",
                "itemPrice": "15.00",
                "terminalName": "POS1",
            },
        ),
    ]
