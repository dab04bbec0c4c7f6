"""`sonnys doctor`: check the account and the API. The options and the help; `run` does the work."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sonnys_data_client.cli.session import Given

__all__ = ["doctor"]

_Switch = Parameter(negative=(), show_default=False)


def doctor(
    *,
    all_sites: Annotated[bool, _Switch] = False,
    json: Annotated[bool, _Switch] = False,
    session: Given,
) -> None:
    """Check the account, the connection, the clock, the throttle and the sites, and say what to do.

    Costs one request, and one for each site: the first ten, or all with `--all-sites`. The exit code is 1 if a check
    fails, and 2 if a setting of the account is wrong.

    Args:
        all_sites: Try every site, however many there are.
        json: Print the results as JSON.
        session: The account.

    Examples:
        sonnys doctor
        sonnys doctor --all-sites --json
    """
    from sonnys_data_client.cli.commands.doctor.run import run

    run(session, all_sites=all_sites, as_json=json)
