"""Reports to render: a whole one, in which every section appears."""

from __future__ import annotations

import io

from PIL import Image

from coralrun.report.model import (
    Compared,
    Cover,
    Doubtful,
    Estimate,
    Failed,
    Guess,
    JobSpan,
    Report,
    Review,
    Shown,
    Totals,
)

HOSTILE = """<script>alert("x")</script>'">&amp;{{ 7 * 7 }}"""
"""What a name, a label or a field may hold: it must be seen as it is, and do nothing."""


def picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), (0, 90, 120)).save(stream, "JPEG")
    return stream.getvalue()


def totals(failed: int = 2, to_do: int = 0) -> Totals:
    succeeded = 30
    return Totals(
        images=succeeded + failed + to_do,
        succeeded=succeeded,
        failed=failed,
        skipped=0,
        points=10 * (succeeded + failed + to_do),
        predicted=10 * succeeded,
        points_failed=10 * failed,
        points_skipped=0,
    )


def estimate(what: str, mean: float, place: str = "", stratum: str = "", *, bounded: bool = True) -> Estimate:
    return Estimate(
        what=what,
        mean=mean,
        place=place,
        stratum=stratum,
        low=mean * 0.75 if bounded else None,
        high=mean * 1.3 if bounded else None,
        units=6,
        photos=30,
        points=290,
        why="" if bounded else "no interval: n = 1",
    )


def cover(first: str = "Hard coral") -> Cover:
    groups = ((first, 0.231), ("Algae", 0.4), ("Sand", 0.034))
    places = [(f"{stratum}{n}", stratum) for stratum in ("inner", "outer") for n in (1, 2, 3)]
    return Cover(
        by="group",
        unit="site",
        stratum="habitat",
        overall=(
            *(estimate(what, mean) for what, mean in groups),
            Estimate(what="Seagrass", mean=0.0, low=0.0, high=0.011, units=6, photos=30, points=290, unseen=True),
        ),
        labels=(estimate("Porites", 0.2), estimate(first, 0.05)),
        strata=tuple(estimate(what, mean, s, s) for s in ("inner", "outer") for what, mean in groups),
        units=tuple(
            estimate(what, mean * (0.7 + at / 10), place, bounded=False)
            for at, (place, _) in enumerate(places)
            for what, mean in groups
        ),
        cells=tuple(
            estimate(what, mean * (0.7 + at / 10), place, stratum, bounded=False)
            for at, (place, stratum) in enumerate(places)
            for what, mean in groups
        ),
        photos=30,
        usable_points=290,
        unusable_points=10,
        notes=("The strata weigh the same",),
    )


def whole(name: str = "moorea", word: str = "Hard coral") -> Report:
    """A report with something in every section; `word` stands wherever a text comes from outside."""
    return Report(
        name=name,
        service="https://coralnet.example.org",
        totals=totals(),
        cover=cover(word),
        review=Review(
            photos=60,
            points=600,
            agreed=0.85,
            low=0.81,
            high=0.89,
            in_sample=True,
            audited=600,
            is_correcting=True,
            groups=(
                Compared(
                    what=word,
                    machine=0.25,
                    corrected=0.232,
                    low=0.19,
                    high=0.28,
                    correction=-0.018,
                    correction_se=0.009,
                ),
            ),
        ),
        doubtful=(
            Doubtful(
                name=word,
                source="coralnet:1",
                point=3,
                row=12,
                column=14,
                guesses=(Guess(code=word, name=word, score=0.31), Guess(code="Sand", name="Sand", score=0.3)),
                picture=picture(),
            ),
        ),
        shown=(Shown(name=word, place=word, picture=picture(), counts=((word, 7), ("Sand", 3))),),
        colours=((word, "#0072b2"), ("Algae", "#e69f00"), ("Sand", "#009e73")),
        failures=(Failed(reason="the image is not there", images=2, points=20, names=(word, "b.jpg")),),
        jobs=(
            JobSpan(job="7", batch=1, attempt=1, images=16, start_s=0, end_s=200),
            JobSpan(job="8", batch=2, attempt=1, images=16, start_s=1, end_s=260, lost=True),
        ),
        started="2026-01-01T08:00:00Z",
        finished="2026-01-02T09:00:00Z",
        methods=f"Cover was estimated. {word}",
        citations=(f"A paper. {word}",),
        provenance=(("Run", word),),
    )
