"""What `apply` makes sure of before a run is made."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from coralrun.cli.commands import carry
from coralrun.cli.printer import Printer
from coralrun.errors import UsageError
from coralrun.machine.outcomes import Listed
from coralrun.plan import codec
from coralrun.plan.model import Classifier, Plan, PlannedImage
from coralrun.spec.model import Method, PointDesign


def test_files_that_came_into_the_place_during_the_crawl_are_not_mixed_with_a_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    (tmp_path / "reef.plan").write_bytes(codec.encode_single(saved))
    place = tmp_path / "run"
    closed: list[str] = []

    def jobs() -> Listed:
        place.mkdir()
        (place / "thesis.doc").write_text("a year of work")
        return Listed((), (), 5)

    service = SimpleNamespace(jobs=jobs, account="ann", clock=None, close=lambda: closed.append("closed"))
    monkeypatch.setattr(carry, "reach", lambda *_, **__: service)

    with pytest.raises(UsageError, match=r"holds other files \(thesis\.doc\)"):
        carry.apply(tmp_path / "reef.plan", place, None, True, Printer())

    assert not (place / "run.json").exists()
    assert closed == ["closed"]
