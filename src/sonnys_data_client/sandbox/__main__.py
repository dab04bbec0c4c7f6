"""`python -m sonnys_data_client.sandbox`: serve a sandbox on this machine.

The arguments are made from the signature and the docstring of `options.run`, so each is written down once.
"""

from __future__ import annotations

import inspect
import re
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import get_type_hints

from sonnys_data_client.sandbox.options import list_switches, openapi, run


def parser() -> ArgumentParser:
    """Return the parser of the command's arguments."""
    made = ArgumentParser(
        prog="python -m sonnys_data_client.sandbox",
        description="Serve a local stand-in for Sonny's BackOffice Data API, with made-up data.",
    )
    made.add_argument("--list-switches", action="store_true", help="list all quirks and faults, then exit")
    made.add_argument("--openapi", action="store_true", help="print the API's OpenAPI document, then exit")
    hints = get_type_hints(run)
    words = dict(re.findall(r"^        (\w+): (.+)$", run.__doc__ or "", re.MULTILINE))
    for name, parameter in inspect.signature(run).parameters.items():
        if name == "say":
            continue
        flag = "--" + name.replace("_", "-")
        if parameter.default == ():
            made.add_argument(flag, action="append", default=[], metavar="NAME=VALUE", help=words[name])
            continue
        number: type[float] = float if hints[name] is float else int
        shown = "" if parameter.default is None else " Default: %(default)s."
        made.add_argument(flag, type=number, default=parameter.default, metavar="N", help=words[name] + shown)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, or 2 if an argument is not allowed."""
    chosen = vars(parser().parse_args(arguments))
    if chosen.pop("list_switches"):
        print(list_switches())
        return 0
    wants_description = chosen.pop("openapi")
    try:
        if wants_description:
            print(openapi(chosen["quirk"]))
        else:
            run(**chosen)
    except ValueError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
