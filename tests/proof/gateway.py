"""A gateway between client and sandbox that changes one valid reply, as a proxy, a bug or an odd value would.

A seed decides which reply is changed, where and how, and whether it happens once, to each reply to that request, or to
each reply from that path.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import Reply, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world.protocol import World

ODD: tuple[Any, ...] = (
    None,
    "",
    " ",
    0,
    -1,
    -5,
    0.5,
    99,
    2**63,
    10**12,
    10**15,
    10**400,
    True,
    False,
    "N/A",
    "null",
    "0000-00-00",
    "0000-00-00 00:00:00",
    "-0001-11-30T00:00:00-06:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "a\rb\n\u2028c",
    "\x1b]0;title\x07\x9b2J\x00",
    "\u202etxt.exe\u200b",
    "[red]x[/foo]",
    "half \ud83d",
    {"half \udc80": "\ud83d\ud83d"},
    [],
    {},
    [None],
    {"1": {}},
    {"message": "Internal error"},
)
"""What may stand where something else is due."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value within a reply.

    Attributes:
        holder: The object or array that holds it.
        key: Its name or its index there.
        path: All names and indexes on the way to it.
    """

    holder: Any
    key: Any
    path: tuple[Any, ...]

    @property
    def value(self) -> Any:
        """The value."""
        return self.holder[self.key]

    @property
    def within_a_row(self) -> bool:
        """Whether it is part of a row: below an element of an array."""
        return any(isinstance(step, int) for step in self.path[:-1])


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[Place]:
    """Yield all places within a value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in steps:
        yield Place(value, key, (*path, key))
        yield from places(inner, (*path, key))


def _replace(place: Place, dice: random.Random) -> None:
    place.holder[place.key] = dice.choice(ODD)


def _wrap(place: Place, dice: random.Random) -> None:
    place.holder[place.key] = dice.choice(([place.value], {"1": place.value}, {"0": place.value}, str(place.value)))


def _nest(place: Place, dice: random.Random) -> None:
    for _ in range(dice.choice((3, 60, 900))):
        place.holder[place.key] = [place.value]


def _drop(place: Place, _dice: random.Random) -> None:
    del place.holder[place.key]


def _rename(place: Place, dice: random.Random) -> None:
    if isinstance(place.holder, dict):
        place.holder[dice.choice((place.key.upper(), f"{place.key}s"))] = place.holder.pop(place.key)
    else:
        _drop(place, dice)


def _double(place: Place, _dice: random.Random) -> None:
    if isinstance(place.holder, list):
        place.holder.insert(place.key, place.value)


def _neighbour(place: Place, dice: random.Random) -> None:
    """Put the value of another place with the same holder there."""
    others = list(place.holder) if isinstance(place.holder, dict) else range(len(place.holder))
    place.holder[place.key] = place.holder[dice.choice(list(others))]


def _php(place: Place, _dice: random.Random) -> None:
    """Write an array as PHP writes one whose keys are not 0, 1, 2, ..."""
    if isinstance(place.value, list):
        place.holder[place.key] = {str(number): each for number, each in enumerate(place.value, 1)}


def _turn(place: Place, dice: random.Random) -> None:
    if isinstance(place.value, list):
        dice.choice((place.value.reverse, lambda: dice.shuffle(place.value)))()


WITHIN: tuple[Callable[[Place, random.Random], None], ...] = (
    _replace,
    _replace,
    _replace,
    _wrap,
    _nest,
    _drop,
    _rename,
    _double,
    _neighbour,
    _php,
    _turn,
)
"""What may happen to a value in a reply."""


def _whole(body: bytes, dice: random.Random) -> bytes:
    """Change a body as a whole."""
    cut = dice.randrange(len(body))
    return dice.choice(
        (
            b"",
            body[:cut],
            body[:cut] + b"\xff" + body[cut:],
            body[:cut] + b"\x00" + body[cut + 1 :],
            b"\xef\xbb\xbf" + body,
            body + body,
            b"[" + body + b"]",
            b"<html><body>502 Bad Gateway</body></html>",
            b"null",
            b"[]",
            b"{}",
            b'"OK"',
            b'{"data": null}',
            b'{"data": []}',
            b'{"data": "pass"}',
            b'{"error": {"type": "InternalError", "messages": ["Odd."]}}',
            b"NaN",
        )
    )


class Gateway(Sandbox):
    """A sandbox behind a gateway that changes replies.

    Attributes:
        seen: How many replies with status 200 it has sent.
        changed: What it changed: the path of the request, and the place; empty if nothing yet.
        within_a_row: Whether the inside of a row was changed, so that a row with another value may come.
        has_nothing: Whether the changed reply says that there are no results.
        changes: How many replies were changed.
        rows: How many rows these had.
    """

    def __init__(self, config: SandboxConfig, world: World, *, seed: int, replies: int) -> None:
        super().__init__(config, world)
        dice = random.Random(seed)
        self._target = dice.randrange(replies)
        self._hits_too = dice.choice((_nothing_else, _the_same_request, _the_same_path))
        self._draw = f"{seed}/change"
        self._victim: Request | None = None
        self.seen = 0
        self.changed = ""
        self.within_a_row = False
        self.has_nothing = False
        self.changes = 0
        self.rows = 0

    def leave_alone(self) -> None:
        """Change nothing."""
        self._target = -1

    def handle(self, request: Request, now: float) -> Reply:
        """Answer, and change the answer if it is its turn."""
        reply = super().handle(request, now)
        if not isinstance(reply.outcome, Response) or reply.outcome.status != 200:
            return reply
        if self.seen == self._target or (self._victim is not None and self._hits_too(self._victim, request)):
            self._victim = request
            reply = self._change(reply, reply.outcome, request)
        self.seen += 1
        return reply

    def _change(self, reply: Reply, response: Response, request: Request) -> Reply:
        dice = random.Random(self._draw)  # the same change each time
        if dice.random() < 0.15:
            body, what = _whole(response.body, dice), "the whole"
        else:
            data = json.loads(response.body)
            found = list(places(data))
            outer = [place for place in found if not place.within_a_row]
            place = dice.choice(outer if dice.random() < 0.4 else found)
            change = dice.choice(WITHIN)
            what = f"{change.__name__.strip('_')} at {'.'.join(map(str, place.path))}"
            self.within_a_row |= place.within_a_row
            change(place, dice)
            body = json.dumps(data).encode()
        self.changes += 1
        self.rows += _rows_in(json.loads(response.body)["data"])
        self.has_nothing |= _has_nothing(body)
        self.changed = f"{request.method} {request.path}: {what}"
        return replace(reply, outcome=replace(response, body=body))


def _nothing_else(_one: Request, _other: Request) -> bool:
    return False


def _the_same_request(one: Request, other: Request) -> bool:
    return (one.method, one.path, one.query) == (other.method, other.path, other.query)


def _the_same_path(one: Request, other: Request) -> bool:
    return (one.method, one.path) == (other.method, other.path)


def _rows_in(data: Any) -> int:
    """Count the rows of a reply; those of clock entries are by week."""
    lists = [each for each in data.values() if isinstance(each, list)]
    return sum(len(row.get("clockEntries", "1")) for rows in lists for row in rows if isinstance(row, dict))


def _has_nothing(body: bytes) -> bool:
    """Whether a body is one of the forms of "no results": nothing where the data is due, or where the list is."""
    try:
        whole = json.loads(body)
    except ValueError:
        return False
    data = whole.get("data") if isinstance(whole, dict) else whole
    return not data or (
        isinstance(data, dict) and not any(isinstance(each, list | dict) and each for each in data.values())
    )
