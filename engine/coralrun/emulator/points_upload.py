"""The pages by which points, with labels or without, come into a source: a table is previewed, then confirmed.

Rule: as for metadata, what was previewed waits in the session, and a refused table leaves the one before it there
(upload, observed). A confirmation takes all points and labels of the photos that it names away. Labels that are given
are confirmed; a photo of points without any waits for the source's classifier, for ever where there is none.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

from coralrun.emulator import pages
from coralrun.emulator.classifying import Classifying
from coralrun.emulator.messages import Reply, Request, html_reply, json_reply
from coralrun.emulator.metadata_upload import NOT_CSV, Refused
from coralrun.emulator.multipart import Part, parts_of
from coralrun.emulator.previewed import Previewed
from coralrun.emulator.site import Annotation, Photo, Site, Source
from coralrun.emulator.uploads import Uploads

MOST_POINTS = 1000
_WHOLE = re.compile("[0-9]+")
_COLUMNS = {"name": "Name", "row": "Row", "column": "Column", "label code": "Label code", "label": "Label code"}

Points = dict[str, list[Annotation]]


class PointsUpload:
    """The points that wait in sessions."""

    def __init__(self, site: Site, uploads: Uploads, classifying: Classifying) -> None:
        self._site = site
        self._uploads = uploads
        self._classifying = classifying
        self._previewed = Previewed[Points]()

    def preview(self, request: Request, source: Source) -> Reply:
        """Look at a table of points, and let it wait in the session."""
        refused = self._uploads.refusal(request, source)
        if refused is not None:
            return refused
        if not source.labels:
            return html_reply(200, pages.labelset_page(source, ""))
        try:
            points = _read(source, parts_of(request).get("csv_file"))
        except Refused as error:
            return json_reply({"error": str(error)})
        self._previewed.keep(request, source, points)
        by_name = {photo.name: photo for photo in source.photos}
        table = [_line(by_name[name], listed) for name, listed in points.items()]
        details = {
            "numImages": len(points),
            "totalPoints": sum(map(len, points.values())),
            "totalAnnotations": sum(map(_labelled, points.values())),
            "numImagesWithExistingAnnotations": sum("deleteInfo" in line for line in table),
        }
        return json_reply({"success": True, "previewTable": table, "previewDetails": details})

    def confirm(self, request: Request, source: Source) -> Reply:
        """Write the points that wait in the session."""
        refused = self._uploads.refusal(request, source)
        if refused is not None:
            return refused
        taken = self._previewed.take(request, source)
        if not isinstance(taken, tuple):
            return taken
        (points,) = taken
        photos = tuple(_with(photo, points.get(photo.name)) for photo in source.photos)
        self._site.put(replace(source, photos=photos))
        named = [photo for photo in photos if photo.name in points]
        self._classifying.came(source, {photo.id for photo in named if photo.status == "unclassified"})
        return json_reply({"success": True})


def _read(source: Source, file: Part | None) -> Points:
    """The points of each photo that is there, in the order of the file; raises Refused."""
    if file is None or not (file.kind == "text/csv" or (file.filename or "").endswith(".csv")):
        raise Refused(NOT_CSV)
    lines = csv.reader(io.StringIO(file.content.decode("utf-8-sig", errors="replace"), newline=""))
    headings = [_COLUMNS.get(heading.strip().lower()) for heading in next(lines, [])]
    for needed in ("Name", "Row", "Column"):
        if needed not in headings:
            raise Refused(f"CSV must have a column called {needed}")
    by_name = {photo.name: photo for photo in source.photos}
    codes = {label.code.lower(): label.id for label in source.labels}
    points: Points = {}
    for number, cells in enumerate(lines, start=2):
        row = {heading: cell.strip() for heading, cell in zip(headings, cells, strict=False) if heading is not None}
        for needed in ("Name", "Row", "Column"):
            if not row.get(needed):
                raise Refused(f"CSV row {number}: Must have a value for {needed}")
        photo = by_name.get(row["Name"])
        if photo is not None:
            listed = points.setdefault(photo.name, [])
            listed.append(_point(photo, len(listed) + 1, row, codes))
    if not points:
        raise Refused("No matching image names found in the source")
    for name, listed in points.items():
        if len(listed) > MOST_POINTS:
            most = f"which exceeds the maximum allowed of {MOST_POINTS}"
            raise Refused(f"For image {name}: Found {len(listed)} points, {most}")
    return points


def _point(photo: Photo, number: int, row: dict[str, str], codes: dict[str, int]) -> Annotation:
    where = f"For image {photo.name}, point {number}"
    for key, size, side in (("Row", photo.height, "high"), ("Column", photo.width, "wide")):
        if not _WHOLE.fullmatch(row[key]):
            raise Refused(f"{where}: {key} should be a non-negative integer, not {row[key]}")
        if int(row[key]) >= size:
            only = f"the image is only {size} pixels {side} (accepted values are 0~{size - 1})"
            raise Refused(f"{where}: {key} value is {row[key]}, but {only}")
    code = row.get("Label code", "")
    if code and code.lower() not in codes:
        raise Refused(f"{where}: No label of code {code} found in this source's labelset")
    return Annotation(int(row["Row"]), int(row["Column"]), codes[code.lower()] if code else None)


def _labelled(points: list[Annotation]) -> int:
    return sum(point.label is not None for point in points)


def _line(photo: Photo, points: list[Annotation]) -> dict[str, str]:
    line = {
        "name": photo.name,
        "link": f"/image/{photo.id}/annotation/tool/",
        "createInfo": f"Will create {len(points)} points, {_labelled(points)} annotations",
    }
    confirmed = _labelled(list(photo.annotations()))
    return {**line, "deleteInfo": f"Will delete {confirmed} existing annotations"} if confirmed else line


def _with(photo: Photo, points: list[Annotation] | None) -> Photo:
    if points is None:
        return photo
    labelled = _labelled(points)
    status = "confirmed" if labelled == len(points) else "unconfirmed" if labelled else "unclassified"
    annotator = "imported" if labelled else ""
    return replace(photo, annotations=lambda: points, status=status, annotator=annotator, annotated_on=None)
