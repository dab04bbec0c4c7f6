"""The table of what tests cost names tests that there are, and marks all but a sample of their cases."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, cast

import pytest

from tests.cost import CASES, NONE, mark_heavy

HERE = Path(__file__).parent


class Item:
    """A test, as far as marking goes."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid
        self.marks: list[str] = []

    def add_marker(self, mark: Any) -> None:
        self.marks.append(mark.name)


def heavy(*names: str) -> list[bool]:
    items = [Item(f"tests/{name}") for name in names]
    mark_heavy(cast("list[pytest.Item]", items))
    return ["heavy" in item.marks for item in items]


@pytest.mark.parametrize("name", CASES)
def test_each_entry_is_a_test(name: str) -> None:
    path, *classes, function = name.split("::")
    body = ast.parse((HERE / path).read_text(encoding="utf-8")).body
    for each in classes:
        (body,) = [node.body for node in body if isinstance(node, ast.ClassDef) and node.name == each]
    assert function in [node.name for node in body if isinstance(node, ast.FunctionDef)]


def test_a_sample_of_each_test_s_cases_is_left() -> None:
    one, of = next((name, cases) for name, cases in CASES.items() if cases > NONE)
    never = next(name for name, cases in CASES.items() if cases == NONE)
    assert heavy(*[f"{one}[{n}]" for n in range(2 * of)]) == [n % of != 0 for n in range(2 * of)]
    assert heavy(never, f"{never}[0]", "test_words.py::test_more") == [True, True, False]
