"""What `sonnys throttle` shows: a line for the period, and a line for each holder."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.table import Table

from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.screen import moving, results, styled
from sonnys_data_client.engine.throttle import ThrottleState
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.throttles.keepers import throttle_at
from sonnys_data_client.throttles.shared import KeeperAwayError, SharedThrottle
from sonnys_data_client.words import counted

__all__ = ["picture", "run"]

_EVERY_S = 1.0


def run(session: Session, *, watch: bool, as_json: bool) -> None:
    """Show who shares the account's requests.

    Raises:
        Refusal: Only the processes themselves know.
        SonnysError: The keeper is away.
    """
    account = session.profile.account
    throttle = throttle_at(session.profile.throttle_keeper, account.base_url, account.api_id, session.limits)
    if not isinstance(throttle, SharedThrottle):
        raise Refusal(
            "Each process counts for itself, and no other can look into it.",
            "Set throttle_keeper to machine, or to a Redis server, in the profile or as SONNYS_THROTTLE_KEEPER.",
        )
    if as_json:
        _print(throttle)
        while watch:
            time.sleep(_EVERY_S)
            _print(throttle)
    elif watch and results().is_terminal:
        state = _look(throttle)
        with moving(results(), lambda: picture(state), every_s=_EVERY_S):
            while True:
                time.sleep(_EVERY_S)
                state = _look(throttle)
    else:
        results().print(picture(_look(throttle)))
        while watch:
            time.sleep(_EVERY_S)
            results().print(picture(_look(throttle)))


def picture(state: ThrottleState) -> RenderableType:
    """Draw what is known."""
    left = max(0, state.allowed - state.taken)
    sentence = f"{state.taken} of {counted(state.allowed, 'request')} of this period are taken, {left} left"
    if state.frees_in_s > 0:
        sentence += f"; the next is free in {state.frees_in_s:.0f} s"
    if state.allowed < state.limit:
        sentence += f". Somebody else spends some of the {state.limit}: there were 429s"
    if not state.holders:
        return styled(f"{sentence}. Nobody has asked for one of late.")
    table = Table("process", "now", "answered", "429s", "state", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in table.columns[1:4]:
        column.justify = "right"
    for holder in state.holders:
        asked = "waits for its turn" if holder.waits else f"last asked {holder.idle_s:.0f} s ago"
        table.add_row(
            styled(holder.name),
            str(holder.taken),
            f"{holder.served:,}",
            f"{holder.refused:,}",
            f"{asked}, interactive" if holder.interactive else asked,
        )
    return Group(styled(f"{sentence}."), table)


def _print(throttle: SharedThrottle) -> None:
    print(json.dumps(asdict(_look(throttle))), flush=True)


def _look(throttle: SharedThrottle) -> ThrottleState:
    try:
        return throttle.look()
    except KeeperAwayError as problem:
        raise SonnysError(f"The throttle's keeper cannot be read: {throttle.name} ({problem}).") from None
