"""Names are imported when they are first used, and only once."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from sonnys_data_client.lazy import lazy_names


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("a_package")
    monkeypatch.setitem(sys.modules, "a_package", module)
    get, names = lazy_names("a_package", {"ValidationError": "errors"})
    vars(module).update(__getattr__=get, __dir__=names)
    return module


def test_a_name_comes_from_its_home_and_stays(package: ModuleType) -> None:
    assert "ValidationError" not in vars(package)
    assert package.ValidationError.__module__ == "sonnys_data_client.errors"
    assert "ValidationError" in vars(package)


def test_dir_lists_names_that_were_not_used_yet(package: ModuleType) -> None:
    assert "ValidationError" in dir(package)


def test_an_unknown_name_is_an_ordinary_attribute_error(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match=r"module 'a_package' has no attribute 'Nonsense'"):
        _ = package.Nonsense
