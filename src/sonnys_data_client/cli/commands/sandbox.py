"""`sonnys sandbox`: serve the local API. Its options are the parameters of `sandbox.options.run`."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import Annotated, Any, get_type_hints

from cyclopts import App, Parameter

from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.family import examples_of, shown
from sonnys_data_client.sandbox import options

__all__ = ["PRINTS", "SANDBOX", "sandbox"]

_NOT_AN_OPTION = "say"
PRINTS = {
    "list_switches": "List all quirks and faults, and stop.",
    "openapi": "Print the API's OpenAPI description, as the quirks make it, and stop.",
}
"""Options that print something, and serve nothing."""
_EXAMPLES = """
Examples:
    sonnys sandbox --port 8080
    sonnys sandbox --fault stall=0.05 --fault rival=4    # a bad day
    sonnys sandbox --list-switches
    sonnys sandbox --openapi > sandbox.json
"""


@wraps(options.run, assigned=())
def sandbox(*, list_switches: bool = False, openapi: bool = False, **chosen: Any) -> None:
    """Serve the sandbox, or print its switches or the API's description."""
    try:
        if list_switches:
            print(options.list_switches())
        elif openapi:
            print(options.openapi(chosen.get("quirk", ())))
        else:
            options.run(**chosen)
    except ValueError as problem:
        raise Refusal(str(problem)) from problem


def _signature() -> inspect.Signature:
    """Make the signature for the command line: that of `run` without `say`, and with the options that only print."""
    hints = get_type_hints(options.run)
    kept = [
        parameter.replace(
            annotation=Annotated[hints[name], Parameter(negative=(), show_default=parameter.default not in (None, ()))]
        )
        for name, parameter in inspect.signature(options.run).parameters.items()
        if name != _NOT_AN_OPTION
    ]
    for name, help in PRINTS.items():
        prints = Annotated[bool, Parameter(negative=(), show_default=False, help=help)]
        kept.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=prints))
    return inspect.Signature(kept)


sandbox.__doc__ = f"{inspect.getdoc(options.run)}\n{_EXAMPLES}"
sandbox.__signature__ = _signature()  # type: ignore[attr-defined]
sandbox.__annotations__ = {name: parameter.annotation for name, parameter in _signature().parameters.items()}

SANDBOX = App(name="sandbox", help_epilogue=shown(examples_of(sandbox)))
SANDBOX.default(sandbox)
