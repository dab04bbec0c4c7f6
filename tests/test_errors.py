"""Errors: the tree is the one that its docstring draws, they carry what went wrong, and survive a trip elsewhere."""

from __future__ import annotations

import builtins
import copy
import inspect
import pickle
import re
from typing import Any

import pytest

from sonnys_data_client import errors

CLASSES = {
    name: found for name, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, errors.SonnysError)
}

EVERY_KEYWORD: dict[str, Any] = {
    "method": "GET",
    "path": "/transaction",
    "status": 422,
    "type": "PayloadValidationError",
    "messages": ("startDate is too old",),
    "body": {"message": "startDate is too old", "customerName": "Jo Doe"},
    "asked": "offset 2",
    "answered": "offset 1",
    "handle": {"hash": "abc", "submitted_at": 12.5},
    "rows": [1, 2],
    "unparsed": [errors.UnparsedRow({"id": "", "customerName": "Jo Doe"}, "id: empty")],
    "gaps": ("MAIN, 2026-11-01: page 3 is missing",),
    "report": {"windows": 3},
}


def drawn() -> dict[str, set[str]]:
    """The bases of each class, as the docstring draws them: above it in the tree, and in brackets."""
    bases: dict[str, set[str]] = {}
    above: list[str] = []
    drawing = (errors.__doc__ or "").split("```")[1]
    for branch, name, bracket in re.findall(r"^([│├└─ ]*)(\w+Error)(?: \((\w+)\))?", drawing, re.MULTILINE):
        del above[len(branch) // 4 :]
        bases.setdefault(name, set()).update(above[-1:], [bracket] if bracket else [])
        above.append(name)
    return bases


def keywords(kind: type[errors.SonnysError]) -> dict[str, Any]:
    wanted = inspect.signature(vars(_initialiser(kind))["__init__"]).parameters
    return {name: value for name, value in EVERY_KEYWORD.items() if name in wanted}


def _initialiser(kind: type) -> type:
    return next(base for base in kind.__mro__ if "__init__" in vars(base))


def raised(kind: type[errors.SonnysError]) -> errors.SonnysError:
    return kind("It went wrong.", **keywords(kind))


def pickled(error: errors.SonnysError) -> Any:
    return pickle.loads(pickle.dumps(error))


def test_the_drawing_is_the_tree() -> None:
    actual = {name: {base.__name__ for base in found.__bases__} for name, found in CLASSES.items()}
    actual["SonnysError"].remove("Exception")
    assert drawn() == actual


def test_everything_in_brackets_is_a_builtin() -> None:
    beyond = set().union(*drawn().values()) - set(CLASSES)
    assert beyond == {"ValueError", "TimeoutError"}
    assert all(hasattr(builtins, name) for name in beyond)


@pytest.mark.parametrize("kind", CLASSES.values())
@pytest.mark.parametrize("travel", [pickled, copy.copy, copy.deepcopy])
def test_an_error_travels_whole(kind: type[errors.SonnysError], travel: Any) -> None:
    error = raised(kind)
    error.add_note("seen at noon")
    arrived = travel(error)
    assert type(arrived) is kind
    assert (str(arrived), arrived.args, vars(arrived)) == ("It went wrong.", error.args, vars(error))


@pytest.mark.parametrize("kind", [kind for kind in CLASSES.values() if issubclass(kind, errors.APIError)])
def test_an_api_error_knows_its_request(kind: type[errors.APIError]) -> None:
    error = raised(kind)
    assert isinstance(error, errors.APIError)
    assert (error.method, error.path) == ("GET", "/transaction")
    assert "Jo Doe" not in f"{error}{error!r}"


def test_what_an_error_was_given_it_holds() -> None:
    for kind in CLASSES.values():
        error = raised(kind)
        for name, value in keywords(kind).items():
            assert getattr(error, name) == value, (kind, name)


def test_an_error_about_a_parameter_says_what_is_wrong_and_what_is_allowed() -> None:
    plain = errors.ValidationError(parameter="limit", value=0, allowed="a whole number from 1 up")
    assert str(plain) == "limit=0 must be a whole number from 1 up."
    assert (plain.parameter, plain.value, plain.allowed) == ("limit", 0, "a whole number from 1 up")
    chosen = errors.ValidationError("is not a site", parameter="site", value="X", allowed=["A", "B"])
    assert str(chosen) == "site='X' is not a site; it must be one of A, B."
    assert chosen.problem == "is not a site; it must be one of A, B"
    placed = errors.ConfigurationError(
        "is empty", parameter="api_key", source="c.toml: profile a", remedy="Fill it in."
    )
    assert str(placed) == "c.toml: profile a: api_key is empty. Fill it in."
    assert placed.value is errors.NOT_GIVEN


def test_a_remedy_is_a_key_whose_words_are_python_s_or_a_sentence_for_all() -> None:
    error = errors.ArchiveError("They differ.", remedy=errors.Remedy.SAME_NAME, details={"account": "a{b"})
    assert str(error) == "They differ. Call it that (account='a{b'), or say that you want both (adopt=True)."
    assert (error.problem, error.remedy) == ("They differ.", errors.Remedy.SAME_NAME)
    assert repr(error) == f"ArchiveError({str(error)!r})"
    assert str(errors.SonnysError("It went wrong.", remedy="Wait.")) == "It went wrong. Wait."


def test_an_error_about_any_value_travels() -> None:
    arrived = pickled(errors.ValidationError("is odd", parameter="x", value=lambda: None))
    assert str(arrived).startswith("x=<function ")
    arrived = pickled(errors.ValidationError("is odd", parameter="x"))
    assert (arrived.value, str(arrived)) == (errors.NOT_GIVEN, "x is odd.")
    arrived = pickled(errors.ValidationError("is odd", parameter="x", value=["A", 1.5], remedy=errors.Remedy.SITES))
    assert (arrived.value, arrived.remedy) == (["A", 1.5], errors.Remedy.SITES)


def test_builtin_handlers_catch_their_kind() -> None:
    assert issubclass(errors.APITimeoutError, TimeoutError)
    assert issubclass(errors.ValidationError, ValueError)
    with pytest.raises(ValueError, match="went wrong"):
        raise raised(errors.PayloadValidationError)
    with pytest.raises(errors.APIStatusError):
        raise raised(errors.PayloadValidationError)
    with pytest.raises(TimeoutError, match="went wrong"):
        raise raised(errors.JobTimeoutError)


def test_an_unparsed_row_shows_its_reason_and_not_what_it_holds() -> None:
    (row,) = EVERY_KEYWORD["unparsed"]
    assert repr(row) == "UnparsedRow(reason='id: empty')"
