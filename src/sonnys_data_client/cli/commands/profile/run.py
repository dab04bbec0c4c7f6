"""What `sonnys profile add` does: ask for the credentials, try them, save them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from getpass import getpass

from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.config import PRODUCTION_URL
from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.profiles import add_profile, key_source, profile_names, profile_settings
from sonnys_data_client.words import counted

__all__ = ["add_by_asking", "print_names", "print_profile"]

_SITES_SHOWN_MAX = 8


def add_by_asking(name: str, wishes: Mapping[str, str], *, keyring: bool, check: bool) -> None:
    """Add a profile. Ask for the credentials that are missing.

    Args:
        name: Name of the profile.
        wishes: The settings that were typed.
        keyring: Save the key in the system's keyring.
        check: Try the credentials first.

    Raises:
        Refusal: The API ID is missing, and standard input is not a terminal.
        ConfigurationError: A value is wrong, or the name is taken.
        APIError: The server refused the credentials, or could not be reached. Nothing was saved.
    """
    talk = screen()
    settings = {"api_id": wishes.get("api_id") or _ask_id(), "api_key": _ask_key()} | dict(wishes)
    if check:
        from sonnys_data_client import SonnysClient  # the other commands of profiles need no client

        address = settings.get("base_url", PRODUCTION_URL)
        with SonnysClient(
            settings["api_id"], settings["api_key"], settings.get("site_code"), base_url=address
        ) as client:
            sites = client.sites.list()
        codes = [site.code or "one without a code" for site in sites[:_SITES_SHOWN_MAX]]
        codes += ["..."] if len(sites) > _SITES_SHOWN_MAX else []
        say(talk, f"The credentials are good for {counted(len(sites), 'site')}: {', '.join(codes)}.")
    path = add_profile(name, settings, keyring=keyring)
    say(talk, f"Saved profile {name} in {path}{', and its key in the keyring' if keyring else ''}.")
    say(talk, f"hint: Try it with: sonnys -p {name} doctor")


def print_names() -> None:
    """Print the names of all profiles; at a terminal, with the source of each key.

    Raises:
        ConfigurationError: The file is wrong.
    """
    names = profile_names()
    if not sys.stdout.isatty():
        for name in names:
            print(name)
        return
    width = max(map(len, names), default=0)
    for name in names:
        print(f"{name:<{width}}  key: {_source_of(name)}")


def print_profile(name: str) -> None:
    """Print the settings of a profile, and the source of its key.

    Raises:
        ConfigurationError: The file is wrong, or has no such profile.
    """
    for setting, value in profile_settings(name).items():
        print(f"{setting}: {value}")
    print(f"key: {_source_of(name)}")


def _source_of(name: str) -> str:
    try:
        return key_source(name)
    except ConfigurationError as problem:  # which another profile need not have
        return str(problem)


def _ask_id() -> str:
    if not sys.stdin.isatty():
        raise Refusal("The API ID is missing, and standard input is not a terminal.", "Give it with --api-id.")
    return input("API ID: ").strip()


def _ask_key() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return getpass("API key (not shown): ").strip()
