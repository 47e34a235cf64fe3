"""The export of annotations: prepared for a session, then served to it once.

Rule: an export is the session's that asked for it, under the time at which it was prepared; a session holds one at a
time, and what was served is gone (protocol 11). It has the points that have a label, whether people's or the machine's,
with images in the order of ids; its lines end with LF, where those of a table that is served at once end with CRLF.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from coralrun.emulator import protocol
from coralrun.emulator.identity import Identity
from coralrun.emulator.messages import Reply, Request, json_reply, redirect
from coralrun.emulator.pictures import stored_picture
from coralrun.emulator.search import exported
from coralrun.emulator.site import DETAILS, Annotation, Photo, Scores, Source

NO_LABELSET = "You must create a labelset before exporting data."
NO_LABEL_FORMAT = "Label format: This field is required."
BAD_SEARCH = "Image-search parameters were invalid."

_LABEL_COLUMNS = {"code": ("Label code",), "id": ("Label ID",), "both": ("Label code", "Label ID")}
_ROBOT = "robot"
_NOBODY = {"imported": "Imported", "alleviate": "Alleviate", "machine": _ROBOT}
"""Who is given as the annotator where that was no person."""


class Exports:
    """The exports that wait to be fetched, by session; `opened_s` is when the machine labelled its points."""

    def __init__(self, identity: Identity, opened_s: float) -> None:
        self._identity = identity
        self._opened_s = opened_s
        self._waiting: dict[str, tuple[str, int, Reply]] = {}

    def prepare(self, request: Request, source: Source, now: float) -> Reply:
        """Prepare a source's annotations for the session that asks; another export of the session is given up."""
        form = request.form()
        if not source.labels:
            return json_reply({"error": NO_LABELSET})
        wanted = form.get("label_format", "")
        if wanted not in _LABEL_COLUMNS:
            refused = f"Label format: Select a valid choice. {wanted} is not one of the available choices."
            return json_reply({"error": refused if wanted else NO_LABEL_FORMAT})
        photos = exported(source, {**request.arguments(), **form})
        if photos is None:
            return json_reply({"error": BAD_SEARCH})
        rows = self._rows(source, photos, _LABEL_COLUMNS[wanted], request.ticked("optional_columns"))
        at = f"{now:.6f}"
        table = table_reply(list(rows), "annotations.csv", line_end="\n")
        self._waiting[request.cookie("sessionid") or ""] = at, source.id, table
        return json_reply({"session_data_timestamp": at, "success": True})

    def serve(self, request: Request, source: Source) -> Reply:
        """The export that was prepared at the time that is given, if it is still there."""
        session = request.cookie("sessionid") or ""
        at, of, table = self._waiting.get(session, ("", 0, redirect("")))
        if not at or (at, of) != (request.arguments().get("session_data_timestamp"), source.id):
            return redirect(f"/source/{source.id}/browse/images/")
        del self._waiting[session]
        return table

    def _rows(
        self, source: Source, photos: Sequence[Photo], label_columns: Sequence[str], optional: frozenset[str]
    ) -> Iterator[Sequence[object]]:
        date_aux, other = "metadata_date_aux" in optional, "metadata_other" in optional
        annotator, suggestions = "annotator_info" in optional, "machine_suggestions" in optional
        ranks = range(1, protocol.SCORES_PER_POINT + 1) if suggestions else ()
        yield (
            "Name",
            *(("Date", *source.aux_names) if date_aux else ()),
            *(DETAILS if other else ()),
            *("Row", "Column", *label_columns),
            *(("Annotator", "Date annotated") if annotator else ()),
            *(f"Machine {what} {rank}" for rank in ranks for what in ("suggestion", "confidence")),
        )
        for photo in photos:
            known = [photo.name]
            known += (photo.date or "", *photo.aux) if date_aux else ()
            known += (photo.details.get(key, "") for key in DETAILS) if other else ()
            for annotation, scores in _labelled(source, photo):
                label = source.labels_by_id[scores[0][0] if annotation.label is None else annotation.label]
                cells = {"Label code": label.code, "Label ID": str(label.id)}
                machine = [
                    cell for number, score in scores for cell in (source.labels_by_id[number].code, round(100 * score))
                ]
                machine += [""] * (2 * protocol.SCORES_PER_POINT - len(machine))
                labels = (cells[column] for column in label_columns)
                place = annotation.row, annotation.column
                by_whom = self._by_whom(source, photo, annotation) if annotator else ()
                yield (*known, *place, *labels, *by_whom, *(machine if suggestions else ()))

    def _by_whom(self, source: Source, photo: Photo, annotation: Annotation) -> tuple[str, str]:
        if annotation.label is not None and photo.annotator != "machine":
            at = f"{photo.annotated_on} 00:00:00+00:00" if photo.annotated_on else self._opened()
            return _NOBODY.get(photo.annotator, source.uploader), at
        return _ROBOT, self._opened()

    def _opened(self) -> str:
        return datetime.fromtimestamp(int(self._opened_s), UTC).isoformat(" ")


def _labelled(source: Source, photo: Photo) -> Iterator[tuple[Annotation, Scores]]:
    """The points of a photo that have a label, each with the machine's scores where the label is the machine's."""
    annotations = photo.annotations()
    machine = [annotation for annotation in annotations if annotation.label is None]
    classify = source.machine if photo.status != "unclassified" else None
    scores: Iterator[Scores] = iter(())
    if machine and classify is not None:
        picture = stored_picture(photo.file, photo.width, photo.height, photo.load)
        scores = iter(classify(picture, [(annotation.row, annotation.column) for annotation in machine]))
    for annotation in annotations:
        if annotation.label is not None:
            yield annotation, []
        elif classify is not None:
            yield annotation, next(scores)


def table_reply(rows: Sequence[Sequence[object]], name: str, line_end: str = "\r\n") -> Reply:
    """A table to download: as CoralNet writes it, without a charset."""
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end).writerows(rows)
    headers = (("Content-Type", "text/csv"), ("Content-Disposition", f'attachment;filename="{name}"'))
    return Reply(200, headers, text.getvalue().encode())
