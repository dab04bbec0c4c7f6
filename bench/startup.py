"""How long each command takes to start, beside the bare command-line framework and what the command needs.

For each command, a process that runs it up to its first request is timed beside one that makes a parser of as many
options and does what the command cannot do without, such as making a client. The difference is ours: at most 50 ms.
`tests/bench/test_startup.py` checks the part that can be checked exactly: which heavy libraries each command imports.

Run: python -m bench.startup
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from resource import RUSAGE_CHILDREN, getrusage

from cyclopts import App

from sonnys_data_client.cli.app import build

HEAVY = (
    *("duckdb", "fsspec", "httpcore2", "keyring", "numpy", "platformdirs", "polars", "pyarrow", "pydantic", "pytz"),
    *("rich.live", "rich.progress", "starlette", "uvicorn"),
)
"""What no command may import without need."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a command needs in order to start.

    Attributes:
        does: Python that does what it cannot do without.
        imports: Libraries of `HEAVY` that this imports.
    """

    does: str = ""
    imports: tuple[str, ...] = ()


_CLIENT = "from sonnys_data_client import SonnysClient\nSonnysClient('id', 'key')\n"
_TALK = "import rich.console\n"
_API = ("httpcore2", "pydantic")
COMMANDS: Mapping[str, Start] = {
    "--version": Start("import importlib.metadata\n"),
    "--help": Start(),
    "profile list": Start("import tomllib\n"),
    "completion bash": Start(
        f"{_TALK}import sonnys_data_client.client.catalog, sonnys_data_client.sandbox\n",
        ("pydantic",),
    ),
    "sandbox --list-switches": Start("import sonnys_data_client.sandbox\n"),
    "status": Start(
        f"{_TALK}import sonnys_data_client.archive.archive, sonnys_data_client.sync.planning\n", ("pydantic",)
    ),
    "sql 'SELECT 1'": Start(f"{_TALK}import sonnys_data_client.archive.archive\n", ("pydantic",)),
    "sync --since 2026-13": Start(f"{_CLIENT}import sonnys_data_client.sync.runner\n", _API),
    "export 2026-13": Start(_CLIENT, _API),
    "get customers --when 2026-13": Start("import sonnys_data_client.client.catalog\n", ("pydantic",)),
    "job submit 2026-13": Start(_TALK + _CLIENT, _API),
    "doctor --profile nobody": Start(f"{_TALK}import sonnys_data_client.client.sync, rich.table, tomllib\n", _API),
}
"""Commands that end before their first request, and what each needs."""

OURS_MS_MAX = 50.0


def sonnys(command: str) -> list[str]:
    """The process that runs a command."""
    return [sys.executable, "-m", "sonnys_data_client", *shlex.split(command)]


def bare(command: str, start: Start) -> list[str]:
    """The process that does only what cannot be avoided: make a parser of as many options, use it, and be ready.

    `--help`, `--version` and a completion script are the framework's own work, so the bare process does them, too.
    """
    if command.startswith("--"):
        parser, words = _parser("run", 0), [command]
    elif command.startswith("completion"):
        commands = [_parser(f"run{i}", options) for i, options in enumerate(_options_of_all(build()))]
        script = f"print(app.generate_completion(shell={shlex.split(command)[1]!r}))"
        return [sys.executable, "-c", f"{start.does}{_BARE}{''.join(commands)}{script}"]
    else:
        parser, words = _parser("run", sum(_options_of_all(_named(command)))), ["run"]
    return [sys.executable, "-c", f"{start.does}{_BARE}{parser}app({words})"]


_BARE = "from cyclopts import App\napp = App(name='bare', version='1')\n"


def _parser(name: str, options: int) -> str:
    takes = ", ".join(f"a{i}: str | None = None" for i in range(options))
    return f"@app.command\ndef {name}({takes}) -> None: ...\n"


def _named(command: str) -> App:
    return build().parse_commands(shlex.split(command))[1][-1]


def _options_of_all(app: App) -> Iterator[int]:
    """How many options each command has."""
    if app.default_command is not None:
        yield len(app.assemble_argument_collection())
    for name in app:
        if not name.startswith("-"):
            yield from _options_of_all(app[name])


def environment(folder: str) -> dict[str, str]:
    """The environment: a made-up account, no files or shell of the user, and bytecode as in an installed package."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "SHELL")}
    account = {"SONNYS_API_ID": "id", "SONNYS_API_KEY": "key", "SONNYS_BASE_URL": "http://127.0.0.1:9/v1"}
    places = {"SONNYS_CONFIG": f"{folder}/config.toml", "SONNYS_ARCHIVE": f"{folder}/archive"}
    bytecode = {"PYTHONPYCACHEPREFIX": f"{folder}/bytecode"}
    return {**kept, **account, "SONNYS_TIMEZONE": "UTC", **places, **bytecode}


def cpu_ms(process: list[str], env: dict[str, str]) -> float:
    """The processor time of one run. Starting waits for nothing, and other work on the machine disturbs it less."""
    before = getrusage(RUSAGE_CHILDREN)
    done = subprocess.run(process, env=env, capture_output=True, text=True, check=False)
    after = getrusage(RUSAGE_CHILDREN)
    if "Traceback" in done.stderr or "No module" in done.stderr:
        raise SystemExit(done.stderr)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def compare(command: str, start: Start, env: dict[str, str], runs: int) -> tuple[float, float]:
    """What the bare process takes, and what the command takes more: the least of several runs, the two in turn.

    Other work on the machine can only add to processor time, so the least is nearest to what the work costs.
    """
    pair = bare(command, start), sonnys(command)
    for process in pair:
        cpu_ms(process, env)  # compiles bytecode
    times = [[cpu_ms(process, env) for process in pair] for _ in range(runs)]
    bare_ms, command_ms = map(min, zip(*times, strict=True))
    return bare_ms, command_ms - bare_ms


def main() -> None:
    """Time every command and print what is ours."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    over: list[str] = []
    print(f"{'command':<28} {'bare':>6} {'ours':>6} {'ratio':>6}   (least of {runs} runs each, ms of processor time)")
    with tempfile.TemporaryDirectory() as folder:
        env = environment(folder)
        for command, start in COMMANDS.items():
            bare_ms, ours_ms = compare(command, start, env, runs)
            print(f"{command:<28} {bare_ms:6.0f} {ours_ms:6.0f} {1 + ours_ms / bare_ms:6.2f}", flush=True)
            if ours_ms > OURS_MS_MAX:
                over.append(command)
    print(f"more than {OURS_MS_MAX:g} ms: {', '.join(over) or 'none'}")


if __name__ == "__main__":
    main()
