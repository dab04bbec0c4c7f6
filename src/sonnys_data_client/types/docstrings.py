"""Read the docstrings of models, and those below their fields.

Python keeps no docstring of a field, so the modules' source is read. The page `docs/fields.md`, `sonnys sql --describe`
and the comments in `archive.duckdb` all have their texts from here.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from sonnys_data_client.types.record import Record

__all__ = ["about_field", "about_model", "meaning"]

_SOURCE = re.compile(r" ?(?<![^.] )(?:Spec|From the request)\.(?= |$)")


def about_model(model: type[Record]) -> str:
    """Return the first line of a model's docstring."""
    return (inspect.getdoc(model) or "").partition("\n")[0]


def about_field(model: type[Record], name: str) -> str:
    """Return the docstring of a field, on one line; empty if it has none, or if the source is not installed.

    Args:
        model: The model.
        name: The field, which may be one of the model's bases.
    """
    for owner in model.__mro__:
        text = _documented(owner.__module__).get(owner.__name__, {}).get(name) if issubclass(owner, Record) else None
        if text:
            return " ".join(text.split())
    return ""


def meaning(text: str) -> str:
    """Return a field's docstring without the sentence that names its source alone."""
    return _SOURCE.sub("", text).strip()


@cache
def _documented(module: str) -> Mapping[str, Mapping[str, str]]:
    """Return the docstrings that stand below fields in a module, by class and field."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except OSError:  # a program that was frozen has no source
        return {}
    return {node.name: _of_fields(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _of_fields(node: ast.ClassDef) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for field, below in pairwise(node.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as text)):
                found[name] = text
            case _:
                pass
    return found
