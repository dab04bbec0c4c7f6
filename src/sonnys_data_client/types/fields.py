"""The kinds of field that a model can have: each a type for editors, and the reader of its values.

A value that its reader refuses costs the row if the kind is one of the last four, and else itself alone: see `record`.

```text
type              nothing (None)   reads                                     refuses
Text              null, blank      text as it is; a number as its digits     true, false, lists, objects
...Word (open)    null, blank      as Text; a known word as its member       as Text
Whole             null, blank      12, "12", 12.0                            12.5, true, 2**63
Count             null, blank      as Whole, of any size                     12.5, true
Money             null, blank      12.1, "12.10", "1,234.50"                 "1,23", NaN, true, 10**14
Flag              null, blank      true, 1, "true", "yes", and opposites     any other number or word
Quantity, Hours   null, blank      as Money, every digit kept                as Money
Instant           also no date     ISO text with a time of day, epoch s      a day without its time
Day               also no date     "2020-01-31", or that day's midnight      any other time
LooseText         null, blank      as Text; anything else as its JSON        -
Unknown           -                anything, as it is                        text that is not Unicode
Id                -                as Text                                   as Text, and nothing
NumericId         -                as Whole                                  as Whole, and nothing
RequiredMoney     -                as Money                                  as Money, and nothing
RequiredInstant   -                as Instant                                as Instant, and nothing
```

"Blank" is text of white space only. "No date" is how databases and languages write a date that was never set:
`0000-00-00`, `-0001-11-30`, `0001-01-01` and `null`, with any time of day.

Pydantic's own readers do not serve: they take true for 1 and a day for its midnight, and refuse spellings that the API
uses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from sonnys_data_client.types.enums import (
    AccountStatus,
    Department,
    ModificationType,
    RecurringStatus,
    TenderSubType,
    TenderType,
    TransactionStatus,
    TransactionType,
)
from sonnys_data_client.types.values import (
    as_list,
    is_nothing,
    read_count,
    read_day,
    read_flag,
    read_instant,
    read_loose_text,
    read_money,
    read_number,
    read_text,
    read_unknown,
    read_whole,
    read_words,
    unparsable,
)

__all__ = [
    "AccountStatusWord",
    "Count",
    "Day",
    "DepartmentWord",
    "Flag",
    "Hours",
    "Id",
    "Instant",
    "LooseText",
    "ModificationWord",
    "Money",
    "NumericId",
    "Quantity",
    "Reads",
    "RecurringStatusWord",
    "RequiredInstant",
    "RequiredMoney",
    "StatusWord",
    "TenderSubTypeWord",
    "TenderWord",
    "Text",
    "TransactionTypeWord",
    "Unknown",
    "Whole",
    "empty_if_nothing",
    "none_if_nothing",
]

T = TypeVar("T")


def _required(read: Callable[[object], T | None]) -> Callable[[object], T]:
    """Make the reader of a required value from the reader of an optional one."""

    def read_required(value: object) -> T:
        result = read(value)
        if result is None:
            raise unparsable("empty")
        return result

    return read_required


@dataclass(frozen=True, slots=True)
class Reads:
    """Reads a field by a function; goes into `Annotated`.

    Pydantic's `PlainValidator` would serialize a value twice, and warn of each that JSON writes as text. Without a
    serializer of its own a value is written by its type: a `Decimal` as text, an instant in ISO 8601.

    Args:
        read: Returns the value, or raises `PydanticCustomError`.
    """

    read: Callable[[object], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read, json_schema_input_schema=handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        of_reader: Any = schema
        return handler(of_reader["json_schema_input_schema"])


Unknown = Annotated[Any, Reads(read_unknown)]
Text = Annotated[str | None, Reads(read_text)]
Whole = Annotated[int | None, Reads(read_whole)]
Count = Annotated[int | None, Reads(read_count)]
Money = Annotated[Decimal | None, Reads(read_money)]
Flag = Annotated[bool | None, Reads(read_flag)]
Quantity = Annotated[Decimal | None, Reads(read_number)]
Hours = Annotated[Decimal | None, Reads(read_number)]
Instant = Annotated[datetime | None, Reads(read_instant)]
Day = Annotated[date | None, Reads(read_day)]
LooseText = Annotated[str | None, Reads(read_loose_text)]

Id = Annotated[str, Reads(_required(read_text))]
NumericId = Annotated[int, Reads(_required(read_whole))]
RequiredMoney = Annotated[Decimal, Reads(_required(read_money))]
RequiredInstant = Annotated[datetime, Reads(_required(read_instant))]

TransactionTypeWord = Annotated[TransactionType | str | None, Reads(read_words(TransactionType))]
StatusWord = Annotated[TransactionStatus | str | None, Reads(read_words(TransactionStatus))]
TenderWord = Annotated[TenderType | str | None, Reads(read_words(TenderType))]
TenderSubTypeWord = Annotated[TenderSubType | str | None, Reads(read_words(TenderSubType))]
DepartmentWord = Annotated[Department | str | None, Reads(read_words(Department))]
AccountStatusWord = Annotated[AccountStatus | str | None, Reads(read_words(AccountStatus))]
RecurringStatusWord = Annotated[RecurringStatus | str | None, Reads(read_words(RecurringStatus))]
ModificationWord = Annotated[ModificationType | str | None, Reads(read_words(ModificationType))]

empty_if_nothing = BeforeValidator(as_list)
"""Marks a tuple of records: see `as_list`."""


def _read_optional(value: object) -> object:
    return None if is_nothing(value) else value


none_if_nothing = BeforeValidator(_read_optional)
"""Marks an optional record: null, "", {} and [] give None."""
