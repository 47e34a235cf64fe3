"""The images of a CoralNet source as a table, to choose from with pandas before a run is planned."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from coralrun.api.in_python import in_python
from coralrun.console.notebook import telling
from coralrun.services import about_of, connect
from coralrun.spec.image_search import Search
from coralrun.spec.model import PRODUCTION, CoralNetSource

if TYPE_CHECKING:
    import pandas as pd


@in_python
def images(source: int, *, service: str = PRODUCTION, image_name: str = "") -> pd.DataFrame:
    """List the images of a CoralNet source.

    Parameters
    ----------
    source
        The number of the source, as in the address of its page. A public source needs no account.
    service
        The address of a CoralNet, or `"emulator"`: the small one inside coralrun.
    image_name
        CoralNet's own search: words that the name must contain.

    Returns
    -------
    DataFrame
        One row an image: `name`, `image_id`, `image_page` (its address, "" where it has none), `source`.

    Raises
    ------
    UsageError
        There is no such source or service.
    CredentialsError
        The source is not public, and the account may not see it, or there is none.
    ServiceError
        The service cannot be reached, or answers what coralrun does not understand.

    Examples
    --------
    >>> photos = coralrun.images(1, service="emulator", image_name="t1_q01")
    >>> photos["site"] = photos["name"].str[5:10]
    >>> photos[["name", "image_id", "site"]]
                                     name  image_id   site
    0   reef_site1_5m_t1_q01_20240612.jpg         1  site1
    1  reef_site1_10m_t1_q01_20240612.jpg        11  site1
    2   reef_site2_5m_t1_q01_20240614.jpg        21  site2
    3  reef_site2_10m_t1_q01_20240614.jpg        31  site2
    4   reef_site3_5m_t1_q01_20240617.jpg        41  site3
    5  reef_site3_10m_t1_q01_20240617.jpg        51  site3
    """
    import pandas as pd

    with telling() as reporter, closing(connect(service, {}, progress=reporter.doing)) as connection:
        wanted = CoralNetSource(source=source, search=Search(image_name=image_name))
        found = connection.sources.images(wanted, (), reporter.doing, metadata=False)
    about = about_of(service)
    return pd.DataFrame(
        {
            "name": [image.name for image in found],
            "image_id": [image.image_id for image in found],
            "image_page": [about.page_of_image(image.image_id or 0) for image in found],
            "source": source,
        }
    )
