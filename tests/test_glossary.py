"""The glossary against the code: one word for one thing.

`docs/glossary.md` defines words in tables and, at its end, lists words that are used in their ordinary sense. Every
class of the package ends in one of these words, and so does the name of every module. A class name stands for one
thing, except that the sandbox's world has objects of its own for what the API talks about.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests import tidy_rules
from tests.tidy_rules import PACKAGE

ROOT = Path(__file__).parents[1]
MODULES = tidy_rules.read_tree(ROOT / "src" / PACKAGE)
PAGE = (ROOT / "docs" / "glossary.md").read_text()

_ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \|$", re.MULTILINE)
_HEADINGS = {"word", "---", "instead of"}
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*")

MIRRORED = ("sandbox.",)
"""Rooms that have objects of their own under the API's names: a stand-in that shares our code shares our mistakes."""

TWO_THINGS: dict[str, str] = {}
"""Class names that stand for two things all the same, and why."""


def defined() -> list[str]:
    """The words that the tables define; a row may define a noun in two spellings: `list, listing`."""
    rows = [word for word, _ in _ROW.findall(PAGE) if word not in _HEADINGS]
    return [word.strip().lower() for row in rows for word in row.split(",")]


def ordinary() -> list[str]:
    """The words that are used in their ordinary sense."""
    _, _, tail = PAGE.partition("## Ordinary words")
    return re.findall(r"\b[a-z]+\b", tail)


def classes() -> Iterator[tuple[str, str]]:
    """Every public class of the package, with its module."""
    for module in MODULES:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield module.name, node.name


def is_explained_elsewhere(module: str, name: str) -> bool:
    """Whether another page explains a class: docs/fields.md, the tree in errors.py, a world's own objects."""
    return module.startswith(("types.", "sandbox.world.")) or name.endswith(("Error", "Params"))


def is_known(words: list[str], known: set[str]) -> bool:
    """Whether a name ends in a known word, of one piece or of several: `WindowRead` in `window read`."""
    ends = (" ".join(words[start:]) for start in range(len(words)))
    return any(end in known or end.removesuffix("s") in known for end in ends)


def test_no_word_is_defined_twice() -> None:
    twice = [word for word, count in Counter([*defined(), *ordinary()]).items() if count > 1]
    assert twice == []


def test_every_class_ends_in_a_word_of_the_glossary() -> None:
    known = {*defined(), *ordinary()}
    split = {
        f"{module}.{name}": [word.lower() for word in _CAMEL.findall(name)]
        for module, name in classes()
        if not is_explained_elsewhere(module, name)
    }
    assert sorted(name for name, words in split.items() if not is_known(words, known)) == []


def test_every_module_is_named_by_a_word_of_the_glossary() -> None:
    known = {*defined(), *ordinary()}
    names = {part for module in MODULES for part in module.name.split(".") if part.strip("_")}
    assert sorted(name for name in names if not is_known(name.strip("_").split("_"), known)) == []


def test_every_ordinary_word_is_in_a_name() -> None:
    named = {part.strip("_") for module in MODULES for part in re.split(r"[._]", module.name)}
    named |= {word.lower() for _, name in classes() for word in _CAMEL.findall(name)}
    assert [word for word in ordinary() if not {word, f"{word}s", word.removesuffix("s")} & named] == []


def test_a_class_name_stands_for_one_thing() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for module, name in classes():
        homes[name].append(module)
    twice = {name for name, modules in homes.items() if len([m for m in modules if not m.startswith(MIRRORED)]) > 1}
    assert twice == set(TWO_THINGS)


def test_every_name_in_code_is_one_of_the_package() -> None:
    known = {name for _, name in classes()}
    named = [name for name in re.findall(r"`([\w.]+)`", PAGE) if name.rpartition(".")[2][0].isupper()]
    assert [name for name in named if name.rpartition(".")[2] not in known] == []
    assert named, "the page names some"
