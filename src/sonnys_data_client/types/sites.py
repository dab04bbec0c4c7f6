"""Sites: the places that sell, and the web shops beside them."""

from __future__ import annotations

from typing import Annotated

from sonnys_data_client.types.fields import Key, Text
from sonnys_data_client.types.record import Named, Record

__all__ = ["Site"]


class Site(Record):
    """A site of the account, real or virtual. The virtual ones are for online sales only (spec)."""

    site_id: Annotated[Key, Named("siteID")]
    """The site's number. Spec, which spells it `siteID`."""
    code: Text = None
    """The short name, which transactions carry as `location_code`; None for a site without one, such as a web
    shop. Spec; `""` seen live."""
    name: Text = None
    """The full name. Spec."""
    timezone: Text = None
    """IANA name of the zone whose calendar days are the site's business days, such as `America/Chicago`; None
    when it is not set. Spec."""
