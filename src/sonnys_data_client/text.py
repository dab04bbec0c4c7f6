r"""Text from strangers: the one rule for what UTF-8 cannot encode, and the one for what a terminal would obey.

**Half of a surrogate pair.** JSON can spell it (`"\ud83d"`), and a file, a database or a terminal cannot take it. It
becomes its escape sequence, six characters such as `\ud83d`, as soon as a reply is decoded (`engine.rows`). So a name
has the same characters in Python, in CSV, JSON, workbooks, Parquet and SQLite, in `raw` of an archive and on a screen.

**Characters that show as nothing.** A terminal obeys control characters: they move the cursor, change the title
of the window or write over a line. Others turn the reading direction round or have no width, so that two names look
alike. In what people are shown, they become their escape sequences, too. Files keep them, because a file is data.
"""

from __future__ import annotations

import re
from unicodedata import category

from sonnys_data_client.secret import redacted

__all__ = ["encodable", "harmless", "json_encodable", "one_line", "printable"]

_HALVES = re.compile(
    r"\\\\"  # an escaped backslash: what follows is text
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair
    r"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks that show as nothing: Unicode's default ignorable ones that Python calls printable."""


def encodable(text: str) -> str:
    """Return a text with halves of surrogate pairs as their escape sequences: UTF-8 can encode it."""
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def json_encodable(text: str) -> str:
    """Return JSON text in which each half of a surrogate pair is the text of its escape sequence.

    Args:
        text: JSON text. A half may be spelt as an escape sequence in it, or stand there as a character.
    """
    text = encodable(text)
    if "\\ud" in text or "\\uD" in text:
        return _HALVES.sub(lambda found: f"\\{found[0]}" if found[1] else found[0], text)
    return text


def printable(text: str, keep: str = "") -> str:
    """Return a text that a person can read and no terminal obeys: all other characters as their escape sequences.

    Args:
        text: The text. One that this returned comes back as it is.
        keep: Control characters that stay, such as the line breaks of a layout.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign if sign in keep or _is_seen(sign) else _escape(sign) for sign in text)


def harmless(text: str, keep: str = "\n\t") -> str:
    """Return a text as people may be shown it: what `printable` makes of it, without the secrets in use.

    Args:
        text: The text.
        keep: Control characters that stay: by default line breaks and tabs, which are layout.
    """
    return printable(redacted(text), keep)


def one_line(text: str) -> str:
    """Return a harmless text on one line: a name with line breaks in it cannot look like lines of ours."""
    return " ".join(harmless(text).split())


def _is_seen(sign: str) -> bool:
    return (sign.isprintable() or category(sign) == "Zs") and _UNSEEN.match(sign) is None


def _escape(sign: str) -> str:
    return sign.encode("unicode_escape").decode()
