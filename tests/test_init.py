"""The package: every public name is there, and no other."""

from __future__ import annotations

import inspect
from importlib import metadata

import pytest

import sonnys_data_client
from sonnys_data_client import SonnysError, errors


def test_every_public_name_can_be_had() -> None:
    for name in sonnys_data_client.__all__:
        assert getattr(sonnys_data_client, name) is not None
    assert set(sonnys_data_client.__all__) <= set(dir(sonnys_data_client))


def test_a_name_is_the_thing_itself() -> None:
    assert sonnys_data_client.SonnysError is errors.SonnysError


def test_every_error_is_here() -> None:
    raised = [found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, SonnysError)]
    assert len(raised) > 20
    for error in raised:
        assert getattr(sonnys_data_client, error.__name__) is error


def test_the_version_is_the_installed_one() -> None:
    assert sonnys_data_client.__version__ == metadata.version("sonnys-data-client")


@pytest.mark.parametrize("name", ["Sonny", "HttpTransport"])
def test_another_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(sonnys_data_client, name)
    assert str(caught.value) == f"module 'sonnys_data_client' has no attribute {name!r}"
