"""Check that the account of a sync is the source of the rows that the archive has under its name."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Any

from sonnys_data_client.archive.archive import Archive
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.engine.sites import fold
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError, Remedy
from sonnys_data_client.sync.planning import SyncSettings


@contextmanager
def checked_source(
    source: str, archive: Archive, known: Mapping[date, Evidence], settings: SyncSettings
) -> Generator[None]:
    """Check the source of an account's rows, as `check_source` does, and keep it the only one while the block lasts.

    Two first syncs of one API ID at once, under two names, would not find each other's rows. So the second is refused.

    Raises:
        ArchiveError: The name or the API ID is already in use.
    """
    with ExitStack() as claims:
        if not known and not settings.adopt:
            try:
                claims.enter_context(archive.claiming(source))
            except ArchiveHeldError:
                raise ArchiveHeldError(
                    f"Another run is reading the rows of this API ID into {archive.address}, under another name than "
                    f"{settings.account!r}.",
                    remedy="Sync each API ID under one name.",
                ) from None
        check_source(source, archive, known, settings)
        yield


def check_source(source: str, archive: Archive, known: Mapping[date, Evidence], settings: SyncSettings) -> None:
    """Check that an account's name in the archive stands for one API ID, and an API ID for one name.

    Otherwise rows of two operators would be mixed, or rows of one would count twice.

    Args:
        source: Fingerprint of the client's account.
        archive: Knows all accounts.
        known: What the archive has under this account's name.
        settings: How to sync; `adopt` skips the check.

    Raises:
        ArchiveError: The name or the API ID is already in use.
    """
    if settings.adopt:
        return
    last = max(known.values(), key=lambda evidence: evidence.read_at, default=None)
    if last is not None and last.source not in {"", source}:
        raise ArchiveError(
            f"The rows of account {settings.account!r} in this archive came with another API ID or site code.",
            remedy=Remedy.ADOPT_SOURCE,
        )
    if last is not None:
        return
    all_accounts = archive.evidence(TRANSACTIONS.name)  # costs a download for each account that is in a store
    same_source = {partition.account for partition, evidence in all_accounts.items() if evidence.source == source}
    if same_source:
        (other, *_) = sorted(same_source)
        raise ArchiveError(
            f"The rows of this API ID are in this archive as account {other!r}, and would be there twice.",
            remedy=Remedy.SAME_NAME,
            details={"account": other},
        )


def site_codes_of(sites: Sequence[Any]) -> Collection[str] | None:
    """Return the codes on the site list; None if it is empty."""
    return {fold(site.get("code")) for site in sites if isinstance(site, dict)} or None


def check_sites_seen(archive: Archive, sites: Sequence[Any], settings: SyncSettings) -> None:
    """Check that an account that is adopted sees every site whose rows are here.

    The rows of a site that it does not see would be taken for withdrawn.

    Raises:
        ArchiveError: It does not see a site.
    """
    if not settings.adopt:
        return
    query = "SELECT DISTINCT coalesce(raw->>'$.locationCode', '') FROM transactions WHERE account = ? ORDER BY ALL"
    with archive.sql(query, [settings.account]) as answer:
        seen = site_codes_of(sites) or ()
        unseen = [code or "the one without a code" for (code,) in answer if fold(code) not in seen]
    if unseen:
        raise ArchiveError(
            f"This account does not see all sites whose rows are here ({', '.join(unseen)}), so it cannot take over.",
            remedy=Remedy.OTHER_NAME,
        )
