"""The ways in which a server can hang, bloat or fool a client, and what the client must make of each."""

from __future__ import annotations

import codecs
import gzip
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.hostile.peer import Form, Peer

SITES = [{"siteID": 1, "code": "MAIN", "name": "Main Street", "timezone": "America/Chicago"}]
RIGHT = json.dumps({"data": {"sites": SITES}}).encode()
"""What was asked for."""
EVIL = RIGHT.replace(b"MAIN", b"EVIL")
"""An answer to a question that nobody asked."""

HANG_S = 0.4
"""The request timeout where a form never ends."""
PATIENT_S = 20.0
"""The request timeout where a form ends by itself, however busy the machine."""

TIMEOUT = ("APITimeoutError",)
BROKEN = ("APIConnectionError",)
NO_ANSWER = ("APIConnectionError", "APITimeoutError")
REFUSED = ("UnexpectedResponseError",)
NOT_JSON = ("ServerError",)
ANSWER = ("right",)


@dataclass(frozen=True)
class Case:
    """One form of hostility.

    Attributes:
        form: What the server does.
        ends: How each call may end: `right`, or the name of an error's class.
        timeout_s: The client's request timeout.
        calls: How many calls are made, one after the other.
        is_heavy: Whether the client's memory is what it is about; these run one at a time.
    """

    form: Form
    ends: tuple[str, ...]
    timeout_s: float = PATIENT_S
    calls: int = 1
    is_heavy: bool = False


CASES: dict[str, Case] = {}


def case(*ends: str, timeout_s: float = PATIENT_S, calls: int = 1, is_heavy: bool = False) -> Callable[[Form], Form]:
    """Add a form that has code of its own."""

    def add(form: Form) -> Form:
        name = form.__name__
        assert name not in CASES
        CASES[name] = Case(form, ends, timeout_s, calls, is_heavy)
        return form

    return add


def head(status: str = "200 OK", *lines: str, version: str = "1.1") -> bytes:
    """A reply's head."""
    return "\r\n".join([f"HTTP/{version} {status}", *lines, "", ""]).encode()


def reply(body: bytes, *lines: str, status: str = "200 OK") -> bytes:
    """A whole reply with a right length."""
    return head(status, f"Content-Length: {len(body)}", *lines) + body


def chunked(*chunks: bytes) -> bytes:
    """A whole body in chunks."""
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


GZIP = "Content-Encoding: gzip"
CHUNKED = "Transfer-Encoding: chunked"


def saying(*parts: bytes, then: Callable[[Peer], None] | None = None) -> Form:
    """Answer each request with the same bytes; then do something, or wait for the next request."""

    def form(peer: Peer) -> None:
        while peer.hear():
            peer.say(*parts)
            if then is not None:
                then(peer)
                return

    return form


def dripping(before: bytes, drop: bytes) -> Form:
    return saying(before, then=lambda peer: peer.drip(drop))


def flooding(before: bytes, wave: bytes) -> Form:
    return saying(before, then=lambda peer: peer.flood(wave))


def hang_up(_peer: Peer) -> None:
    """Close the connection, as every form does when it returns."""


def spread(body: Iterable[bytes], *lines: str) -> Form:
    """Send a body in chunks, as it is made."""

    def form(peer: Peer) -> None:
        while peer.hear():
            peer.say(head("200 OK", CHUNKED, *lines))
            for piece in body:
                peer.say(b"%x\r\n%b\r\n" % (len(piece), piece))
            peer.say(b"0\r\n\r\n")

    return form


class Packed:
    """A gzip of something long, packed once, when it is first wanted."""

    def __init__(self, make: Callable[[], Iterator[bytes]]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._packed: bytes | None = None

    def __iter__(self) -> Iterator[bytes]:
        with self._lock:
            if self._packed is None:
                packer = gzip.zlib.compressobj(1, wbits=31)  # type: ignore[attr-defined]
                self._packed = b"".join([*(packer.compress(piece) for piece in self._make()), packer.flush()])
        yield from (self._packed[at : at + 60_000] for at in range(0, len(self._packed), 60_000))


def bomb(before: bytes, piece: bytes, after: bytes, size: int) -> Form:
    """A body of that many bytes, in a gzip that is far smaller."""
    many = size // len(piece) // 100

    def make() -> Iterator[bytes]:
        yield before
        for _ in range(100):
            yield piece * many
        yield after

    return spread(Packed(make), GZIP)


# Time: none of these ever ends by itself.

HANGING: dict[str, Form] = {
    "silence": saying(then=Peer.stall),
    "never_reads": Peer.stall,
    "drips_the_status_line": dripping(b"HTTP/1.1 200 ", b"O"),
    "drips_a_header_value": dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "drips_a_header_name": dripping(b"HTTP/1.1 200 OK\r\nX", b"x"),
    "drips_headers": dripping(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n"),
    "drips_a_folded_header": dripping(b"HTTP/1.1 200 OK\r\nX: x\r\n", b" x\r\n"),
    "drips_hints": dripping(b"", head("103 Early Hints", "Link: </>")),
    "floods_hints": flooding(b"", head("103 Early Hints", "Link: </>") * 100),
    "floods_continue": flooding(b"", head("100 Continue") * 100),
    "drips_a_body": dripping(head("200 OK", "Content-Length: 100000"), b" "),
    "drips_a_body_without_length": dripping(head(), b" "),
    "drips_a_body_of_an_old_version": dripping(head(version="1.0"), b" "),
    "drips_chunks": dripping(head("200 OK", CHUNKED), b"1\r\n \r\n"),
    "drips_a_chunk": dripping(head("200 OK", CHUNKED) + b"ffff\r\n", b" "),
    "drips_a_chunk_extension": dripping(head("200 OK", CHUNKED) + b"1;a=", b"a"),
    "drips_trailers": dripping(head("200 OK", CHUNKED) + b"2\r\n{}\r\n0\r\n", b"X: x\r\n"),
    "drips_a_trailer": dripping(head("200 OK", CHUNKED) + b"2\r\n{}\r\n0\r\nX: ", b"x"),
    "drips_gzip": dripping(head("200 OK", GZIP) + gzip.compress(b"{}")[:10], b"\x00\x00\x00\xff\xff"),
    "floods_empty_gzip_blocks": flooding(
        head("200 OK", GZIP) + gzip.compress(b"{}")[:10], b"\x00\x00\x00\xff\xff" * 2000
    ),
    "floods_empty_gzip_members": flooding(head("200 OK", GZIP), gzip.compress(b"") * 200),
    "floods_a_gzip_file_name": flooding(
        head("200 OK", GZIP) + b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03", b"n" * 10_000
    ),
    "stops_within_the_body": saying(head("200 OK", "Content-Length: 100") + b"{", then=Peer.stall),
    "stops_before_the_last_chunk": saying(head("200 OK", CHUNKED) + b"2\r\n{}\r\n", then=Peer.stall),
    "stops_within_the_last_chunk": saying(head("200 OK", CHUNKED) + b"2\r\n{}\r\n0\r\n", then=Peer.stall),
    "never_closes_a_body_without_length": saying(head() + RIGHT, then=Peer.stall),
}
CASES.update({name: Case(form, TIMEOUT, HANG_S) for name, form in HANGING.items()})

# These never end either, and are found out before the time is up if the machine is quick.
CASES.update(
    {
        name: Case(form, (*NO_ANSWER, *REFUSED), 2.0)
        for name, form in {
            "drips_before_the_status": dripping(b"", b"\r\n"),
            "drips_a_chunk_size": dripping(head("200 OK", CHUNKED), b"0"),
            "floods_a_header": flooding(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 10_000),
            "floods_headers": flooding(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n" * 1000),
            "floods_the_status_line": flooding(b"HTTP/1.1 200 ", b"O" * 10_000),
            "floods_line_ends": flooding(b"", b"\r\n" * 5000),
            "floods_trailers": flooding(head("200 OK", CHUNKED) + b"0\r\n", b"X: x\r\n" * 1000),
            "floods_a_chunk_extension": flooding(head("200 OK", CHUNKED) + b"1;", b"a" * 10_000),
            "floods_small_chunks": flooding(head("200 OK", CHUNKED), b"1\r\n \r\n" * 2000),
            "floods_nothing_that_is_http": flooding(b"", bytes(range(256)) * 40),
        }.items()
    }
)

# Size.

MEGA = 1_000_000
HEAVY: dict[str, Form] = {
    "gzip_of_a_gigabyte": saying(head("200 OK", GZIP), gzip.compress(b" " * 10 * MEGA) * 100, then=hang_up),
    "gzip_of_200_megabytes": bomb(b"[", b" " * 1000, b"]", 200 * MEGA),
    "gzip_of_many_empty_lists": bomb(b'{"data":[[]', b",[]" * 1000, b"]}", 60 * MEGA),
    "gzip_of_many_objects": bomb(b'{"data":[{}', b',{"":0}' * 1000, b"]}", 60 * MEGA),
    "gzip_of_many_keys": bomb(b'{"data":{"":0', b',"a%d":1.5' * 1000, b"}}", 60 * MEGA),
    "gzip_of_one_wide_text": bomb('{"data":"\N{GRINNING FACE}'.encode(), b" " * 1000, b'"}', 60 * MEGA),
    "gzip_of_one_text_with_a_wide_escape": bomb(b'{"data":"\\ud83d\\ude00', b" " * 1000, b'"}', 60 * MEGA),
    "gzip_of_many_digits": bomb(b'{"data":1', b"1" * 1000, b"}", 45 * MEGA),
    "gzip_of_deep_lists": bomb(b'{"data":', b"[" * 1000, b"", 60 * MEGA),
    "gzip_of_deep_objects": bomb(b'{"data":', b'{"a":' * 1000, b"1", 60 * MEGA),
    "body_of_200_megabytes": saying(head("200 OK", f"Content-Length: {200 * MEGA}"), b" " * MEGA * 10),
    "chunks_of_200_megabytes": spread([b" " * MEGA] * 200),
    "endless_body": flooding(head(), b" " * 100_000),
    "endless_chunks": flooding(head("200 OK", CHUNKED), b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "error_of_a_gigabyte": saying(
        head("500 Internal Server Error", GZIP), gzip.compress(b" " * 10 * MEGA) * 100, then=hang_up
    ),
}
CASES.update({name: Case(form, REFUSED, is_heavy=True) for name, form in HEAVY.items()})
CASES["gzip_of_one_text"] = Case(bomb(b'{"data":"', b"a" * 1000, b'"}', 45 * MEGA), REFUSED, is_heavy=True)

SMALL: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "claims_an_absurd_length": (head("200 OK", "Content-Length: 1" + "0" * 15), REFUSED),
    "claims_a_length_without_end": (head("200 OK", "Content-Length: " + "9" * 5000), BROKEN),
    "nested_a_hundred_deep": (reply(b'{"data":' + b"[" * 100 + b"]" * 100 + b"}"), REFUSED),
    "integer_of_many_digits": (reply(b'{"data":' + b"1" * 10_000 + b"}"), REFUSED),
    "fraction_of_many_digits": (reply(b'{"data":0.' + b"1" * 10_000 + b"}"), REFUSED),
    "number_beyond_all_bounds": (reply(b'{"data":1e999999999}'), REFUSED),
    "number_too_close_to_nothing": (reply(b'{"data":1E-999999999}'), REFUSED),
    "error_nested_deep": (reply(b"[" * 50_000, status="404 Not Found"), ("NotFoundError",)),
    "header_of_a_megabyte": (head("200 OK", "X: " + "x" * MEGA), BROKEN),
    "ten_thousand_headers": (head("200 OK", *["X-Y: xxxxxxxxxx"] * 10_000), BROKEN),
    "chunk_extension_of_a_megabyte": (head("200 OK", CHUNKED) + b"2;" + b"x" * MEGA + b"\r\n{}\r\n0\r\n\r\n", BROKEN),
    "trailer_of_a_megabyte": (head("200 OK", CHUNKED) + b"2\r\n{}\r\n0\r\nX: " + b"x" * MEGA + b"\r\n\r\n", BROKEN),
    # Lengths and chunks
    "length_of_two_kinds": (head("200 OK", "Content-Length: 2", f"Content-Length: {len(RIGHT)}") + RIGHT, BROKEN),
    "length_below_zero": (head("200 OK", "Content-Length: -1") + RIGHT, BROKEN),
    "length_with_a_sign": (head("200 OK", f"Content-Length: +{len(RIGHT)}") + RIGHT, BROKEN),
    "length_in_hex": (head("200 OK", f"Content-Length: {len(RIGHT):#x}") + RIGHT, BROKEN),
    "length_in_odd_digits": (head("200 OK", f"Content-Length: {len(RIGHT)}\u00b2") + RIGHT, BROKEN),
    "length_too_short": (head("200 OK", f"Content-Length: {len(RIGHT) - 5}") + RIGHT, NOT_JSON),
    "chunk_size_below_zero": (head("200 OK", CHUNKED) + b"-2\r\n{}\r\n0\r\n\r\n", BROKEN),
    "chunk_size_without_digits": (head("200 OK", CHUNKED) + b"\r\n{}\r\n0\r\n\r\n", BROKEN),
    "chunk_size_too_large": (head("200 OK", CHUNKED) + b"f" * 30 + b"\r\n{}", BROKEN),
    "chunk_longer_than_it_says": (head("200 OK", CHUNKED) + b"1\r\n{}\r\n0\r\n\r\n", BROKEN),
    "coding_unknown": (head("200 OK", "Transfer-Encoding: rot13") + RIGHT, BROKEN),
    "coding_of_two_kinds": (head("200 OK", "Transfer-Encoding: gzip, chunked") + chunked(gzip.compress(RIGHT)), BROKEN),
    "right_in_many_chunks": (head("200 OK", CHUNKED) + chunked(*(bytes([byte]) for byte in RIGHT)), ANSWER),
    "right_with_extensions_and_trailers": (
        head("200 OK", CHUNKED) + b"%x;a=b\r\n%b\r\n0\r\nX: y\r\n\r\n" % (len(RIGHT), RIGHT),
        ANSWER,
    ),
    # Heads
    "http_2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BROKEN),
    "http_2_frames": (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(100) + b"\r\n\r\n", BROKEN),
    "tls": (b"\x15\x03\x03\x00\x02\x02\x28\r\n\r\n", BROKEN),
    "status_below_a_hundred": (reply(RIGHT, status="042 Odd"), BROKEN),
    "status_of_two_digits": (reply(RIGHT, status="42 Odd"), BROKEN),
    "status_of_no_number": (reply(RIGHT, status="OK"), BROKEN),
    "status_999": (reply(RIGHT, status="999 Odd"), NOT_JSON),
    "header_without_a_colon": (head("200 OK", "no colon here") + RIGHT, BROKEN),
    "header_with_a_zero_byte": (head("200 OK", "X: a\x00b") + RIGHT, BROKEN),
    "header_beyond_ascii": (reply(RIGHT, "X: \xfc\u20ac"), ANSWER),
    "header_in_two_lines": (head("200 OK", f"Content-Length: {len(RIGHT)}", "X: a", " b") + RIGHT, ANSWER),
    "line_ends_of_one_byte": (reply(RIGHT).replace(b"\r\n", b"\n"), ANSWER),
    "continue_before_the_reply": (head("100 Continue") + head("103 Early Hints", "Link: </>") + reply(RIGHT), ANSWER),
    "redirect_to_another_host": (
        reply(b"", "Location: http://127.0.0.2:9/v1", status="302 Found"),
        ("APIStatusError",),
    ),
    "redirect_to_itself": (reply(b"", "Location: /v1/site/list", status="307 Temporary"), ("APIStatusError",)),
    "redirect_to_nowhere": (reply(b"", "Location: http://[", status="301 Moved"), ("APIStatusError",)),
    "not_modified": (head("304 Not Modified", "Content-Length: 100"), ("APIStatusError",)),
    "no_content": (head("204 No Content"), NOT_JSON),
    "too_many_requests_for_ever": (reply(b"{}", "Retry-After: " + "9" * 5000, status="429 Slow"), ("RateLimitError",)),
    "retry_after_in_the_far_future": (
        reply(b"{}", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", status="429 Slow"),
        ("RateLimitError",),
    ),
    "retry_after_of_nonsense": (reply(b"{}", "Retry-After: \u00b2, , (", status="503 Busy"), NOT_JSON),
    # Encodings
    "encoding_that_was_not_asked_for": (reply(RIGHT, "Content-Encoding: br"), BROKEN),
    "encoding_twice": (reply(gzip.compress(gzip.compress(RIGHT)), "Content-Encoding: gzip, gzip"), BROKEN),
    "encoding_of_no_name": (reply(RIGHT, "Content-Encoding: \u00fc"), BROKEN),
    "gzip_that_is_none": (reply(RIGHT, GZIP), BROKEN),
    "gzip_cut_off": (reply(gzip.compress(RIGHT)[:-9], GZIP), BROKEN),
    "gzip_with_a_wrong_sum": (reply(gzip.compress(RIGHT)[:-8] + bytes(8), GZIP), BROKEN),
    "gzip_followed_by_junk": (reply(gzip.compress(RIGHT) + b"junk", GZIP), BROKEN),
    "right_in_two_gzip_members": (reply(gzip.compress(RIGHT[:9]) + gzip.compress(RIGHT[9:]), GZIP), ANSWER),
    "right_without_encoding": (reply(RIGHT, "Content-Encoding: identity"), ANSWER),
    "json_in_utf_16": (reply(RIGHT.decode().encode("utf-16")), ANSWER),
    "json_in_utf_32": (reply(RIGHT.decode().encode("utf-32")), ANSWER),
    "json_in_latin_1": (reply(RIGHT.replace(b"Main", b"M\xe4in")), NOT_JSON),
    "json_with_half_a_surrogate": (reply(RIGHT.replace(b"Main", b"\xed\xa0\x80")), ANSWER),
    "json_with_a_mark_before_it": (reply(codecs.BOM_UTF8 + RIGHT), ANSWER),
    "json_with_nan": (reply(b'{"data":NaN}'), NOT_JSON),
    "json_of_another_shape": (reply(b"[]"), REFUSED),
    "a_web_page": (reply(b"<html>" + EVIL), NOT_JSON),
    "nothing": (reply(b""), NOT_JSON),
}
CASES.update({name: Case(saying(said), ends) for name, (said, ends) in SMALL.items()})

# Closing.


@case(*BROKEN)
def closes_at_once(_peer: Peer) -> None:
    pass


@case(*BROKEN)
def closes_without_a_word(peer: Peer) -> None:
    peer.hear()


@case(*BROKEN)
def resets_at_once(peer: Peer) -> None:
    peer.reset()


@case(*BROKEN)
def resets_after_the_request(peer: Peer) -> None:
    peer.hear()
    peer.reset()


@case(*BROKEN)
def resets_within_the_body(peer: Peer) -> None:
    peer.hear()
    peer.say(head("200 OK", "Content-Length: 100") + b"{")
    peer.reset()


CASES.update(
    {
        name: Case(saying(said, then=hang_up), ends)
        for name, (said, ends) in {
            "closes_within_the_head": (b"HTTP/1.1 200 OK\r\nX: x", BROKEN),
            "closes_within_the_body": (head("200 OK", f"Content-Length: {len(RIGHT) + 1}") + RIGHT, BROKEN),
            "closes_within_a_chunk": (head("200 OK", CHUNKED) + b"ff\r\n" + RIGHT, BROKEN),
            "closes_before_the_last_chunk": (head("200 OK", CHUNKED) + b"%x\r\n%b\r\n" % (len(RIGHT), RIGHT), BROKEN),
            "closes_within_the_trailers": (
                head("200 OK", CHUNKED) + b"%x\r\n%b\r\n0\r\nX" % (len(RIGHT), RIGHT),
                BROKEN,
            ),
            "closes_a_body_without_length_early": (head() + RIGHT[:-3], NOT_JSON),
            "switches_protocols": (head("101 Switching Protocols", "Upgrade: x"), ("APIStatusError", *BROKEN)),
            "right_without_a_length": (head() + RIGHT, ANSWER),
            "right_in_an_old_version": (head(version="1.0") + RIGHT, ANSWER),
            "not_http": (b"220 smtp.example.com ESMTP\r\n" * 3, BROKEN),
            "right_without_a_head": (RIGHT, BROKEN),
        }.items()
    }
)

# Connections that are used again: each of two calls gets the answer to its own question, or an error.


def answering(first: bytes, later: Callable[[Peer], None] | None = None) -> Form:
    """Answer the first request so, do something, and answer what else comes honestly."""

    def form(peer: Peer) -> None:
        if not peer.hear():
            return
        peer.say(first if peer.number == 0 else reply(RIGHT))
        if peer.number == 0 and later is not None:
            later(peer)
        while peer.hear():
            peer.say(reply(RIGHT))

    return form


def say_more(more: bytes) -> Callable[[Peer], None]:
    """Wait until the reply must have been read, and say something that nobody asked for."""

    def later(peer: Peer) -> None:
        peer.over.wait(0.1)
        peer.say(more)

    return later


def close_later(peer: Peer) -> None:
    """Close once the reply must have been read."""
    peer.over.wait(0.1)
    peer.close()


KEPT_ALIVE: dict[str, Form] = {
    "a_second_reply_at_once": answering(reply(RIGHT) + reply(EVIL)),
    "a_second_reply_after_chunks": answering(head("200 OK", CHUNKED) + chunked(RIGHT) + reply(EVIL)),
    "a_second_reply_after_gzip": answering(reply(gzip.compress(RIGHT), GZIP) + reply(EVIL)),
    "a_second_reply_after_both_lengths": answering(
        head("200 OK", CHUNKED, f"Content-Length: {len(RIGHT)}") + chunked(RIGHT) + reply(EVIL)
    ),
    "a_second_reply_after_no_content": answering(head("204 No Content") + reply(EVIL)),
    "a_second_reply_after_not_modified": answering(head("304 Not Modified", "Content-Length: 9") + reply(EVIL)),
    "a_second_reply_a_little_later": answering(reply(RIGHT), say_more(reply(EVIL))),
    "many_replies_a_little_later": answering(reply(RIGHT), say_more(reply(EVIL) * 5000)),
    "half_a_reply_at_once": answering(reply(RIGHT) + reply(EVIL)[:30]),
    "a_line_end_at_once": answering(reply(RIGHT) + b"\r\n"),
    "a_hint_at_once": answering(reply(RIGHT) + head("103 Early Hints", "Link: </>")),
    "a_body_longer_than_it_says": answering(head("200 OK", f"Content-Length: {len(RIGHT)}") + RIGHT + EVIL),
    "closes_after_the_reply": answering(reply(RIGHT), Peer.close),
    "closes_a_little_later": answering(reply(RIGHT), close_later),
    "says_that_it_closes_and_does_not": answering(reply(RIGHT, "Connection: close")),
    "keeps_an_old_version_alive": answering(
        head("200 OK", "Connection: keep-alive", f"Content-Length: {len(RIGHT)}", version="1.0") + RIGHT
    ),
    "many_cookies": answering(reply(RIGHT, *(f"Set-Cookie: c{n}={'x' * 3000}; Path=/" for n in range(30)))),
    "honest": answering(reply(RIGHT)),
}
CASES.update({name: Case(form, (*ANSWER, "APIStatusError", *NOT_JSON), calls=2) for name, form in KEPT_ALIVE.items()})
