"""Errors at the terminal: in the command line's own words, with the option that was typed, and without Python."""

from __future__ import annotations

import ast
import inspect
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pytest
from cyclopts import Parameter

import sonnys_data_client
from sonnys_data_client import errors
from sonnys_data_client.cli import app, main
from sonnys_data_client.cli.commands.get.options import FAMILY
from sonnys_data_client.cli.wording import StandsFor, Typed, quoted, worded
from sonnys_data_client.errors import ConfigurationError, IncompleteError, Remedy, SonnysError, ValidationError
from sonnys_data_client.sandbox import Faults
from tests.cli.conftest import Counter

Open = Callable[..., Counter]

PYTHON = re.compile(
    r"""
    \b(?:None|True|False)\b     # values
    | \w\(                      # a call
    | (?<![\w'-])[a-z_]+=       # a keyword argument
    | \b(?:client|error|job)\.\w  # an attribute
    | \b(?:startDate|endDate|max_requests|max_minutes|reread_days|warn_days|site_codes)\b
    | (?<!-)\boffset\b
    | \bdatetime\b | \btzinfo\b | \bkwargs?\b | `with`
    | \[' | \{' | (?<!\S)b'     # a repr
    | \bwe\b | \bour\b | \bus\b
    """,
    re.VERBOSE,
)
"""No message of the command line may match this."""

PACKAGE = Path(sonnys_data_client.__file__).parent
FACES = (
    "cli",
    "archive",
    "sync",
    "endpoints",
    "engine",
    "profiles",
    "config",
    "client",
    "resources",
    "types",
    "shelves",
)
CLASSES = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SonnysError)}
SAID_BY_COMMANDS = {"Refusal", "Failure", "Alarm", "Stopped", "CheckResult", "say", "Said"}

PYTHON_ONLY = {
    "This export has ended before its last row, by close()": "of an export that somebody goes on with in Python",
    "The export has no report yet": "of an export that somebody asks too early in Python",
}
"""Beginnings of texts that never reach a terminal, and why."""


def commands() -> Iterator[Any]:
    yield from app.commands()
    yield from FAMILY.commands


def texts_of_raises() -> Iterator[tuple[str, str]]:
    """Yield the place and the constant text of everything that errors and commands say."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE)
        if name.parts[0].removesuffix(".py") not in FACES:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in CLASSES | SAID_BY_COMMANDS:
                for part in [*node.args, *(word.value for word in node.keywords if word.arg not in _NOT_SAID)]:
                    yield from ((f"{name}:{node.lineno}", text) for text in _constants(part))


_NOT_SAID = {"method", "path", "type", "parameter", "body", "handle", "rows", "bad", "details", "style"}


def _constants(node: ast.AST) -> Iterator[str]:
    """Yield the text of each string in an expression, with `…` in place of what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)
        case ast.Call():
            return
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _constants(child)


def test_no_text_that_may_reach_a_terminal_speaks_python() -> None:
    texts = list(texts_of_raises())
    assert len(texts) > 200, "then this would show nothing"
    bad = [
        f"{where}: {text}"
        for where, text in texts
        if PYTHON.search(text) and not any(text.lstrip(" …").startswith(start) for start in PYTHON_ONLY)
    ]
    assert bad == []


def test_every_excuse_is_needed() -> None:
    texts = [text.lstrip(" …") for _, text in texts_of_raises()]
    assert [start for start in PYTHON_ONLY if not any(text.startswith(start) for text in texts)] == []


@pytest.mark.parametrize("remedy", Remedy)
def test_every_remedy_has_words_of_this_program(remedy: Remedy) -> None:
    said = worded(SonnysError("No.", remedy=remedy, details={"account": "acme", "day": "2026-03-08"}), Typed())
    assert said.sentence == "No."
    assert said.hint == "" or said.hint.endswith(".")
    assert not PYTHON.search(re.sub(r"startDate|endDate|offset", "", said.hint)), "those are options of a command"
    python = str(SonnysError("No.", remedy=remedy, details={"account": "acme", "day": "2026-03-08"}))
    assert python.startswith("No. ")
    assert python.endswith(".")


def test_help_speaks_of_options_and_not_of_python() -> None:
    for command in commands():
        text = inspect.getdoc(command) or ""
        # Without the names of the options, and those of the API in the catalogue's help.
        help_text = re.sub(r"^    \w+: |startDate|endDate|\boffset\b|`", "", text, flags=re.MULTILINE)
        found = PYTHON.search(re.sub(r"Examples:.*|SELECT.*", "", help_text, flags=re.DOTALL))
        assert found is None, (command.__name__, found)


def submit(
    when: Annotated[str, StandsFor("startDate", "endDate")],
    /,
    *,
    page: Annotated[int, StandsFor("offset")] = 1,
    startDate: Annotated[str | None, Parameter(name="--start-date")] = None,  # noqa: N803
    max_rows: int | None = None,
    since: Annotated[str | None, StandsFor("start")] = None,
    members_since: Annotated[str | None, StandsFor("since")] = None,
) -> None:
    """Stand in for a command."""


def said(typed: dict[str, Any], **what: Any) -> str:
    return worded(ValidationError(**what), Typed(submit, typed)).sentence


def test_the_option_that_was_typed_stands_in_place_of_the_parameter() -> None:
    assert said({"page": 0}, parameter="offset", value=0, allowed="1 or more") == "--page '0' must be 1 or more."
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    assert said({"when": "2027"}, parameter="startDate", value=moment, problem="is late") == "WHEN '2027' is late."
    assert said({"startDate": "2027"}, parameter="startDate", problem="is late", value="x") == (
        "--start-date '2027' is late."
    )
    assert said({"max_rows": 2}, parameter="max_rows", value=2, problem="is odd") == "--max-rows '2' is odd."


def test_an_option_stands_for_what_it_says_and_for_nothing_else() -> None:
    typed = {"since": "2026", "members_since": "2030"}
    assert said(typed, parameter="since", value="x", problem="is late") == "--members-since '2030' is late."
    assert said(typed, parameter="start", value="x", problem="is late") == "--since '2026' is late."


def test_a_setting_is_called_as_where_it_stands_calls_it() -> None:
    error = ConfigurationError(parameter="offset", value="x", allowed=["a", "b"], source="c.toml: profile p")
    assert worded(error, Typed(submit, {})).sentence == "c.toml: profile p: offset 'x' must be one of a, b."
    assert worded(ConfigurationError("is empty", parameter="api_key"), Typed()).sentence == "The API key is empty."


def test_hints_name_options() -> None:
    error = ValidationError("is odd", parameter="max_rows", value=1, remedy=Remedy.NO_BOUND)
    assert worded(error, Typed(submit, {})).hint == "Leave --max-rows out for no bound."
    error = ValidationError("alone names no range", parameter="endDate", remedy=Remedy.START_TOO)
    assert worded(error, Typed(submit, {"startDate": "x"})).hint == "Give --start-date too."
    assert worded(IncompleteError("No.", gaps=[], remedy="Wait."), Typed()).hint == "Wait."


def test_values_are_quoted_as_they_would_be_typed() -> None:
    values: list[Any] = ["a b", 3, 2.0, ("a", "b"), [], Path("x")]
    assert [*map(quoted, values)] == ["'a b'", "'3'", "'2'", "'a', 'b'", "''", "'x'"]


# -- every command, with what cannot be right -----------------------------------------------------------------------

WRONG = [
    ("job submit yesterday --page 0 --timezone UTC", "--page '0' must be a page number from 1 up."),
    ("job submit yesterday --limit 101 --timezone UTC", "--limit '101' must be a whole number from 1 to 100."),
    ("job submit last-7-days --timezone UTC", "The range is 7.0 days long, but one job covers at most 24 hours"),
    ("job submit 2027-01-01 --timezone UTC", "WHEN '2027-01-01' is in the future, where nothing can be read yet."),
    ("job submit soon", "WHEN 'soon' must be a date or range such as yesterday,"),
    ("job submit yesterday --site NOPE", "--site 'NOPE' is not a site of this account; it must be one of MAIN, NORTH."),
    (
        "job submit yesterday --site NOPE --timezone UTC",
        "--site 'NOPE' is not a site of this account; it must be one of",
    ),
    ("job status", "No job was named."),
    ("job result abc --handle x", "HASH and --handle both name a job."),
    ("job result --handle nope.json", "nope.json: No such file or directory."),
    ("export soon", "WHEN 'soon' must be a date or range such as yesterday,"),
    ("export 2020-01-01 --timezone UTC", "WHEN '2020-01-01' is more than six months ago,"),
    ("export 2027-01-01 --timezone UTC", "WHEN '2027-01-01' is in the future,"),
    ("export today..yesterday", "WHEN 'today..yesterday' ends before it starts."),
    ("export yesterday --site NOPE", "--site 'NOPE' is not a site of this account; it must be one of MAIN, NORTH."),
    ("export yesterday --site NOPE --timezone UTC", "--site 'NOPE' is not a site of this account; it must be one of"),
    ("export yesterday --site MAIN --site MAIN", "--site 'MAIN', 'MAIN' names a site twice,"),
    ("export yesterday --timezone Chicago", "--timezone 'Chicago' must be the IANA name of a time zone,"),
    ("export yesterday --format xls", "--format 'xls' must be one of ndjson, json, csv, xlsx, parquet."),
    ("export yesterday --format parquet", "--format 'parquet' needs a file."),
    ("export yesterday --out a.doc", "--out 'a.doc' names no format;"),
    ("export yesterday --out no/a.csv", "--out 'no/a.csv' is in a directory that does not exist."),
    ("export", "WHEN is missing."),
    ("export yesterday --plan=7", "--plan '7' is too much: the option takes no value."),
    ("export yesterday -o a.csv -o b.csv", "-o was given more than once."),
    ("get transactions --when yesterday --site NOPE --timezone UTC", "--site 'NOPE' is not a site of this account;"),
    ("get transactions --when yesterday --limit 0 --timezone UTC", "--limit '0' must be a whole number from 1 to 100."),
    ("get transactions --when yesterday --offset 0 --timezone UTC", "--offset '0' must be a page number from 1 up."),
    ("get transactions --end-date soon", "--end-date 'soon' must be a date or range such as yesterday,"),
    ("get transactions --start-date today --end-date yesterday --timezone UTC", "--end-date 'yesterday' is before the"),
    ("get transactions --when 2020 --timezone UTC", "--when '2020' is more than six months ago,"),
    ("get transactions --when last-2-months --offset 2 --timezone UTC", "--offset '2' is a page of one list,"),
    ("get transactions abc", "TRANS_ID 'abc' must be a transaction id:"),
    ("get transactions 1:1 --site MAIN", "--site is for lists."),
    ("get customers --phone-number 12", "--phone-number '12' must be a phone number:"),
    ("get customers --status odd", "--status 'odd' must be one of active, inactive."),
    ("get customers --first-name=", "--first-name '' must be a name that is not blank."),
    ("get recurring-modifications --end-date yesterday", "--end-date alone names no range."),
    ("get recurring-all --since 2027-01-01", "--since '2027-01-01' is in the future"),
    ("get nothing", "There is no command 'nothing'."),
    ("sync --max-requests 0", "--max-requests '0' must be a number above 0."),
    ("sync --max-minutes nan", "--max-minutes 'nan' must be a number above 0."),
    ("sync --reread-days 999", "--reread-days '999' must be a number of days from 0 to 180."),
    ("sync --warn-days -1", "--warn-days '-1' must be a number of days from 0 to 180."),
    ("sync --account a/b", "--account 'a/b' cannot name a folder;"),
    ("sync --table prices", "--table 'prices' is not a table that can be read besides transactions;"),
    ("sync --since soon", "--since 'soon' must be a date or range such as"),
    ("sync --members-since soon", "--members-since 'soon' must be a date or range such as"),
    ("sync --only-transactions --table items", "--only-transactions and --table exclude each other."),
    ("sync --profile nobody", "has no profile 'nobody'; it has none."),
    ("status --warn-days 999", "--warn-days '999' must be a number of days from 0 to 180."),
    ("status", "There is no archive at "),
    ("sql --file none.sql", "none.sql: No such file or directory."),
    ("sql x --file none.sql", "QUERY and --file both give a query."),
    ("archive check", "There is no archive at "),
    ("doctor --profile nobody", "A setting of the account is wrong."),
    ("profile add a.b --api-id x --no-check", "NAME 'a.b' cannot name a profile;"),
    (
        "profile add ab --api-id x --no-check --throttle fast",
        "--throttle 'fast' must be requests/seconds, such as 20/15.",
    ),
    ("profile add ab --api-id x --no-check --timezone Chicago", "--timezone 'Chicago' must be the IANA name"),
    ("profile add ab --api-id x --no-check --base-url ftp://x", "--base-url must be a web address such as https://"),
    (
        "profile add ab --api-id x --base-url http://a.com",
        "--base-url 'http://a.com' would send the API key unencrypted",
    ),
    ("demo --days 0", "--days '0' must be a whole number from 1 to 180."),
    ("sandbox --port", "--port needs a value."),
    ("sandbox 8080", "There is no place for '8080'."),
    ("completion tcsh", "SHELL 'tcsh' must be one of bash, zsh, fish, powershell."),
    ("nothing", "There is no command 'nothing'."),
]


@pytest.mark.parametrize(("words", "sentence"), WRONG, ids=[words for words, _ in WRONG])
def test_what_cannot_be_right_is_said_in_the_words_of_who_typed_it(
    words: str,
    sentence: str,
    *,
    counter: Open,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    counter()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SONNYS_ARCHIVE", str(tmp_path / "none"))
    monkeypatch.setattr("sys.stdin", io.StringIO("a-key\n"))
    assert main(words.split()) == 2
    first, *more = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("Reading ")]
    assert sentence in first
    assert first.startswith("sonnys: ")
    assert first.endswith(".")
    assert len(more) <= 1
    assert all(line.startswith("hint: ") for line in more)
    assert not PYTHON.search(" ".join([first, *more]).replace(str(tmp_path), ""))


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        (Faults(unreachable=1.0), "export yesterday --out a.csv"),
        (Faults(html_502=1.0), "get items"),
        (Faults(rival=40), "get items"),
        (Faults(job_fail=1.0), "export yesterday --out a.csv"),
        (Faults(job_fail=1.0), "sync --since yesterday --only-transactions"),
        (Faults(bad_row=1.0), "get transactions --when yesterday --timezone UTC"),
        (Faults(bad_row=1.0), "export yesterday --out a.csv"),
        (Faults(stall=1.0, stall_s=600), "doctor"),
    ],
)
def test_trouble_is_said_without_python_too(
    faults: Faults,
    words: str,
    *,
    counter: Open,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    counter(faults=faults)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SONNYS_ARCHIVE", str(tmp_path / "archive"))
    assert main(words.split()) == (4 if faults.bad_row else 1)
    told = capsys.readouterr().err
    assert not PYTHON.search(told), told
    *_, last = told.splitlines()
    assert last.startswith("hint: ") or "sonnys: " in last


def test_wrong_credentials(counter: Open, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    counter()
    monkeypatch.setenv("SONNYS_API_KEY", "wrong")
    assert main(["get", "items"]) == 1
    sentence, hint = capsys.readouterr().err.splitlines()
    assert sentence.startswith("sonnys: GET /item answered 403 BadClientCredentialsError: ")
    assert hint == "hint: Check the API ID and key with your BackOffice administrator."
