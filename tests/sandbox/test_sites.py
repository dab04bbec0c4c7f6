"""The list of sites; what restricts it is tested with the parameters."""

from __future__ import annotations

from tests.sandbox.rig import SandboxRig, refusal


def test_all_sites_are_listed_without_pages() -> None:
    assert SandboxRig().get("/site/list", limit=1) == {
        "sites": [
            {"siteID": 1, "code": "MAIN", "name": "Main Street", "timezone": "America/Chicago"},
            {"siteID": 2, "code": "NORTH", "name": "North Loop", "timezone": None},
            {"siteID": 3, "code": "", "name": "Web Shop", "timezone": "America/Chicago"},
        ]
    }


def test_sites_can_only_be_read() -> None:
    assert refusal(SandboxRig().ask("POST", "/site/list"))[0] == 405
