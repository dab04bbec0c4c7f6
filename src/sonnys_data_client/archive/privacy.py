"""The file that says what an archive must not hold: `redaction.json`, with one entry for each account.

```json
{"acme": {"redact": "names,plates=hash", "key": "9f86...", "forgotten": ["2c26..."]}}
```

The key is made when it is first needed, and is the account's for good: with another one, the same person would get
another text. The file is its owner's alone, in a shared archive, too. So who may only query can neither test a guess
nor tell who is forgotten. Whoever gives the Parquet files away leaves it out.

By its format, `archive.json` says that there must be such a file. Without it nobody writes: names would come back.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace

from sonnys_data_client.archive.files import REDACTION, Files, explained
from sonnys_data_client.archive.hiding import Privacy
from sonnys_data_client.archive.mark import REDACTED_FORMAT, change_mark, read_mark
from sonnys_data_client.archive.turn_file import taking_turns
from sonnys_data_client.errors import ArchiveError, ValidationError
from sonnys_data_client.modes import make_file
from sonnys_data_client.redaction import Redaction

_KEY_BYTES = 32
_RESTORE = "Restore that file from a backup."


class PrivacyFile:
    """What an archive must not hold, by account. Whoever changes what it says of an account holds that account.

    Args:
        files: The archive's files.

    Raises:
        ArchiveError: The file cannot be read, or is lost.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._known = _read(files)

    def of(self, account: str) -> Privacy:
        """Return what the archive must not hold of an account."""
        return self._known.get(account, Privacy())

    def hide(self, account: str, redaction: Redaction | None) -> None:
        """Hide personal data of an account from now on, besides what is hidden already; None for nothing more.

        A partition is redacted when it is written again. `erasing` does that at once.

        Raises:
            ArchiveError: It cannot be written.
        """
        if redaction:
            self.set_redaction(account, self.of(account).redaction | redaction)

    def set_redaction(self, account: str, redaction: Redaction) -> None:
        """Say which personal data of an account is hidden from now on.

        Raises:
            ArchiveError: It cannot be written.
        """
        self._set(account, replace(self.of(account), redaction=redaction))

    def forget(self, account: str, id: str) -> str:
        """Say that a customer is forgotten from now on. Returns the digest by which the file knows the customer.

        Raises:
            ArchiveError: It cannot be written.
        """
        before = _with_key(self.of(account))
        customer = before.customer(id)
        self._set(account, replace(before, forgotten=before.forgotten | {customer}))
        return customer

    def _set(self, account: str, privacy: Privacy) -> None:
        if privacy == self.of(account):
            return
        files, wanted = self._files, _with_key(privacy)
        with taking_turns(files):
            # In a store, another account's run may write at the same time: look again.
            while (known := _read(files)).get(account) != wanted:
                _write(files, {**known, account: wanted})
            self._known = known
        # After the file, so that the mark never promises one that is not there.
        change_mark(files, lambda mark: replace(mark, format=max(mark.format, REDACTED_FORMAT)))


def _read(files: Files) -> dict[str, Privacy]:
    text = files.read(REDACTION)
    if text is None:
        if read_mark(files).redacted:
            raise ArchiveError(
                f"{files.address}/{REDACTION} is missing, by which rows of this archive are redacted.", remedy=_RESTORE
            )
        return {}
    try:
        return {
            account: Privacy(Redaction.read(said["redact"]), bytes.fromhex(said["key"]), frozenset(said["forgotten"]))
            for account, said in json.loads(text).items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as problem:
        raise ArchiveError(f"{files.address}/{REDACTION} is damaged.", remedy=_RESTORE) from problem


def _write(files: Files, known: Mapping[str, Privacy]) -> None:
    said = {
        account: {"redact": str(each.redaction), "key": each.key.hex(), "forgotten": sorted(each.forgotten)}
        for account, each in sorted(known.items())
    }
    made = files.scratch()
    with explained(f"{files.address} cannot be written"):
        make_file(made)
        made.write_text(json.dumps(said, indent=1), encoding="utf-8")
    files.publish(made, REDACTION)


def _with_key(privacy: Privacy) -> Privacy:
    return privacy if privacy.key else replace(privacy, key=secrets.token_bytes(_KEY_BYTES))
