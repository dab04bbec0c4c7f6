"""No text of a server gives a terminal orders, breaks a file, or shows the key."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from sonnys_data_client.cli import main
from sonnys_data_client.sandbox.config import ApiAccount
from sonnys_data_client.testing import SimulatedClient
from sonnys_data_client.text import harmless, one_line
from tests.cli.conftest import Counter
from tests.cli.workbook import sheets_of
from tests.hostile.texts import FACES, KEY, PLACES, TEXTS
from tests.proof.records import world
from tests.proof.truth import START

Open = Callable[..., Counter]


class Terminal(io.StringIO):
    """A stream that says it is a terminal, and takes everything."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """A terminal without colours, so that each control character in it came from elsewhere; wide enough for all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "10000")
    monkeypatch.setenv("SONNYS_ARCHIVE", str(tmp_path / "archive"))
    return Terminal()


def visible(text: str) -> str:
    """How the text is to be shown, without what a message may cut off."""
    return one_line(text)[:25]


CUSTOMER = world().records.customers(as_of=START)[0].id
CASES = [
    (face, place, text)
    for face in FACES
    for number, place in enumerate(FACES[face].codes)
    for text in list(TEXTS)[number % FACES[face].every :: FACES[face].every]
]


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_text_gives_no_orders_and_is_shown(
    case: tuple[str, str, str], terminal: Terminal, counter: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    face, place, text = case
    lists = world() if FACES[face].words[0] == "get" else None
    tamper = PLACES[place].tamper(TEXTS[text])
    opened = counter(tamper=tamper, world=lists, accounts=(ApiAccount("sandbox-id", KEY),))
    monkeypatch.setenv("SONNYS_API_KEY", KEY)
    monkeypatch.setattr("sys.stdout", terminal)  # here, because pytest sets its own after each fixture
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr("sys.stdin", io.StringIO(FACES[face].typed))

    def client(api_id: str, key: str, site: str | None, *, base_url: str) -> SimulatedClient:
        assert base_url
        return SimulatedClient(opened.sandbox, start=opened.wall, api_id=api_id, api_key=key, site_code=site)

    monkeypatch.setattr("sonnys_data_client.SonnysClient", client)
    code = main([word.format(customer=CUSTOMER) for word in FACES[face].words])
    said = terminal.getvalue()
    assert harmless(said) == said
    assert KEY not in said
    assert ("Traceback" in said) == (face == "verbose")
    assert code in FACES[face].codes[place], said
    if place in FACES[face].shows:
        assert visible(TEXTS[text]) in one_line(said)


def test_there_are_enough_attacks() -> None:
    assert len(CASES) >= 120


def exact(text: str) -> str:
    """Return a text as a file should hold it: half of a surrogate pair as its escape sequence."""
    return text.encode(errors="backslashreplace").decode()


def read_file(path: Path) -> list[str]:
    """Read the names of the customers in a file, with a reader that is not ours."""
    match path.suffix:
        case ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                return [row["firstName"].removeprefix("'") for row in csv.DictReader(file)]
        case ".json":
            return [row["firstName"] for row in json.loads(path.read_text(encoding="utf-8"))]
        case ".ndjson":
            return [json.loads(line)["firstName"] for line in path.read_text(encoding="utf-8").split("\n") if line]
        case ".parquet":
            return [name for (name,) in duckdb.read_parquet(str(path)).project("firstName").fetchall()]
        case _:
            names, *rows = sheets_of(path)["rows"]
            place = names.index("firstName")
            # A workbook is XML, which has no control characters: they are written as _x001B_ (ISO 29500, ST_Xstring).
            return [re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), row[place]) for row in rows]


@pytest.mark.parametrize("suffix", ["csv", "json", "ndjson", "parquet", "xlsx"])
@pytest.mark.parametrize("text", [name for name in TEXTS if name != "a_long_text"])
def test_a_file_holds_what_came(
    text: str, suffix: str, tmp_path: Path, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    counter(tamper=PLACES["value"].tamper(TEXTS[text]), world=world())
    path = tmp_path / f"customers.{suffix}"
    assert main(["get", "customers", "--out", str(path)]) == 0, capsys.readouterr().err
    assert set(read_file(path)) == {exact(TEXTS[text])}


@pytest.mark.parametrize(
    "text", ["links_elsewhere", "forges_a_line", "half_a_surrogate", "markup_that_ends_nothing", "the_key"]
)
def test_an_archive_of_hostile_texts_can_be_asked_and_gives_no_orders(
    text: str, terminal: Terminal, counter: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counter(tamper=PLACES["value"].tamper(TEXTS[text]), accounts=(ApiAccount("sandbox-id", KEY),))
    monkeypatch.setenv("SONNYS_API_KEY", KEY)
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setattr("sys.stderr", terminal)
    assert main(["sync", "--since", "last-2-days"]) == 0
    (tmp_path / "archive" / "transactions" / f"stray{TEXTS['sets_the_title']}").touch()
    ask = """SELECT DISTINCT name AS "[/foo]", raw->>'$.name' AS raw FROM sites"""
    assert main(["sql", ask]) == 0
    assert terminal.getvalue().count(one_line(TEXTS[text])[:25]) >= 2, "the column, and the raw row"
    for words, code in ((["status"], 0), (["archive", "check"], 1), (["sql", "--describe"], 0), (["sql"], 0)):
        assert main(words) in {code, 3}, terminal.getvalue()
    said = terminal.getvalue()
    assert harmless(said) == said
    assert KEY not in said
    assert "Traceback" not in said
