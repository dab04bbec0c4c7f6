"""The house rules, as functions from source to complaints.

Each rule reads syntax trees and returns one line for each breach: where it is, and what to do. `test_tidy.py`
holds the tables (who may import what, what is excused and why) and applies the rules to this repository;
`test_tidy_rules.py` shows on small bad examples that each rule bites.

A module's *name* is the dotted path below the package, such as `engine.wire`, and `""` for the package itself.
Its *room* is the name's first part.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "sonnys_data_client"

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One source file.

    Attributes:
        name: Dotted path below the package, or below `tests`; `""` for the package itself.
        text: The source.
        is_package: Whether the file is an `__init__.py`.
    """

    name: str
    text: str
    is_package: bool = False

    @property
    def room(self) -> str:
        """The name's first part."""
        return self.name.partition(".")[0]

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    def at(self, node: ast.AST) -> str:
        """Where a node stands, for complaints."""
        return f"{self.name or PACKAGE}:{getattr(node, 'lineno', 1)}"


def read_tree(root: Path) -> list[Module]:
    """All modules below a directory, by name."""
    found: list[Module] = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        found.append(Module(".".join(parts[:-1] if is_package else parts), path.read_text(), is_package))
    return found


# Who may import what


def outside_rooms(modules: Collection[Module], rooms: Mapping[str, Collection[str]]) -> list[str]:
    """Imports from a room that the table of rooms does not allow.

    Args:
        modules: The package's modules.
        rooms: For each room, the modules or rooms it may import. Its own are always allowed.
    """
    known = {module.name for module in modules}
    bad: list[str] = []
    for module in modules:
        if module.room not in rooms:
            bad.append(f"{module.name}: the table of rooms does not know the room {module.room!r}")
            continue
        opened = {module.room, *rooms[module.room]}
        for node, target in _imports(module, known):
            inside = _below_package(target)
            if inside is not None and not is_within(inside, opened):
                bad.append(f"{module.at(node)}: {module.room or PACKAGE!r} may not import {inside or PACKAGE!r}")
    return bad


def outside_libraries(modules: Iterable[Module], libraries: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Imports of other people's packages where the table of libraries does not name the module.

    Args:
        modules: The package's modules.
        libraries: For each library, the modules or rooms that may import it, each with a reason.
    """
    bad: list[str] = []
    for module in modules:
        for node, target in _imports(module, ()):
            library = target.partition(".")[0]
            if library == PACKAGE or library in sys.stdlib_module_names:
                continue
            if not is_within(module.name, libraries.get(library, {})):
                bad.append(f"{module.at(node)}: {library} is not for {module.name or PACKAGE!r}")
    return bad


def impure(modules: Iterable[Module], pure_stdlib: Collection[str]) -> list[str]:
    """Uses of a clock, random numbers, files, sockets or threads in modules that must decide and not act."""
    bad: list[str] = []
    for module in modules:
        for node, target in _imports(module, ()):
            if _below_package(target) is None and not is_within(target, pure_stdlib):
                bad.append(f"{module.at(node)}: {target} is not among the pure modules; ask for an effect")
        names = (node for node in ast.walk(module.tree) if isinstance(node, ast.Name))
        bad += [f"{module.at(name)}: {name.id} acts; ask for an effect" for name in names if name.id in _ACTING]
        bad += [f"{at}: {name} reads a clock; time rides on the answers" for at, name in _clocks_read(module)]
    return bad


_ACTING = {"open", "print", "input", "exec", "eval", "__import__"}


def unpinned_clocks(modules: Iterable[Module]) -> list[str]:
    """Ways to the wall clock besides `time.time`, which is the one that tests pin."""
    return [
        f"{at}: {name} reads a clock that tests cannot pin; use datetime.fromtimestamp(time.time(), zone)"
        for module in modules
        for at, name in _clocks_read(module)
    ]


def _clocks_read(module: Module) -> Iterator[tuple[str, str]]:
    """Where a module asks a class of `datetime` for the time, and by which name."""
    classes = {"datetime", "date"}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "datetime":
            classes |= {alias.asname for alias in node.names if alias.asname}
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(attr="now" | "utcnow" | "today" as name, value=owner):
                if ast.unparse(owner).rpartition(".")[2] in classes:
                    yield module.at(node), name
            case _:
                pass


def _imports(module: Module, known: Collection[str]) -> Iterator[tuple[ast.AST, str]]:
    """Every import, those inside functions too, as absolute dotted names."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield node, alias.name
            case ast.ImportFrom(names=names, level=level, module=origin):
                origin = _absolute(module, origin, level)
                for alias in names:
                    inside = _below_package(f"{origin}.{alias.name}")
                    yield node, f"{origin}.{alias.name}" if inside in known else origin
            case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_]):
                if ast.unparse(func) in ("import_module", "importlib.import_module", "__import__"):
                    yield node, name
            case _:
                pass


def _absolute(module: Module, origin: str | None, level: int) -> str:
    if level == 0:
        return origin or ""
    here = [PACKAGE, *filter(None, module.name.split("."))]
    up = level - 1 if module.is_package else level
    return ".".join([*here[: len(here) - up], *filter(None, [origin])])


def _below_package(target: str) -> str | None:
    head, _, rest = target.partition(".")
    return rest if head == PACKAGE else None


def is_within(name: str, places: Iterable[str]) -> bool:
    """Whether a module is one of these modules, or is in one of these rooms."""
    return any(name == place or (place and name.startswith(f"{place}.")) for place in places)


# How source is written


def yields_in_finally(modules: Iterable[Module]) -> list[str]:
    """Yields inside a `finally`: closing the generator there would ask for something once more."""
    return [
        f"{module.at(inner)}: a yield inside a finally breaks close()"
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Try | ast.TryStar)
        for inner in _same_function(node.finalbody)
        if isinstance(inner, ast.Yield | ast.YieldFrom)
    ]


def _same_function(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in body:
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
            yield from _same_function(ast.iter_child_nodes(node))


def stubs(modules: Iterable[Module]) -> list[str]:
    """Functions without a body (`raise NotImplementedError` or `...`) that are not marked abstract."""
    bad: list[str] = []
    for module, parent, node in _functions_of(modules):
        if _is_protocol(parent):
            continue
        if {"abstractmethod", "overload"} & {ast.unparse(d).rpartition(".")[2] for d in node.decorator_list}:
            continue
        raised = [n.exc for n in ast.walk(node) if isinstance(n, ast.Raise) and n.exc]
        body = [line for line in node.body if not (isinstance(line, ast.Expr) and _is_text(line.value))]
        if any("NotImplementedError" in ast.unparse(exc) for exc in raised):
            bad.append(f"{module.at(node)}: {node.name} is not implemented")
        elif body and all(ast.unparse(line) == "..." for line in body):
            bad.append(f"{module.at(node)}: {node.name} has no body")
    return bad


def _is_protocol(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def prints(modules: Iterable[Module], printers: Iterable[str]) -> list[str]:
    """Calls of `print`, outside the modules or rooms that may."""
    return [
        f"{module.at(node)}: print is for the command line; raise, return or log"
        for module in modules
        if not is_within(module.name, printers)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]


def made_elsewhere(modules: Iterable[Module], names: Collection[str], makers: Iterable[str]) -> list[str]:
    """Calls of some classes, or of their methods, outside the modules or rooms that may make objects of them."""
    return [
        f"{module.at(node)}: {name} is made in {', '.join(makers)} only; use what that offers"
        for module in modules
        if not is_within(module.name, makers)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and (name := ast.unparse(node.func).partition(".")[0]) in names
    ]


def makers_of_files(modules: Iterable[Module], makers: Iterable[str]) -> list[str]:
    """Calls that make a folder or an empty file, or set a mode, outside the modules that may."""
    return [
        f"{module.at(node)}: let modes make it: what is made by the umask may be open to others"
        for module in modules
        if module.name not in makers
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"mkdir", "makedirs", "touch", "chmod", "fchmod", "umask"}
    ]


def banned_words(text: str, words: Mapping[str, str]) -> list[str]:
    """Lines that hold a banned word.

    Args:
        text: Any text.
        words: For each regular expression, what is wrong with what it finds.
    """
    return [
        f"{number}: {why}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, why in words.items()
        if re.search(pattern, line)
    ]


# Sizes and mirrors


def oversized(modules: Iterable[Module], lines_max: int, excuses: Mapping[str, str]) -> list[str]:
    """Modules with too many lines, and excuses that are not needed any more."""
    long = {m.name: n for m in modules if (n := len(m.text.splitlines())) > lines_max}
    bad = [f"{name}: {n} lines, above {lines_max}: split it" for name, n in long.items() if name not in excuses]
    return bad + [f"{name}: needs no excuse for its length" for name in excuses if name not in long]


def unlisted(modules: Iterable[Module], least: int) -> list[str]:
    """Modules that the docstring of their room does not name, where the room has at least so many.

    Args:
        modules: The package's modules.
        least: How many modules need a list.
    """
    rooms: dict[str, list[str]] = defaultdict(list)
    about: dict[str, str] = {}
    for module in modules:
        room, _, stem = module.name.rpartition(".")
        if module.is_package:
            about[module.name] = ast.get_docstring(module.tree) or ""
        elif stem != "__main__":
            rooms[room].append(stem)
    return [
        f"{room}: its docstring does not name {stem}"
        for room, stems in rooms.items()
        if room and len(stems) >= least
        for stem in stems
        if not re.search(rf"\b{stem}\b", about[room])
    ]


def unmirrored(modules: Iterable[Module], tests: Collection[str], excuses: Mapping[str, str]) -> list[str]:
    """Modules that do something and have no test file of their own, and excuses that nothing needs any more.

    `engine/wire.py` is mirrored by `tests/engine/test_wire.py`, a package's `__init__.py` by `test_init.py`
    beside its other tests. A module without any function, but for those of protocols, only names things, and
    has nothing to show.

    Args:
        modules: The package's modules.
        tests: The names of the test modules, such as `engine.test_wire`.
        excuses: Modules that are tested elsewhere, with where and why.
    """
    lone: dict[str, str] = {}
    for module in modules:
        room, _, stem = (f"{module.name}.init".lstrip(".") if module.is_package else module.name).rpartition(".")
        mirror = f"{room}.test_{stem.strip('_')}".lstrip(".")
        if mirror not in tests and any(not _is_protocol(parent) for _, parent, _ in _functions_of([module])):
            lone[module.name] = mirror
    bad = [f"{name}: has no tests.{mirror}" for name, mirror in lone.items() if name not in excuses]
    return bad + [f"{name}: needs no excuse for having no test" for name in excuses if name not in lone]


# Tests that never run


def uncollected(tests: Iterable[Module]) -> list[str]:
    """Tests that pytest does not find, or that another of the same name hides.

    Args:
        tests: The modules of the tests, helpers included: in those, nothing may look like a test at all.
    """
    bad: list[str] = []
    seen: set[tuple[ast.AST, str]] = set()
    for test, parent, node in _functions_of(tests):
        in_test_file = test.name.rpartition(".")[2].startswith("test_")
        in_module = isinstance(parent, ast.Module)
        in_test_class = isinstance(parent, ast.ClassDef) and parent.name.startswith("Test")
        if node.name.startswith("test"):
            if not (in_test_file and (in_module or in_test_class)):
                bad.append(f"{test.at(node)}: pytest does not collect {node.name} here")
            if (parent, node.name) in seen:
                bad.append(f"{test.at(node)}: {node.name} hides the one above it")
            seen.add((parent, node.name))
        elif in_test_file and in_module and _looks_like_test(node, test.tree):
            bad.append(f"{test.at(node)}: {node.name} asserts and nothing calls it: is it a test?")
    return bad


def _looks_like_test(node: _Function, tree: ast.Module) -> bool:
    asserts = any(
        isinstance(n, ast.Assert) or (isinstance(n, ast.Attribute) and ast.unparse(n) == "pytest.raises")
        for n in ast.walk(node)
    )
    is_hook = node.name.startswith("pytest_") or any("fixture" in ast.unparse(d) for d in node.decorator_list)
    is_used = any(isinstance(n, ast.Name) and n.id == node.name for n in ast.walk(tree))
    return asserts and not is_hook and not is_used


def _functions_of(modules: Iterable[Module]) -> Iterator[tuple[Module, ast.AST, _Function]]:
    """Every function with the module, class or function it stands in, whatever `if` or `with` is between."""
    for module in modules:
        for parent in ast.walk(module.tree):
            if isinstance(parent, (ast.Module, ast.ClassDef, *_FUNCTIONS)):
                pending = list(ast.iter_child_nodes(parent))
                for node in pending:
                    if isinstance(node, _FUNCTIONS):
                        yield module, parent, node
                    elif not isinstance(node, ast.ClassDef):
                        pending.extend(ast.iter_child_nodes(node))
