"""The commands, by group. A new command is a function in `commands/<name>/options.py` and an entry in `_GROUPS`.

The modules imported here are light: they hold options and help. What a command needs is imported when it runs.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

from cyclopts import App, Group, Parameter

from sonnys_data_client.cli.commands.archive.options import ARCHIVE
from sonnys_data_client.cli.commands.completion import completion
from sonnys_data_client.cli.commands.demo.options import demo
from sonnys_data_client.cli.commands.doctor.options import doctor
from sonnys_data_client.cli.commands.export.options import export
from sonnys_data_client.cli.commands.job.options import JOB
from sonnys_data_client.cli.commands.profile.options import PROFILE
from sonnys_data_client.cli.commands.sql.options import sql
from sonnys_data_client.cli.commands.status.options import status
from sonnys_data_client.cli.commands.sync.options import sync
from sonnys_data_client.cli.commands.throttle.options import throttle
from sonnys_data_client.cli.errors import ExitCode, Refusal, exit_code_of
from sonnys_data_client.cli.family import Command, Family, Lazy, examples_of, shown
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.wording import Typed

__all__ = ["build", "commands", "run"]

_HELP = "Get a car-wash operator's data out of Sonny's BackOffice: fast, whole and for good."

_HERE = "sonnys_data_client.cli.commands"
_GROUPS: Mapping[str, tuple[Command | Family | Lazy, ...]] = {
    "Keep data": (sync, status, sql, ARCHIVE),
    "Get data": (
        export,
        Lazy("get", "Get any resource: customers, items, employees, memberships and more.", f"{_HERE}.get.options:GET"),
        JOB,
    ),
    "Set up": (PROFILE, doctor, throttle, completion),
    "Try it without an account": (
        demo,
        Lazy("sandbox", "Serve a sandbox on this machine.", f"{_HERE}.sandbox:SANDBOX"),
    ),
}

_EXIT_CODES = """\
Exit codes:

* 0: done
* 1: the API or the archive refused, could not be reached, or did not give everything
* 2: an option, a setting or a path is wrong, or an extra is not installed
* 3: the server will soon forget days that the archive does not have complete (sonnys status)
* 4: everything came and was written, but some rows could not be parsed: they are in a file of their own
* 130: stopped with Ctrl-C, or by SIGTERM
* 141: nobody reads the output any more

Results go to standard output, and everything else to standard error. `NO_COLOR` is respected. The account is the one
of `--profile`, else that of `SONNYS_API_ID` and `SONNYS_API_KEY`, else the default in the file of `sonnys profile`."""

_EVERYWHERE = Group("Options of every command", sort_key=100)
_Switch = Parameter(negative=(), show_default=False, group=_EVERYWHERE)


def run(arguments: Sequence[str] | None) -> int:
    """Parse the arguments, run the command, and return its exit code.

    Args:
        arguments: The words after `sonnys`; those of this process if None.
    """
    words_given = tuple(sys.argv[1:] if arguments is None else arguments)
    if "--no-color" in words_given:  # before anything is parsed, because help has colour too
        os.environ["NO_COLOR"] = "1"
    app = build()

    @app.meta.default
    def launch(  # pyright: ignore[reportUnusedFunction]
        *words: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        profile: Annotated[str | None, Parameter(name=("--profile", "-p"), group=_EVERYWHERE)] = None,
        archive: Annotated[str | None, Parameter(group=_EVERYWHERE)] = None,
        verbose: Annotated[bool, _Switch, Parameter(name=("--verbose", "-v"))] = False,
        no_color: Annotated[bool, _Switch] = False,  # noqa: ARG001 - `run` has seen to it
    ) -> int:
        """Run a command.

        Args:
            words: The command and its options.
            profile: The account: a name that `sonnys profile list` shows.
            archive: The archive: a folder, or an address such as s3://bucket/folder.
            verbose: If something goes wrong, show all that is known about it.
            no_color: Show no colours.
        """
        session = Session(profile, archive, shlex.join(["sonnys", *words_given]))
        typed = Typed()

        def play() -> int:
            command, bound, unparsed = app.parse_args(words)
            typed.command, typed.values = command, bound.arguments
            if not unparsed:
                _refuse_unused_options(words, session)
            command(*bound.args, **bound.kwargs, **dict.fromkeys(unparsed, session))
            return ExitCode.DONE

        return exit_code_of(play, typed, verbose=verbose)

    code: int | None = app.meta(words_given)
    return ExitCode.DONE if code is None else code  # --help and --version return nothing


def build() -> App:
    """Make the parser of all commands."""
    examples = [lines[0] for command in commands() if (lines := examples_of(command))]
    app = App(
        name="sonnys",
        help=_HELP,
        help_epilogue=f"{shown(examples)}\n\n{_EXIT_CODES}",
        help_format="markdown",
        version=_version,
        version_format="plaintext",
        exit_on_error=False,
        print_error=False,
        verbose=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    for place, (group, members) in enumerate(_GROUPS.items()):
        heading = Group(group, sort_key=place)
        for member in members:
            if isinstance(member, Lazy):
                app.command(member.place, name=member.name, help=member.help, group=heading)
            elif isinstance(member, Family):
                family = member.app()
                family.group = heading
                app.command(family)
            else:
                app.command(member, help_epilogue=shown(examples_of(member)), group=heading)
    return app


def commands() -> list[Command]:
    """Return the commands that are not lazy, in the order of the help."""
    found: list[Command] = []
    for member in (member for members in _GROUPS.values() for member in members):
        if isinstance(member, Family):
            found += member.commands
        elif not isinstance(member, Lazy):
            found.append(member)
    return found


def _version() -> str:
    from sonnys_data_client import __version__

    return __version__


def _refuse_unused_options(words: Sequence[str], session: Session) -> None:
    for option, value in (("--profile", session.profile_name), ("--archive", session.archive)):
        if value is not None:
            raise Refusal(f"sonnys {' '.join(words[:1])} uses no account and no archive.", f"Leave {option} out.")
