"""A plan of one image that says nothing in particular: a test replaces what it is about."""

from __future__ import annotations

from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Classifier, Plan
from coralrun.services import about_of
from coralrun.spec.point_design import Method, PointDesign

PLAN = Plan(
    name="reef",
    service="emulator",
    about=about_of("emulator"),
    survey_digest="0" * 64,
    classifier=Classifier(id="1"),
    images=(PlannedImage(key="a", source="m", name="a", points=2, image_id=1),),
    design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=2),
    batch_size=100,
    concurrency=5,
    attempts=3,
    points_per_entry=200,
)
