"""`sonnys get`: every operation of the catalogue is a command, with every parameter, and returns the same rows."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sonnys_data_client.cli import main
from sonnys_data_client.cli.app import build
from sonnys_data_client.cli.commands.get.options import FAMILY, words_of
from sonnys_data_client.cli.family import examples_of
from sonnys_data_client.client.catalog import Entry, catalog, find
from tests.cli.conftest import Counter
from tests.cli.test_app import words_of as typed

Open = Callable[..., Counter]
SMALL = {"cars_per_day": 60, "sites": 1}
LISTS = [entry for entry in catalog() if entry.gives_rows]
WHEN = "2026-10-01..2026-11-22"
DATES = {"startDate": date(2026, 10, 1), "endDate": date(2026, 11, 22)}


def name_of(entry: Entry) -> str:
    own = "" if entry.name == "list" else f"_{entry.name.removeprefix('list_')}"
    return f"{entry.resource}{own}".replace("_", "-")


def rows(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_list_is_a_command() -> None:
    assert [command.__name__.replace("_", "-") for command in FAMILY.commands] == [name_of(entry) for entry in LISTS]


@pytest.mark.parametrize("command", FAMILY.commands, ids=lambda command: command.__name__)
def test_every_command_explains_every_parameter(command: Any) -> None:
    assert command.__doc__.splitlines()[0].endswith(".")
    for name in inspect.signature(command).parameters:
        assert f"    {name}: " in command.__doc__


@pytest.mark.parametrize("example", [line for command in FAMILY.commands for line in examples_of(command)])
def test_every_example_is_a_command_that_there_is(example: str) -> None:
    command, _, left_to_us = build().parse_args(typed(example))
    assert command in FAMILY.commands
    assert list(left_to_us) == ["session"]


@pytest.mark.parametrize("entry", LISTS, ids=name_of)
def test_it_gives_what_the_client_gives(entry: Entry, counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter(**SMALL)
    words, values = ["--timezone", "UTC"], dict[str, Any]()
    names = {takes.name for takes in entry.parameters}
    if names >= DATES.keys():
        words, values = [*words, "--when", WHEN], {**DATES}
    elif "since" in names:
        words, values = [*words, "--since", "2026-10-01"], {"since": date(2026, 10, 1)}
    else:
        words = []
    if "item_type" in names:
        words, values = ["wash", *words], {**values, "item_type": "wash"}
    assert main(["get", name_of(entry), *words, "--decimals", "text"]) == 0
    expected = [record.to_api() for record in entry.iter(opened.clients[-1], **values)]
    assert rows(capsys) == json.loads(json.dumps(expected, default=str))
    assert expected, "then this would show nothing"


@pytest.mark.parametrize("entry", [entry for entry in catalog() if not entry.gives_rows], ids=lambda e: e.resource)
def test_an_id_gives_one_whole(entry: Entry, counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter(**SMALL)
    words = ["get", entry.resource, *(["--when", "yesterday"] if entry.resource == "transactions" else [])]
    words += ["--when", "last-3-months"] if entry.resource in {"recurring", "washbooks"} else []
    main(words)
    first = next(iter(rows(capsys)[0].values()))
    assert main(["get", entry.resource, str(first), "--decimals", "text"]) == 0
    (got,) = rows(capsys)
    (takes,) = entry.parameters
    expected = entry.call(opened.clients[-1], **{takes.name: first}).to_api()
    assert got == json.loads(json.dumps(expected, default=str))


def test_words_are_typed_without_spaces() -> None:
    (takes,) = [takes for takes in find("recurring", "list_modifications").parameters if takes.name == "modifications"]
    assert words_of(takes)["tag-added"] == "Tag Added"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("customer", "There is no command 'customer'. hint: Did you mean 'customers'?"),
        ("customers --status actve", "--status 'actve' must be one of active, inactive. hint: Did you mean 'active'?"),
        ("customers --stats active", "There is no option '--stats'. hint: Did you mean --status?"),
        ("customers nope", "CUSTOMER_ID 'nope' must be a customer id: two numbers with a colon between them"),
        ("transactions-by-type", "ITEM_TYPE is missing. hint: Run sonnys get transactions-by-type --help."),
        ("transactions --when febuary", "--when 'febuary' must be a date or range such as yesterday"),
        (
            "transactions --when today --start-date today",
            "--when names both ends of the range. hint: Leave --start-date and --end-date out.",
        ),
        ("transactions 1:1 --when today", "--when is for lists. hint: Leave it out, or leave the id out."),
        ("recurring-all --when today", "There is no option '--when'."),
        ("customers 1:1 --status active", "--status is for lists. hint: Leave it out, or leave the id out."),
        ("transactions --limit many", "--limit 'many' must be a whole number."),
        ("sites --out a.doc", "--out 'a.doc' names no format; it must end in"),
    ],
)
def test_a_mistake_is_a_sentence_and_costs_nothing(
    words: str, said: str, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter()
    assert main(["get", *words.split()]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in " ".join(told.err.split())
    assert opened.paths == []
