"""Install a wheel the way a stranger would, outside this tree, and use it.

First bare: only what the wheel itself asks for comes along, and the package must work without any extra. Then
with `[all]`: the command line answers, and `use_wheel.py` reads a sandbox over HTTP.

Usage: `python scripts/check_wheel.py dist/*.whl`
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

BARE = """
import importlib.util
import sonnys_data_client
from sonnys_data_client import SonnysClient
extras = [name for name in ("cyclopts", "duckdb", "rich", "starlette") if importlib.util.find_spec(name)]
assert not extras, f"a bare install brings {extras}"
print("bare:", SonnysClient.__name__, "from", sonnys_data_client.__file__)
"""


def main(wheel: Path) -> None:
    """Check one wheel; the first thing that fails ends it."""
    with tempfile.TemporaryDirectory(prefix="wheel-check-") as directory:
        away = Path(directory)
        versions = away / "versions.txt"
        versions.write_text(_without_hashes((ROOT / "constraints.txt").read_text()))
        venv.create(away / "venv", with_pip=True)
        binaries = away / "venv" / ("Scripts" if sys.platform == "win32" else "bin")

        def run(program: str, *arguments: str) -> None:
            subprocess.run([str(binaries / program), *arguments], cwd=away, check=True)

        def install(requirement: str) -> None:
            pip = ("-m", "pip", "--disable-pip-version-check", "--quiet", "install")
            run("python", *pip, "--constraint", str(versions), requirement)

        install(str(wheel))
        run("python", "-I", "-c", BARE)
        install(f"{wheel}[all]")
        run("python", "-m", "pip", "--disable-pip-version-check", "check")
        run("sonnys", "--version")
        run("python", "-I", str(ROOT / "scripts" / "use_wheel.py"))
    print(f"{wheel.name}: good")


def _without_hashes(constraints: str) -> str:
    # A wheel just built has no known hash, and pip cannot check some hashes and not others. The same releases
    # were hash-checked when .venv was made.
    return re.sub(r"\\\n\s+--hash=\S+ ?", "", constraints)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
