"""What `apply` makes sure of before a run is made."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from coralrun.app.connection import Connection
from coralrun.app.planning import priced
from coralrun.cli.commands import carry
from coralrun.cli.printer import Printer
from coralrun.errors import UsageError
from coralrun.machine.outcomes import Listed
from coralrun.plan.model import Classifier, Plan, PlannedImage
from coralrun.spec.model import Method, PointDesign


def test_files_that_came_into_the_place_during_the_crawl_are_not_mixed_with_a_runs(tmp_path: Path) -> None:
    saved = Plan(
        name="reef",
        service="https://coralnet.example",
        survey_digest="0" * 64,
        classifier=Classifier(id=7),
        images=(PlannedImage(key="a", source="s", name="a", points=2, image_id=1),),
        design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=2),
        batch_size=100,
        concurrency=5,
        patience_s=75.0,
        attempts=3,
        web_rate=4.0,
    )
    place = tmp_path / "run"
    place.mkdir()
    (place / "thesis.doc").write_text("a year of work")
    connection = SimpleNamespace(account="ann", clock=None)
    planned = priced(saved, Listed((), (), 5))

    with pytest.raises(UsageError, match=r"holds other files \(thesis\.doc\)"):
        carry.start(place, planned, None, cast(Connection, connection), True, Printer())

    assert not (place / "run.json").exists()
