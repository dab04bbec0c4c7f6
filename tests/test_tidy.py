"""The house rules, applied to this repository: the tables, and one test for each rule.

An entry in a table is a decision and comes with a reason. An excuse that nothing needs any more fails too.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import tidy_rules
from tests.tidy_rules import PACKAGE

ROOT = Path(__file__).parents[1]

MODULES = tidy_rules.read_tree(ROOT / "src" / PACKAGE)
TESTS = tidy_rules.read_tree(ROOT / "tests")
TOOLS = [m for room in ("bench", "scripts") for m in tidy_rules.read_tree(ROOT / room)]
EXAMPLES = tidy_rules.read_tree(ROOT / "examples")

ROOMS = {
    # The front door hands out names, when they are asked for.
    "": (
        "client",
        "config",
        "endpoints",
        "engine.progress",
        "engine.throttle",
        "resources",
        "types",
        "errors",
        "lazy",
        "shelves",
        "version",
    ),
    "version": (),
    "lazy": (),
    "words": (),
    "notebook": (),
    "atomic": (),
    "text": ("secret",),
    "secret": (),
    "modes": (),
    "redaction": ("errors",),
    "shelves": ("atomic", "errors", "modes"),
    "errors": ("secret", "text"),
    "per_process": (),
    "config": ("errors", "secret"),
    "home": ("errors",),
    "keys": ("errors", "secret"),
    "profile_file": ("atomic", "errors", "modes", "secret"),
    "profile": ("config", "errors", "keys", "redaction", "throttles.keepers", "zones"),
    "profiles": ("config", "errors", "home", "keys", "profile", "profile_file", "secret"),
    "zones": ("errors",),
    "types": ("errors", "text"),
    # Pure: decides, and asks a driver to act.
    "engine": ("errors", "notebook", "text", "words", "zones"),
    "endpoints": ("engine", "types", "errors", "secret", "text", "words", "zones"),
    "params": ("endpoints", "engine.moments"),
    "drivers": ("engine", "errors", "per_process"),
    "transport": ("engine.json_limits", "engine.wire", "config", "errors", "per_process", "secret", "version"),
    "throttles": (
        "engine.throttle",
        "engine.turns",
        "engine.verdicts",
        "engine.wire",
        "errors",
        "per_process",
        "file_lock",
        "modes",
    ),
    "file_lock": (),
    "resources": ("endpoints", "engine", "drivers", "types", "errors", "notebook", "per_process", "words"),
    "client": (
        *("resources", "endpoints", "engine", "drivers", "transport", "throttles", "config", "profiles", "types"),
        *("errors", "zones"),
    ),
    # What a day is, how far back history goes, how a row is encoded and how sites are compared is written once, in the
    # engine.
    "archive": (
        "atomic",
        "file_lock",
        "engine.rows",
        "engine.sites",
        "engine.windows",
        "types",
        "errors",
        "lazy",
        "modes",
        "notebook",
        "redaction",
        "words",
    ),
    "sync": (
        *("archive.account_names", "archive.archive", "archive.dispute", "archive.disputed", "archive.evidence"),
        *("archive.filling", "archive.tables"),
        *("client", "resources.inbox", "engine", "drivers.seams"),
        *("endpoints.context", "endpoints.export", "endpoints.parts", "endpoints.transactions"),
        *("types", "errors", "keys", "lazy", "notebook", "profiles", "redaction", "words", "zones"),
    ),
    # Neither types nor engine.throttle: code that the sandbox and the client shared would give both the same mistakes.
    "sandbox": ("engine.wire",),
    "testing": ("client", "config", "drivers", "engine", "errors", "lazy", "sandbox", "shelves", "throttles"),
    "__main__": ("cli",),
    "cli": (
        *(
            "",
            "sync",
            "archive",
            "client",
            "resources",
            "endpoints",
            "config",
            "home",
            "modes",
            "profile",
            "profiles",
            "redaction",
            "types",
            "errors",
        ),
        "sandbox",
        "atomic",
        *("engine", "drivers.seams", "throttles"),  # what progress, throttle and doctor show
        *("secret", "text", "words", "zones"),
    ),
}
"""Which rooms, or modules, each room may import. `docs` tell the same story in words."""

LIBRARIES = {
    "httpcore2": {"transport": "the only room that speaks HTTP"},
    "pydantic": {"types": "rows are validated there, and nowhere else"},
    "pydantic_core": {"types": "pydantic's own words for what is wrong with a row"},
    "starlette": {"sandbox.http": "the HTTP shell around the pure sandbox"},
    "uvicorn": {"sandbox.http": "its server"},
    "pytest": {"testing.plugin": "the sandbox as a fixture for users' tests"},
    "cyclopts": {"cli": "arguments"},
    "rich": {"cli": "progress and tables"},
    "platformdirs": {"home": "where profiles and the archive are by default"},
    "keyring": {"keys": "where keys lie, for those who wish"},
    "fsspec": {"archive.files": "archives at addresses that are not folders", "archive.queries": "see `_close_with`"},
    "redis": {
        "throttles.redis": "a ledger that several machines reach",
        "sync.leases": "where workers on several machines take their accounts",
    },
    "pytz": {"archive.database": "DuckDB needs it for instants"},
    "polars": {"archive.queries": "an answer as a frame, for those who have it"},
    "xlsxwriter": {"cli.show.xlsx": "workbooks, for those who have it"},
    "duckdb": {"archive": "writes and queries Parquet", "cli.show.files": "writes Parquet"},
}
"""Where each library may be imported, and why there."""

PURE_STDLIB = (
    "__future__",
    "abc",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "email.utils",  # reads the date in a Retry-After
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "statistics",
    "string",
    "types",
    "typing",
    "urllib.parse",
    "zoneinfo",  # a table: the same answer every time
)
"""What `engine/` may import of the standard library: no clock, no dice, nothing that touches the world."""

PRINTERS = ("cli", "sandbox.__main__", "sandbox.options")
"""Who may print: those that somebody runs by name."""

SHOWN_BY = ("cli.show.screen",)
"""Who may make consoles, texts and moving displays of rich: there, text from elsewhere gives no orders."""
MAKERS_OF_FILES = {
    "modes": "the one place",
    "archive.lock": "a lock names a process and nothing else; its folder is made before, and closed",
    "archive.remote_files": "a folder at a store, where the store says who may read",
    "cli.commands.demo.run": "made-up data, in the folder that the user names",
}
"""Modules that make folders and files, and why."""

LINES_MAX = 400
LONG: dict[str, str] = {}
"""Modules above `LINES_MAX` lines, and why they are one thing."""

TESTED_ELSEWHERE: dict[str, str] = {
    "archive.landed": "tests/archive/test_writer.py: what the writer returns",
    "engine.export.state": "tests/engine/export/test_schedule.py: state, scheduler and board are one machine",
    "engine.export.board": "tests/engine/export/test_schedule.py: as the state",
    "engine.export.endings": "tests/engine/export/test_schedule.py and test_wrong_answers.py: as the state",
    **{
        f"resources.{name}": "tests/resources/test_init.py: each declaration is tried, in both clients"
        for name in "customers employees giftcards items recurring sales_outcomes sites washbooks".split()
    },
}
"""Modules without a test file of their own, and where they are tested and why there."""

HEAVY = {"cyclopts", "duckdb", "httpcore2", "pydantic", "rich", "starlette", "uvicorn"}
LIGHT = {
    PACKAGE: HEAVY,
    f"{PACKAGE}.client.settings": {f"{PACKAGE}.profiles", "keyring", "platformdirs", "tomllib"},
    f"{PACKAGE}.errors": HEAVY,
    f"{PACKAGE}.engine": HEAVY,
    f"{PACKAGE}.archive": HEAVY,
    f"{PACKAGE}.archive.archive": {"duckdb", "fsspec", "httpcore2", "polars", "pyarrow"},
    f"{PACKAGE}.sync": HEAVY,
    f"{PACKAGE}.sandbox": HEAVY,
    f"{PACKAGE}.cli": {"duckdb", "rich.progress", "starlette", "uvicorn"},
}
"""What importing a module must not drag in."""

_OF_INDEXES = "name no package index: people have their own"
# The patterns are spelt so that they do not find themselves.
WORDS = {
    r"\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b": "do it, or file it",
    r"\b(?:py(?:pi|thonhosted)|npm(?:js)|anaconda)[.](?:org|com)\b": _OF_INDEXES,
    r"--(?:extra-)?index-url|--find[-]links": _OF_INDEXES,
    r"[.][.]/shared\b|/work/(?:main|shared)|[.]library/": "the repository stands alone",
}
"""What no file may hold."""

NOT_OURS = {"__pycache__", "demo-output", "dist"}
"""Directories that are made, like those whose names start with a dot."""


def none_of(complaints: list[str]) -> None:
    assert not complaints, "\n".join(["", *complaints])


def test_rooms_import_only_what_the_table_opens() -> None:
    none_of(tidy_rules.outside_rooms(MODULES, ROOMS))


def test_libraries_are_imported_only_where_they_are_needed() -> None:
    none_of(tidy_rules.outside_libraries(MODULES, LIBRARIES))


def test_the_engine_is_pure() -> None:
    none_of(tidy_rules.impure([m for m in MODULES if m.room == "engine"], PURE_STDLIB))


def test_every_clock_can_be_pinned() -> None:
    # But for the examples, which are written as their readers would write them.
    none_of(tidy_rules.unpinned_clocks(MODULES + TESTS + TOOLS))


def test_no_yield_stands_in_a_finally() -> None:
    none_of(tidy_rules.yields_in_finally(MODULES))


def test_no_function_only_promises() -> None:
    none_of(tidy_rules.stubs(MODULES + TOOLS + EXAMPLES))


def test_only_the_command_line_prints() -> None:
    none_of(tidy_rules.prints(MODULES, PRINTERS))


def test_only_the_screen_writes_to_a_terminal_with_colour() -> None:
    none_of(tidy_rules.made_elsewhere(MODULES, ("Console", "Text", "Live"), SHOWN_BY))


def test_files_and_folders_of_ours_are_made_in_one_place() -> None:
    none_of(tidy_rules.makers_of_files(MODULES, MAKERS_OF_FILES))


def test_modules_are_short() -> None:
    none_of(tidy_rules.oversized(MODULES, LINES_MAX, LONG))


def test_every_module_has_its_test_file() -> None:
    none_of(tidy_rules.unmirrored(MODULES, {test.name for test in TESTS}, TESTED_ELSEWHERE))


def test_a_room_of_many_modules_says_what_each_is_for() -> None:
    none_of(tidy_rules.unlisted(MODULES, 6))


def test_every_test_is_collected() -> None:
    none_of(tidy_rules.uncollected(TESTS))


def test_no_file_holds_a_banned_word() -> None:
    bad: list[str] = []
    for directory, names, files in os.walk(ROOT):
        names[:] = [n for n in names if n == ".ci" or not (n.startswith(".") or n in NOT_OURS)]
        # In a worktree `.git` is a file, and says where the repository is.
        for path in (Path(directory, name) for name in files if name != ".git"):
            text = path.read_bytes().decode("utf-8", errors="replace")
            bad += [f"{path.relative_to(ROOT)}:{found}" for found in tidy_rules.banned_words(text, WORDS)]
    none_of(bad)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("constraints.txt", 20),
        ("constraints-oldest.txt", 1),
        ("constraints-duckdb-1.0.txt", 1),
        ("constraints-duckdb-1.4.txt", 1),
    ],
)
def test_constraints_name_no_address_and_hash_everything(name: str, least: int) -> None:
    lines = (ROOT / name).read_text().splitlines()
    pins = [number for number, line in enumerate(lines) if "==" in line]
    assert len(pins) >= least
    assert [line for line in lines if "://" in line or "@" in line] == []
    assert [lines[number] for number in pins if "--hash=sha256:" not in lines[number + 1]] == []


def test_the_oldest_duckdb_that_is_tried_is_the_oldest_that_is_admitted() -> None:
    (floor,) = re.findall(r"duckdb>=([\d.]+)", (ROOT / "pyproject.toml").read_text())
    (pin,) = re.findall(r"^duckdb==([\d.]+)", (ROOT / "constraints-oldest.txt").read_text(), re.MULTILINE)
    assert pin in (floor, f"{floor}.0")


@pytest.mark.parametrize("name", LIGHT)
def test_heavy_libraries_are_imported_late(name: str) -> None:
    code = f"import json, sys, {name}; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert LIGHT[name] & set(json.loads(run.stdout)) == set()
