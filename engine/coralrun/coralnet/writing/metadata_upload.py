"""What is known of photos into a CoralNet source: previewed, confirmed, read back (`ports.MetadataPlace`).

Rule: what is previewed waits in the session, one table at a time, so nothing is confirmed but right after the success
of its own preview, in the same session. A confirmation whose answer is lost is settled by reading back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coralrun.coralnet.codec import metadata_table
from coralrun.coralnet.codec.metadata_table import Rows
from coralrun.coralnet.codec.table_answers import TableRefused
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.refusals import account_refused
from coralrun.coralnet.writing.previewed import TablePages
from coralrun.errors import ServiceError
from coralrun.spec.image_search import Search


@dataclass(slots=True)
class CoralNetMetadata:
    """What one source knows of its photos, and what shall be known."""

    site: Site
    source: int
    fields: tuple[str, ...] = field(default=(), init=False)
    _known: dict[str, dict[str, str]] = field(default_factory=dict, init=False)

    def known(self) -> Mapping[str, Mapping[str, str]]:
        """Ask what is known of every photo, by name (one request). Raises CredentialsError or ServiceError."""
        self.site.session.begin()
        table = self.site.metadata(self.source, Search())
        if table is None:
            raise account_refused(f"the account may not have the metadata of source {self.source}")
        try:
            self.fields, self._known = metadata_table.read_known(table)
        except NotUnderstood as error:
            raise ServiceError(f"source {self.source}: {error}") from error
        return self._known

    def problem(self, field: str, value: str) -> str | None:
        """Why a value would be refused, or kept as nobody meant it."""
        return metadata_table.problem(field, value)

    def is_rough(self, field: str, value: str) -> bool:
        """Whether a value is the year or the month of a date, which must be a day."""
        return metadata_table.is_rough(field, value)

    def changes(self, wanted: Rows) -> Rows:
        """What is to be sent so that the photos that are there have what is wanted, and keep the rest."""
        return metadata_table.merged(self._known, wanted)

    def put(self, rows: Rows) -> None:
        """Write rows that `changes` gave, and read them back; raises ServiceError where they do not stand there."""
        before = self._known
        pages = TablePages(self.site, self.source, "upload/metadata_preview_ajax", "upload/metadata_ajax")
        try:
            metadata_table.check_preview(pages.preview(metadata_table.encode(rows)), rows, before)
            pages.confirm()
        except (TableRefused, NotUnderstood) as error:
            raise ServiceError(f"source {self.source} did not take the metadata: {error}") from error
        now = self.known()
        wrong = [name for name, row in rows.items() if any(now.get(name, {}).get(key) != row[key] for key in row)]
        if wrong:
            raise ServiceError(
                f"source {self.source} does not have what was sent, of {len(wrong)} photos: {', '.join(wrong[:3])}",
                remedy="Call the command again: it sends what is missing.",
            )
