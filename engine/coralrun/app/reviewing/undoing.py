"""Taking the last draw of a review back.

Rule: only a draw of which nobody has labelled a point since can be undone, and only the last one, on which no other
rests. So who undoes one cannot have chosen a sample by what came of it; its record stays all the same.
"""

from __future__ import annotations

from itertools import chain

from coralrun.app.answers.kept_reviews import read_imports, read_records
from coralrun.app.answers.other_points import spots_of
from coralrun.app.reviewing.review import rebuild
from coralrun.app.run.run_directory import OpenRun, holding, unseal
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.review import record
from coralrun.review.drawing import UndoneDraw
from coralrun.review.draws import place_of
from coralrun.review.matching import match
from coralrun.review.other_points import OtherPoints, labelled_elsewhere
from coralrun.values.phrases import count, typed


def undo(opened: OpenRun, clock: SystemClock) -> UndoneDraw:
    """Undo the last draw of a run. Takes the run's lock; raises UsageError where there is none, or it is labelled."""
    root = opened.layout.root
    with holding(opened.layout):
        draws = opened.reviews.index().draws
        if not draws:
            raise UsageError(f"{root}: no review is drawn from it", remedy="Draw one: coralrun review RUN --sample 5%.")
        last, places = draws[-1], {place_of(point) for point in read_records(opened)[-1].own}
        since = [rows for number, rows in read_imports(opened).files if number > last.after_import]
        matched, _ = match(opened.plan, opened.blocks(), since, opened.sizes)
        labelled = {
            (pair.image, pair.point) for of_file in matched for pair in of_file.pairs if pair.human.is_persons
        } & places
        rows = record.own_rows(last.number, record.decode(opened.reviews.drawn(last)))
        own = OtherPoints(last.number, last.plan, len(rows), spots_of(opened, last, rows))
        if number := max(len(labelled), labelled_elsewhere(chain.from_iterable(since), [own])):
            raise UsageError(
                f"{root}: review {last.number} is labelled already, on {count(number, 'point')}: it cannot be undone",
                remedy=f"Leave it. For other images draw further: coralrun review {typed(root)} --sample 5% --seed 1.",
            )
        unseal(opened.layout, opened.disk)
        opened.reviews.undo_draw(last, clock.utc())
        rebuild(opened)
    return UndoneDraw(last.number, len(rows), len({row.key for row in rows}), len(draws) - 1)
