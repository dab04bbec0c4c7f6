"""What is said of personal data is read strictly: a kind that is misspelt would stay in clear."""

from __future__ import annotations

import pytest

from sonnys_data_client.errors import ValidationError
from sonnys_data_client.redaction import Redaction


@pytest.mark.parametrize(
    ("text", "redaction"),
    [
        ("names", Redaction(names="drop")),
        ("names, plates = hash", Redaction(names="drop", plates="hash")),
        ("names,plates,phones,emails", Redaction("drop", "drop", "drop", "drop")),
        ("emails=drop", Redaction(emails="drop")),
        ("none", Redaction()),
    ],
)
def test_a_redaction_is_read_and_written(text: str, redaction: Redaction) -> None:
    assert Redaction.read(text) == redaction
    assert Redaction.read(str(redaction)) == redaction
    assert bool(redaction) == (text != "none")


@pytest.mark.parametrize("text", ["", "name", "names;plates", "names,", "names=", "names=md5", "none,names", "NAMES"])
def test_another_word_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match=r"redact=.* must be some of names, plates, phones, emails"):
        Redaction.read(text)


def test_another_way_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"names='md5' must be one of drop, hash"):
        Redaction(names="md5")  # type: ignore[arg-type]


def test_two_redactions_hide_what_either_hides() -> None:
    both = Redaction(names="drop", phones="drop") | Redaction(names="hash")
    assert both == Redaction(names="hash", phones="drop")
