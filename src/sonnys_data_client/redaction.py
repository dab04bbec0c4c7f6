"""What an archive must not hold in clear: names, plates, phone numbers, e-mail addresses; and how it is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Literal, Self, get_args

from sonnys_data_client.errors import ValidationError

__all__ = ["Kind", "Redaction", "Way"]

Kind = Literal["names", "plates", "phones", "emails"]
Way = Literal["drop", "hash"]
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Redaction:
    """Which personal data of an account is hidden, each kind in its way: see `archive.personal` for the fields.

    `drop` leaves nothing. `hash` leaves a text that is the same for the same name, plate or number, and that nobody can
    make without the account's key. None leaves what came.

    Attributes:
        names: Names of customers and employees.
        plates: Licence plates.
        phones: Phone numbers.
        emails: E-mail addresses.
    """

    names: Way | None = None
    plates: Way | None = None
    phones: Way | None = None
    emails: Way | None = None

    def __post_init__(self) -> None:
        for kind, way in self.ways.items():
            if way not in get_args(Way):
                raise ValidationError(parameter=kind, value=way, allowed=list(get_args(Way)))

    @classmethod
    def read(cls, text: str, *, parameter: str = "redact") -> Self:
        """Read what the command line and profiles say, such as `names,plates=hash`. A kind without a way is dropped.

        Args:
            text: The kinds, with commas between them; `none` for none.
            parameter: What errors call it.

        Raises:
            ValidationError: It names another kind or way.
        """
        kinds = get_args(Kind)
        ways: dict[str, Way] = {}
        for part in () if text.strip() == _NONE else text.split(","):
            kind, separator, way = (piece.strip() for piece in part.partition("="))
            if kind not in kinds or (separator and way not in get_args(Way)):
                raise ValidationError(
                    parameter=parameter,
                    value=text,
                    allowed=f"some of {', '.join(kinds)}, each alone or with =hash, such as names,plates=hash; or none",
                )
            ways[kind] = "hash" if way == "hash" else "drop"
        return cls(**ways)

    @property
    def ways(self) -> Mapping[str, Way]:
        """The kinds that are hidden, and how."""
        return dict(self._ways())

    def _ways(self) -> Iterator[tuple[str, Way]]:
        for each in fields(self):
            way = getattr(self, each.name)
            if way is not None:
                yield each.name, way

    def __or__(self, more: Redaction) -> Redaction:
        """Hide what either hides; where both do, as `more` says."""
        ways: dict[str, Way] = {**self.ways, **more.ways}
        return Redaction(**ways)

    def __bool__(self) -> bool:
        return bool(self.ways)

    def __str__(self) -> str:
        return ",".join(f"{kind}=hash" if way == "hash" else kind for kind, way in self.ways.items()) or _NONE
