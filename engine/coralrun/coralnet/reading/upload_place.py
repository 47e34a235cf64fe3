"""A source that photos are to be uploaded to, as a plan must know it."""

from __future__ import annotations

from coralrun.coralnet.codec import upload_rules
from coralrun.coralnet.protocol import WEB_RATE
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.upload_record import UploadRecord
from coralrun.planning.images import Size
from coralrun.ports import Located, UploadPlace


def upload_place(site: Site, source: int, record: UploadRecord, photos_per_s: float = WEB_RATE) -> UploadPlace:
    """A source that the account may edit (three requests); raises as `Site.source` and `Site.upload_form`."""
    page = site.source(source)
    form = site.upload_form(source)

    def size_of(stored: str) -> Size | None:
        located = site.image(int(stored))
        return located.size if isinstance(located, Located) else None

    return UploadPlace(
        to=str(source),
        named=f"source {source} ({page.name})",
        is_public=page.is_public,
        points=form.points,
        area=form.area,
        same_name=upload_rules.same_name,
        refused_name=upload_rules.refused_name,
        refused_size=lambda n_bytes: upload_rules.refused_size(n_bytes) or record.too_large(n_bytes),
        refused_content=upload_rules.refused_content,
        size_of=size_of,
        photos_per_s=photos_per_s,
        bytes_per_s=record.bytes_per_s,
    )
