"""How long each command takes to start: beside the bare command-line framework and what the command needs.

For each command, a process that runs it up to its first request is timed beside one that makes an empty parser and
does what the command cannot do without, such as making a client. What is left is ours: the promise is at most 50 ms.
`tests/bench/test_startup.py` holds the exact half of the promise: which heavy libraries each command imports.

Run: python -m bench.startup
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

HEAVY = (
    *("duckdb", "fsspec", "httpx2", "keyring", "numpy", "platformdirs", "polars", "pyarrow", "pydantic", "pytz"),
    *("rich.live", "rich.progress", "starlette", "uvicorn"),
)
"""What no command may import without need."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a command needs in order to start.

    Attributes:
        does: Python that does what it cannot do without.
        imports: Those of `HEAVY` that come with it.
    """

    does: str = ""
    imports: tuple[str, ...] = ()


_CLIENT = "from sonnys_data_client import SonnysClient\nSonnysClient('id', 'key')\n"
_TALK = "import rich.console\n"
_API = ("httpx2", "pydantic")
COMMANDS: Mapping[str, Start] = {
    "--version": Start("import importlib.metadata\n"),
    "--help": Start(),
    "profile list": Start("import tomllib\n"),
    "completion bash": Start(
        "import cyclopts.completion.bash, rich.console\n"
        "import sonnys_data_client.client.catalog, sonnys_data_client.sandbox\n",
        ("pydantic",),
    ),
    "sandbox --list-switches": Start("import sonnys_data_client.sandbox\n"),
    "status": Start(
        f"{_TALK}import sonnys_data_client.archive.archive, sonnys_data_client.sync.planning\n", ("pydantic",)
    ),
    "sql 'SELECT 1'": Start(f"{_TALK}import sonnys_data_client.archive.archive\n", ("pydantic",)),
    "sync --since 2026-13": Start(
        f"{_CLIENT}import sonnys_data_client.sync.running, rich.live\n", (*_API, "rich.live")
    ),
    "export 2026-13": Start(f"{_CLIENT}import rich.live\n", (*_API, "rich.live")),
    "get customers --when 2026-13": Start(
        "import sonnys_data_client.client.catalog, rich.live\n", ("pydantic", "rich.live")
    ),
    "job submit 2026-13": Start(_TALK + _CLIENT, _API),
    "doctor --profile nobody": Start("import sonnys_data_client.client.sync\nimport rich.table\n", _API),
}
"""Commands that end before their first request, and what each needs."""

OURS_MS_MAX = 50.0
_BARE = "from cyclopts import App\napp = App(name='bare', version='1')\n@app.default\ndef run() -> None: ...\n"


def sonnys(command: str) -> list[str]:
    """The process that runs a command."""
    return [sys.executable, "-m", "sonnys_data_client", *shlex.split(command)]


def bare(command: str, start: Start) -> list[str]:
    """The process that only does what cannot be avoided: `--help` and the like are the framework's own work."""
    words = [command] if command.startswith("--") else []
    return [sys.executable, "-c", f"{start.does}{_BARE}app({words})"]


def environment(folder: str) -> dict[str, str]:
    """An account that is never asked, and no file of whoever runs this."""
    account = {"SONNYS_API_ID": "id", "SONNYS_API_KEY": "key", "SONNYS_BASE_URL": "http://127.0.0.1:9/v1"}
    places = {"SONNYS_CONFIG": f"{folder}/config.toml", "SONNYS_ARCHIVE": f"{folder}/archive"}
    return {**os.environ, **account, "SONNYS_TIMEZONE": "UTC", **places}


def cpu_ms(process: list[str], env: dict[str, str]) -> float:
    """The processor time of one run: starting waits for nothing, and other work on the machine counts less."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(process, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = getrusage(RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def compare(command: str, start: Start, env: dict[str, str], runs: int) -> tuple[float, float]:
    """Medians of the bare process and of what the command takes beyond it, the two run in turn."""
    pairs = [(cpu_ms(bare(command, start), env), cpu_ms(sonnys(command), env)) for _ in range(runs)]
    return median(bare_ms for bare_ms, _ in pairs), median(ms - bare_ms for bare_ms, ms in pairs)


def main() -> None:
    """Time every command and print what is ours."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    over: list[str] = []
    print(f"{'command':<28} {'bare':>6} {'ours':>6} {'ratio':>6}   (medians of {runs} pairs, ms of processor time)")
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
