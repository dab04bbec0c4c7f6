"""Sites: car washes and web shops."""

from __future__ import annotations

from typing import Annotated

from sonnys_data_client.types.fields import NumericId, Text
from sonnys_data_client.types.record import Named, Record

__all__ = ["Site"]


class Site(Record):
    """A site of the account. Virtual sites are for online sales only (spec)."""

    site_id: Annotated[NumericId, Named("siteID")]
    """The site's number. Spec, under the spelling `siteID`."""
    code: Text = None
    """Short name; transactions have it as `location_code`. None for a site without one, such as a web shop. Spec;
    `""` seen live."""
    name: Text = None
    """Full name. Spec."""
    timezone: Text = None
    """IANA name of the time zone in which the site's business days are counted, such as `America/Chicago`; None when
    it is not set. Spec."""
