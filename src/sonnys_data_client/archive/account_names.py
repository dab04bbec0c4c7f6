"""Names of accounts in an archive: each names folders, from which other tools read a column.

pandas, Polars, Spark and DuckDB look at `account=<name>` and guess a type: they read `account=001` as the number 1,
`account=2026-11-01` as a date, and `account=NaN` as no value at all. So a new name begins with a letter, and is no word
that one of them takes for a value. Names of earlier versions stay as they are, because they are in the files' paths.
"""

from __future__ import annotations

from collections.abc import Collection

from sonnys_data_client.errors import ValidationError

ACCOUNT = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""Names that an archive may have, as a regular expression."""
ALLOWED = "1 to 64 letters, digits, '.', '_' and '-', of which the first is a letter"

_VALUES = frozenset(["true", "false", "null", "none", "nil", "na", "nan", "nat", "inf", "infinity", "epoch"])
"""Words that a reader takes for a boolean, for nothing, for a number or for a date."""


def looks_like_value(name: str) -> bool:
    """Tell whether another tool may read a name as a number, a date, a boolean or nothing."""
    return not name[:1].isalpha() or name.lower() in _VALUES


def check_new_account(name: str, known: Collection[str]) -> None:
    """Check the name of an account, unless the archive has it already.

    Args:
        name: The name, which matches `ACCOUNT`.
        known: The accounts that the archive has.

    Raises:
        ValidationError: The name looks like a value.
    """
    if name not in known and looks_like_value(name):
        raise ValidationError(
            "looks like a number, a date or another value, and tools that read the folders would take it for one",
            parameter="account",
            value=name,
            remedy="Choose another name for this account in the archive.",
            allowed=f"{ALLOWED}, but not {', '.join(sorted(_VALUES))}",
        )
