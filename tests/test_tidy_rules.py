"""Each house rule bites: small sources that break it, and small sources that look alike and do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import tidy_rules
from tests.test_tidy import WORDS
from tests.tidy_rules import Module

ROOMS = {"": ("client",), "engine": ("errors",), "errors": (), "client": ("engine.wire",), "models": ()}
PURE = ("__future__", "collections", "datetime", "urllib.parse")


def inside(name: str, *lines: str, is_package: bool = False) -> Module:
    return Module(name, "\n".join(lines), is_package)


@pytest.mark.parametrize(
    "line",
    [
        "import sonnys_data_client.types",
        "from sonnys_data_client.types import Site",
        "from sonnys_data_client import models",
        "from sonnys_data_client import __version__",
        "from ..models import Site",
        "from .. import models",
        "def late():\n    from sonnys_data_client.types import Site",
        "import importlib\nimportlib.import_module('sonnys_data_client.types')",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sonnys_data_client import models",
    ],
)
def test_a_closed_border_is_found(line: str) -> None:
    modules = [inside("engine.jobs", line), inside("models", "", is_package=True)]
    assert len(tidy_rules.outside_rooms(modules, ROOMS)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "import json",
        "import sonnys_data_client.engine.wire",
        "from sonnys_data_client import errors",
        "from sonnys_data_client.errors import ValidationError",
        "from ..errors import ValidationError",
        "from .wire import Request",
        "from . import wire",
    ],
)
def test_an_open_border_is_not(line: str) -> None:
    modules = [inside("engine.jobs", line), inside("engine.wire", ""), inside("errors", "")]
    assert tidy_rules.outside_rooms(modules, ROOMS) == []


def test_a_border_may_be_open_for_one_module_only() -> None:
    wire = inside("engine.wire", "")
    throttle = inside("engine.throttle", "")
    good = inside("client.sync", "from sonnys_data_client.engine import wire")
    bad = inside("client.sync", "from sonnys_data_client.engine import throttle")
    assert tidy_rules.outside_rooms([wire, throttle, good], ROOMS) == []
    assert len(tidy_rules.outside_rooms([wire, throttle, bad], ROOMS)) == 1


def test_a_package_resolves_its_own_relative_imports() -> None:
    client = inside("client", "from .facade import Client\nfrom ..models import Site", is_package=True)
    assert tidy_rules.outside_rooms([client], ROOMS) == ["client:2: 'client' may not import 'models'"]


def test_a_room_that_nobody_furnished_is_found() -> None:
    assert len(tidy_rules.outside_rooms([inside("attic.trunk", "")], ROOMS)) == 1


def test_a_library_is_for_the_modules_named() -> None:
    table = {"httpx2": {"transport": "it speaks HTTP"}, "starlette": {"sandbox.http": "its shell"}}
    good = [
        inside("transport.sync", "import httpx2, json"),
        inside("sandbox.http", "from starlette.routing import Route"),
    ]
    bad = [
        inside("transporter", "import httpx2"),
        inside("sandbox.api", "def late():\n    from starlette.routing import Route"),
        inside("transport.aio", "import requests"),
    ]
    assert tidy_rules.outside_libraries(good, table) == []
    assert len(tidy_rules.outside_libraries(bad, table)) == len(bad)


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "from random import Random",
        "import urllib.request",
        "import asyncio.events",
        "import logging",
        "def late():\n    import os",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\nclock = datetime.datetime.utcnow",
        "from datetime import date as day\nday.today()",
        "open('file')",
        "save = print",
    ],
)
def test_an_act_in_the_engine_is_found(line: str) -> None:
    assert len(tidy_rules.impure([inside("engine.jobs", line)], PURE)) == 1


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("from datetime import datetime\ndatetime.now()", 1),
        ("from datetime import date as day\nday.today()", 1),
        ("import time\ntime.time()", 0),
        ("clock.now()", 0),
    ],
)
def test_a_clock_that_no_test_can_pin_is_found(lines: str, found: int) -> None:
    assert len(tidy_rules.unpinned_clocks([inside("cli.session", lines)])) == found


@pytest.mark.parametrize(
    "line",
    [
        "from collections.abc import Mapping",
        "from urllib.parse import quote",
        "from sonnys_data_client import errors",
        "def wait(moment):\n    return moment.now + 1",
        "from datetime import datetime\ndatetime.fromisoformat('2026-11-01')",
    ],
)
def test_a_thought_in_the_engine_is_not(line: str) -> None:
    assert tidy_rules.impure([inside("engine.jobs", line)], PURE) == []


@pytest.mark.parametrize("ask", ["yield 1", "yield from f()", "if x:\n            y = yield 1"])
def test_a_yield_in_a_finally_is_found(ask: str) -> None:
    body = inside("m", "def f():", "    try:", "        yield 0", "    finally:", f"        {ask}")
    assert len(tidy_rules.yields_in_finally([body])) == 1


def test_a_yield_elsewhere_is_not() -> None:
    body = inside(
        "m",
        "def f():",
        "    try:",
        "        yield 0",
        "    except OSError:",
        "        yield 1",
        "    finally:",
        "        def inner():",
        "            yield 2",
    )
    assert tidy_rules.yields_in_finally([body]) == []


@pytest.mark.parametrize(
    "body",
    [
        "def f(): raise NotImplementedError",
        "class A:\n    def f(self):\n        '''Later.'''\n        raise NotImplementedError('later')",
        "def f(): ...",
        "async def f():\n    '''Later.'''\n    ...",
    ],
)
def test_a_promise_is_found(body: str) -> None:
    assert len(tidy_rules.stubs([inside("m", body)])) == 1


@pytest.mark.parametrize(
    "body",
    [
        "def f():\n    '''Nothing to do, and that is all.'''",
        "class A(Protocol):\n    def f(self): ...",
        "class A(Protocol[T]):\n    def f(self): ...",
        "class A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): raise NotImplementedError",
        "@overload\ndef f(x: int) -> int: ...",
    ],
)
def test_an_abstract_function_is_not(body: str) -> None:
    assert tidy_rules.stubs([inside("m", body)]) == []


def test_a_print_is_found_where_nobody_reads() -> None:
    modules = [inside(name, "print('hello')") for name in ("engine.jobs", "cli.main", "client")]
    assert [found.split(":")[0] for found in tidy_rules.prints(modules, ("cli",))] == [
        "engine.jobs",
        "client",
    ]
    assert tidy_rules.prints([inside("m", "console.print('hello')")], ()) == []


def test_an_object_is_found_that_is_made_elsewhere() -> None:
    modules = [inside(name, "Text('hello'); Text.assemble('hello')") for name in ("cli.table", "cli.screen")]
    (first, second) = tidy_rules.made_elsewhere(modules, ("Text",), ("cli.screen",))
    assert first == second == "cli.table:1: Text is made in cli.screen only; use what that offers"
    assert tidy_rules.made_elsewhere([inside("m", "styled('Text')")], ("Text",), ()) == []


@pytest.mark.parametrize(
    "text",
    [
        "# TO" + "DO: later",
        "pip install --index" + "-url https://example.com",
        "https://py" + "pi.org/simple",
        "files.python" + "hosted.org",
        "see .." + "/shared/notes.md",
        "see /work" + "/main",
    ],
)
def test_a_banned_word_is_found(text: str) -> None:
    found = tidy_rules.banned_words(f"fine\n{text}\n", WORDS)
    assert [line.split(":")[0] for line in found] == ["2"]


def test_a_word_that_looks_alike_is_not() -> None:
    assert tidy_rules.banned_words("mastodons, shared/, --no-emit-index-url, library/env, todos", WORDS) == []


def test_a_long_module_needs_an_excuse_and_a_short_one_none() -> None:
    modules = [inside("long", *["x = 1"] * 5), inside("short", *["x = 1"] * 4)]
    assert len(tidy_rules.oversized(modules, 4, {})) == 1
    assert tidy_rules.oversized(modules, 4, {"long": "a table"}) == []
    assert len(tidy_rules.oversized(modules, 4, {"long": "a table", "short": "?", "gone": "?"})) == 2


def test_every_module_that_does_something_has_a_mirror() -> None:
    body = "def f(): return 1"
    modules = [
        inside("errors", body),
        inside("engine.wire", "x = 1"),
        inside("engine.seams", "class Shelf(Protocol):\n    def keep(self) -> None: ..."),
        inside("engine._odds", body),
        inside("sandbox.__main__", body),
        inside("", body, is_package=True),
        inside("cli", body, is_package=True),
    ]
    mirrors = {"test_errors", "engine.test_odds", "sandbox.test_main", "test_init", "cli.test_init"}
    assert tidy_rules.unmirrored(modules, mirrors, {}) == []
    assert len(tidy_rules.unmirrored(modules, set(), {})) == len(mirrors)
    assert len(tidy_rules.unmirrored(modules, mirrors - {"test_errors"}, {"errors": "in test_init"})) == 0
    assert len(tidy_rules.unmirrored(modules, mirrors, {"errors": "in test_init"})) == 1


def test_a_module_that_its_room_does_not_name_is_found() -> None:
    room = tidy_rules.Module("engine", '"""The core.\n\ncall  one request; jobs_old: gone\n"""', is_package=True)
    modules = [room, inside("engine.call", ""), inside("engine.jobs", ""), inside("engine.__main__", "")]
    assert tidy_rules.unlisted(modules, 2) == ["engine: its docstring does not name jobs"]
    assert tidy_rules.unlisted(modules, 3) == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("engine.test_jobs", "def budget_is_kept():\n    assert 1"),
        ("engine.test_jobs", "def budget_is_kept():\n    with pytest.raises(ValueError): f()"),
        ("engine.test_jobs", "def test_a(): pass\ndef test_a(): pass"),
        ("engine.test_jobs", "if x:\n    def test_a(): pass\nelse:\n    def test_a(): pass"),
        ("engine.test_jobs", "class TestA:\n    def test_a(self): pass\n    def test_a(self): pass"),
        ("engine.test_jobs", "class Jobs:\n    def test_a(self): pass"),
        ("engine.test_jobs", "def helper():\n    def test_a(): pass"),
        ("engine.jobs", "def test_a(): pass"),
        ("conftest", "async def test_a(): pass"),
    ],
)
def test_a_test_that_never_runs_is_found(name: str, body: str) -> None:
    assert len(tidy_rules.uncollected([inside(name, body)])) == 1


@pytest.mark.parametrize(
    "body",
    [
        "def test_a(): pass\ndef test_b(): pass",
        "def check():\n    assert 1\ndef test_a(): check()",
        "@pytest.fixture\ndef account():\n    assert 1",
        "class TestA:\n    def test_a(self): pass\nclass TestB:\n    def test_a(self): pass",
        "def helper(): return 1",
    ],
)
def test_a_test_that_runs_is_not(body: str) -> None:
    assert tidy_rules.uncollected([inside("engine.test_jobs", body)]) == []


def test_modules_are_named_by_where_they_lie(tmp_path: Path) -> None:
    for path in ("__init__.py", "errors.py", "engine/__init__.py", "engine/wire.py"):
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text("x = 1\n")
    found = {module.name: module.is_package for module in tidy_rules.read_tree(tmp_path)}
    assert found == {"": True, "errors": False, "engine": True, "engine.wire": False}


def test_a_folder_that_is_made_by_the_umask_is_found() -> None:
    made = inside("archive.store", "path.mkdir(parents=True)", "os.chmod(path, 0o644)", "path.touch()")
    good = inside("archive.files", "make_folder(path)", "path.exists()")
    assert len(tidy_rules.makers_of_files([made, good], {"modes": "why"})) == 3
    assert tidy_rules.makers_of_files([made], {"archive.store": "why"}) == []
