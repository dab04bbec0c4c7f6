"""How `sonnys profile add` goes: ask, try, keep."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from getpass import getpass

from sonnys_data_client import SonnysClient
from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.config import PRODUCTION_URL, Account
from sonnys_data_client.profiles import add_profile

__all__ = ["add_by_asking"]


def add_by_asking(name: str, wishes: Mapping[str, str], *, keyring: bool, check: bool) -> None:
    """Add a profile; what is missing is asked for.

    Args:
        name: Its name.
        wishes: Settings that are known.
        keyring: Keep the key in the system's keyring.
        check: Try the credentials first.

    Raises:
        Refusal: Nobody is there to ask.
        ConfigurationError: A value cannot be right, or the name is taken.
        APIError: The credentials are not good, or the API could not be reached. Nothing was kept then.
    """
    talk = screen()
    settings = {"api_id": wishes.get("api_id") or _ask_id(), "api_key": _ask_key()} | dict(wishes)
    if check:
        account = Account(
            settings["api_id"],
            settings["api_key"],
            settings.get("site_code"),
            settings.get("base_url", PRODUCTION_URL),
        )
        with SonnysClient(account.api_id, account.api_key, account.site_code, base_url=account.base_url) as client:
            sites = client.sites.list()
        codes = ", ".join(site.code or "one without a code" for site in sites[:8])
        say(talk, f"The credentials are good, for {len(sites)} sites: {codes}.")
    path = add_profile(name, settings, keyring=keyring)
    say(talk, f"Kept as {name} in {path}{', its key in the keyring' if keyring else ''}. Try: sonnys -p {name} doctor")


def _ask_id() -> str:
    if not sys.stdin.isatty():
        raise Refusal("Nobody is here to ask for the API ID: give it with --api-id.")
    return input("API ID: ").strip()


def _ask_key() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return getpass("API key (not shown): ").strip()
