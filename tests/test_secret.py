"""A secret is shown by nothing, and found in whatever is said while it is in use."""

from __future__ import annotations

import copy
import gc
import json
import pickle
from urllib.parse import quote

import pytest

from sonnys_data_client.errors import APIStatusError, IncompleteError, ValidationError
from sonnys_data_client.secret import HIDDEN, Secret, redacted

KEY = "sk/'very\"-secret"


def test_only_reveal_gives_the_text() -> None:
    secret = Secret(KEY)
    assert secret.reveal() == KEY
    assert KEY not in f"{secret} {secret!r} {[secret]} {json.dumps(secret, default=str)}"
    assert copy.copy(secret) == copy.deepcopy([secret])[0] == Secret(KEY) != Secret("another key")
    assert {secret} == {Secret(KEY)}
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(secret)


@pytest.mark.parametrize("spell", [str, quote, lambda key: quote(key, safe=""), json.dumps, repr, ascii])
def test_a_secret_in_use_is_found_in_every_spelling(spell: object) -> None:
    secret = Secret(KEY)
    assert callable(spell)
    assert redacted(f"<{spell(secret.reveal())}>").strip("<>\"'") == HIDDEN


def test_a_secret_is_found_anywhere_in_decoded_json() -> None:
    secret = Secret(KEY)
    value = {"a": [1, None, f"x{KEY}", {KEY: (KEY, "b")}]}
    assert redacted(value) == {"a": [1, None, f"x{HIDDEN}", {HIDDEN: (HIDDEN, "b")}]}
    clean = {"a": [1, "b", {"c": ["d"]}]}
    assert redacted(clean) is clean
    del secret


def test_a_secret_that_nobody_uses_is_forgotten() -> None:
    secret = Secret(KEY)
    assert redacted(KEY) == HIDDEN
    del secret
    gc.collect()
    assert redacted(KEY) == KEY


def test_a_short_secret_is_like_any_word() -> None:
    secret = Secret("key")
    assert redacted("The key is wrong.") == "The key is wrong."
    assert secret.is_in("/site/key")
    assert not secret.is_in("/site/keys")


def test_no_part_of_an_error_holds_a_secret() -> None:
    secret = Secret(KEY)
    error = APIStatusError(
        f"It says {KEY}.",
        method="GET",
        path="/",
        status=418,
        type=KEY,
        messages=[f"No {KEY}."],
        body={"said": KEY},
        remedy=f"Change {KEY}.",
    )
    error.body = [KEY]
    typed = ValidationError("is odd", parameter="site", value=KEY, source=KEY, details={"a": KEY})
    gaps = IncompleteError("Not all.", gaps=[f"page 1: {KEY}"])
    for each in (error, typed, gaps):
        assert KEY not in f"{each} {each!r} {vars(each)}"
        assert KEY.encode() not in pickle.dumps(each)
    assert str(error) == f"It says {HIDDEN}. Change {HIDDEN}."
    del secret


def test_the_words_of_an_error_hold_nothing_that_a_terminal_obeys() -> None:
    error = APIStatusError("a\x1b[2J\u202eb", method="GET", path="/", status=500, messages=["a\x1b[2J"])
    assert str(error) == r"a\x1b[2J\u202eb"
    assert error.messages == ("a\x1b[2J",), "what the API said, as data"
