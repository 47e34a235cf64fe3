"""Tables into a CoralNet source, as its pages take them: previewed, then confirmed.

Rule: what is previewed waits in the session, one table at a time, and a refused preview leaves the one before it there.
So whoever confirms does it right after the success of a preview of the same table, in the same session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from urllib3.filepost import encode_multipart_formdata

from coralrun.coralnet.codec.table_answers import accepted
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.refusals import account_refused
from coralrun.http.client import NoReply, Reply

_PERMISSION = b"permission"


@dataclass(frozen=True, slots=True)
class TablePages:
    """The two pages of a source, by their paths below it, that take tables of one kind."""

    site: Site
    source: int
    preview_page: str
    confirm_page: str

    def preview(self, table: bytes) -> dict[str, Any]:
        """What CoralNet shows of a CSV, which then waits in the session.

        Raises CredentialsError where the account may not edit the source, TableRefused, and NotUnderstood for what is
        no preview.
        """
        body, kind = encode_multipart_formdata({"csv_file": ("table.csv", table, "text/csv")})
        self.site.session.begin()
        reply = self.site.session.asked(lambda: self._posted(self.preview_page, body, kind), _is_denied)
        if _is_denied(reply):
            raise account_refused(f"the account may not edit source {self.source}")
        if isinstance(reply, NoReply):
            raise NotUnderstood(reply.detail)
        if reply.status != 200:
            raise NotUnderstood(f"HTTP {reply.status}")
        return accepted(reply.body)

    def confirm(self) -> bool:
        """Write what waits; False where no answer came, and reading back alone says whether it was written.

        Raises TableRefused, and NotUnderstood for what is no answer.
        """
        reply = self._posted(self.confirm_page, b"", "application/x-www-form-urlencoded")
        is_answered = isinstance(reply, Reply) and reply.status == 200
        if isinstance(reply, Reply) and is_answered:
            accepted(reply.body)
        return is_answered

    def _posted(self, page: str, body: bytes, kind: str) -> Reply | NoReply:
        return self.site.session.posted(f"/source/{self.source}/{page}/", body, kind)


def _is_denied(reply: Reply | NoReply) -> bool:
    if isinstance(reply, NoReply):
        return False
    return reply.status == 403 or (reply.status == 200 and _PERMISSION in reply.body[:300])
