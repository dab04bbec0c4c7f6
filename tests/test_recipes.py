"""Each recipe in docs/recipes.md that can run here runs, over four nights of an archive.

Spark is not here. Its recipe was tried by hand.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.cli.app import build
from tests.archive.rig import DAY, put, rows
from tests.cli.test_app import words_of

PAGE = (Path(__file__).parents[1] / "docs" / "recipes.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SQL = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
HERE = [block for block in PYTHON if "spark.read" not in block]
PRINTED = {
    "duckdb": r"\[\(.*'MAIN', Decimal\('30.0000'\)\), .*'WEB', Decimal\('5.0000'\)\)\]\nWhat was charged.*",
    "to_pandas()": r".*35\.0000.*",
    "pd.read_parquet": r".*35\.0000.*",
    "to_polars()": r".*MAIN.*30\.0000.*WEB.*5\.0000.*",
    "pl.scan_parquet": r".*35\.0000.*",
    "pyarrow.dataset": r".*business_date.*hour.*total.*",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive: three sales of a site, two of its web shop, and the sites of four nights."""
    folder = tmp_path_factory.mktemp("recipes")
    archive = Archive(folder / "archive")
    put(archive, [*rows(3, locationCode="MAIN", total=10), *rows(2, first=10, locationCode="", total=2.5)])
    sites = [{"siteID": 1, "code": "MAIN", "name": "Main Street"}, {"siteID": 2, "code": "", "name": "Web Shop"}]
    for night in range(4):
        put(archive, sites, Partition("sites", "main", DAY + timedelta(days=night)))
    archive.write_views()
    return folder


@pytest.mark.parametrize("block", HERE, ids=lambda block: block.split()[1])
def test_each_block_of_python_prints_what_it_should(
    block: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    exec(compile(block, "recipes.md", "exec"), {})  # noqa: S102 - our own page
    (pattern,) = [pattern for sign, pattern in PRINTED.items() if re.search(rf"{re.escape(sign)}(?!/)", block)]
    assert re.fullmatch(pattern, capsys.readouterr().out.strip(), re.DOTALL)


@pytest.mark.parametrize("query", SQL, ids=range(len(SQL)))
def test_each_query_can_be_answered(query: str, folder: Path) -> None:
    archive = Archive(folder / "archive")
    with archive.sql(query) as answer:
        found = answer.fetchall()
    if "JOIN sites" in query:
        assert found == [(DAY, "Main Street", 3, Decimal(30)), (DAY, "Web Shop", 2, Decimal(5))]


@pytest.mark.parametrize("command", re.findall(r"^(sonnys .+?)(?: \|.*)?$", PAGE, re.MULTILINE))
def test_each_command_is_one_that_there_is(command: str) -> None:
    function, _, _ = build().parse_args(words_of(command))
    assert callable(function)


def test_the_page_has_a_recipe_for_each_tool() -> None:
    for tool in ("Excel", "Power BI", "Tableau", "Metabase", "pandas", "Polars", "Arrow", "Spark", "JSON"):
        assert re.search(rf"^#.*\b{tool}\b", PAGE, re.MULTILINE), tool
    assert set(re.findall(r"```(\w*)\n", PAGE)) == {"", "sql", "python"}
    assert len(PYTHON) == 7
    assert len(HERE) == len(PYTHON) - 1
    assert len(SQL) == 4
    for block in PYTHON:
        compile(block, "recipes.md", "exec")
