"""The page about a source's classifier, and the table of what it takes for what.

Rule: as on the real page: the table has no heading, a row is a label as people gave it, a column what the classifier
said, both in the order of how many points people gave each; its points are those whose score is above the threshold.
Here they are the points of the confirmed images. Both choices stand in the query, or are all labels and any score.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping

from coralrun.emulator.identity import CsrfFailed, check_csrf
from coralrun.emulator.messages import HTML_TYPE, Reply, Request, html_reply
from coralrun.emulator.pages import page
from coralrun.emulator.pictures import stored_picture
from coralrun.emulator.site import Label, Source

_MODES = ("full", "func")


def backend_reply(request: Request, source: Source, head: str) -> Reply:
    """The page, or the table where a form asks for it; raises `CsrfFailed`."""
    threshold, mode = _choices(request.arguments())
    form = request.form() if request.method == "POST" else {}
    if request.method == "POST":
        check_csrf(request, form.get("csrfmiddlewaretoken") or request.header("X-CSRFToken"), CsrfFailed)
    if form.get("export_cm") and source.machine is not None:
        name = f"confusion_matrix_{mode}_{threshold}.csv"
        headers = (("Content-Type", HTML_TYPE), ("Content-Disposition", f"attachment;filename={name}"))
        return Reply(200, headers, _table(source, threshold, mode).encode())
    said = "Classifier performance" if source.machine is not None else "This source has no classifier."
    return html_reply(200, page(f"{source.name} | Classifier", f"<h2>{said}</h2>", head))


def _choices(query: Mapping[str, str]) -> tuple[int, str]:
    threshold, mode = query.get("confidence_threshold", ""), query.get("label_mode", "")
    if not (threshold.isascii() and threshold.isdecimal() and int(threshold) <= 100 and mode in _MODES):
        return 0, "full"
    return int(threshold), mode


def _table(source: Source, threshold: int, mode: str) -> str:
    def shown(label: Label) -> str:
        return label.group if mode == "func" else f"{label.name} ({label.code})"

    pairs = Counter(
        (shown(source.labels_by_id[truth]), shown(source.labels_by_id[said]))
        for truth, said, score in _judged(source)
        if score > threshold / 100
    )
    totals = Counter({shown(label): 0 for label in source.labels})
    for (truth, _), points in pairs.items():
        totals[truth] += points
    order = [name for name, _ in totals.most_common()]
    text = io.StringIO()
    csv.writer(text).writerows([truth, *(pairs[truth, said] for said in order)] for truth in order)
    return text.getvalue()


def _judged(source: Source) -> list[tuple[int, int, float]]:
    """Of each point that people labelled: their label, what the classifier says that did not learn from it, and its
    score."""
    judged: list[tuple[int, int, float]] = []
    for photo in source.photos:
        known = [(annotation, annotation.label) for annotation in photo.annotations() if annotation.label is not None]
        if not known or source.machine is None:
            continue
        picture = stored_picture(photo.file, photo.width, photo.height, photo.load)
        scores = source.machine.held_out(picture, [(annotation.row, annotation.column) for annotation, _ in known])
        judged += [(truth, *found[0]) for (_, truth), found in zip(known, scores, strict=True)]
    return judged
