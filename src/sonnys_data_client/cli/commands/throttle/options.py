"""`sonnys throttle`: who shares the account's requests. The options and the help; `run` does the work."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sonnys_data_client.cli.session import Given

__all__ = ["throttle"]

_Switch = Parameter(negative=(), show_default=False)


def throttle(
    *,
    watch: Annotated[bool, _Switch] = False,
    json: Annotated[bool, _Switch] = False,
    session: Given,
) -> None:
    """Show who shares the account's requests now, how many each took, and what is left.

    The API serves 20 requests in 15 seconds for one API ID. All processes of a user on a machine share them, or all
    that name the same Redis server (see `throttle_keeper` of a profile). Sends nothing.

    Args:
        watch: Show it again every second, until Ctrl-C.
        json: Print it as JSON; with `--watch`, a line each time.
        session: The account.

    Examples:
        sonnys throttle
        sonnys throttle --watch
    """
    from sonnys_data_client.cli.commands.throttle.run import run

    run(session, watch=watch, as_json=json)
