"""The commands. A new one is a module with a function, named like the command, and its place in `_COMMANDS`.

The modules imported here are light: they hold options and help, and import what they need when they run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Annotated

from cyclopts import App, Parameter

from sonnys_data_client.cli.demo import demo
from sonnys_data_client.cli.errors import ExitCode, exit_code_of
from sonnys_data_client.cli.sandbox import sandbox

__all__ = ["run"]

_HELP = "Get a car-wash operator's data out of Sonny's BackOffice: fast, whole and for good."

_EPILOGUE = """\
Examples:

    sonnys demo              # read a day, see what is in it
    sonnys demo --speed 5    # the same, faster
    sonnys sandbox --port 8080
    sonnys sandbox --fault stall=0.05 --fault rival=4
    sonnys sandbox --list-switches

Exit codes:

* 0: done
* 1: the API refused, could not be reached, or did not give everything
* 2: an option, a setting or a path cannot be right, or an extra is missing
* 130: stopped with Ctrl-C
* 141: nobody reads the output any more

Talk goes to standard error, results to standard output. `NO_COLOR` is respected."""

_COMMANDS: tuple[Callable[..., None], ...] = (demo, sandbox)


def run(arguments: Sequence[str] | None) -> int:
    """Parse the arguments, run the command and return its exit code.

    Args:
        arguments: The words after `sonnys`; those of this process if None.
    """
    app = App(
        name="sonnys",
        help=_HELP,
        help_epilogue=_EPILOGUE,
        help_format="markdown",
        version=lambda: version("sonnys-data-client"),
        exit_on_error=False,
        print_error=False,
        verbose=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    for command in _COMMANDS:
        app.command(command, help_epilogue="")

    @app.meta.default
    def launch(  # pyright: ignore[reportUnusedFunction]
        *words: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        verbose: Annotated[bool, Parameter(name=("--verbose", "-v"), negative=(), show_default=False)] = False,
    ) -> int:
        """Run a command.

        Args:
            words: The command and its options.
            verbose: When something goes wrong, show all that is known about it.
        """

        def play() -> int:
            app(words)
            return ExitCode.DONE

        return exit_code_of(play, verbose=verbose)

    code: int | None = app.meta(arguments)
    return ExitCode.DONE if code is None else code  # --help and --version return nothing
