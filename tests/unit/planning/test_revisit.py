"""Which photo has the points of which earlier one, and every way in which that cannot be told."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from msgspec import structs

from coralrun.coralnet.protocol import LIMITS
from coralrun.errors import InvalidInput
from coralrun.planning import codec
from coralrun.planning.compile import compile_plan
from coralrun.planning.images import Extent, FoundImage, PlannedImage, Point, Size
from coralrun.planning.metadata import Inventory
from coralrun.planning.model import Classifier, Listing, Plan
from coralrun.planning.points import points_of
from coralrun.planning.points_table import PackedPoints, PointsTable
from coralrun.planning.revisit import EarlierPhotos, check_match, photos_of
from coralrun.spec.model import (
    ClassifierChoice,
    CoralNetSource,
    Filters,
    ImageSampling,
    ManifestSource,
    Metadata,
    PointsFile,
    Survey,
)
from coralrun.spec.point_design import AnnotationArea, AreaUnit, Method, PointDesign
from coralrun.spec.revisit import Revisit
from coralrun.spec.running import Outputs, RunOptions
from coralrun.spec.wording import Wording

DESIGN = PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=3, seed=8)
SIZE = Size(400, 300)
FRAME = Extent(400, 300, whole_parts=True, exact=True)
FIELDS = ("Site", "quadrat")
QUADRATS = {"a1": ("A", "1"), "a2": ("A", "2"), "b1": ("B", "1")}
BY_QUADRAT = Revisit(run="runs/1", match=("site", "quadrat"))
VALID_ONLY = (
    "the points are those of runs/1: valid only for photos of the same frame, where a point falls on the same spot of "
    "the reef; coralrun compares their sizes, and cannot see what they show"
)
REMEDY = "Name the fields under `match` that tell one photo from every other, or filter images out."


def earlier_plan(
    photos: Mapping[str, tuple[str, ...]] = QUADRATS,
    *,
    design: PointDesign | None = DESIGN,
    size: Size | None = None,
    extent: Extent | None = None,
    fields: tuple[str, ...] = FIELDS,
) -> Plan:
    """A plan of photos; without a design each has one point from a file, in units of `extent`."""
    images = tuple(
        PlannedImage(key=f"old/{name}", source="manifest:old.csv", name=name, points=3, size=size, metadata=values)
        for name, values in photos.items()
    )
    packed = {
        image.key: PackedPoints(array("i", [10 + at]), array("i", [20]), array("i", [0]), extent)
        for at, image in enumerate(images)
    }
    return Plan(
        name="one",
        service="emulator",
        survey_digest="0" * 64,
        classifier=Classifier(id="1"),
        images=images,
        fields=fields,
        design=design,
        file_points={} if design else PointsTable("points.csv", packed),
        extents={} if extent is None or design else dict.fromkeys([image.key for image in images], extent),
        batch_size=10,
        concurrency=1,
        attempts=1,
        points_per_entry=200,
    )


def earlier(plan: Plan, *sent: Size | None) -> EarlierPhotos:
    """The photos of a plan of which the first were sent with these sizes; all of them if none is given."""
    sizes = sent or (SIZE,) * len(plan.images)
    return photos_of("runs/1", plan, {number: size for number, size in enumerate(sizes) if size is not None})


def now(
    photos: Mapping[str, tuple[str, ...]], *, size: Size | None = None, fields: tuple[str, ...] = FIELDS
) -> Inventory:
    """The photos of this time, in a manifest."""
    images = [
        FoundImage(name=name, url=f"https://r/{name}", size=size, place=f"new.csv:{at}", fields=fields, metadata=values)
        for at, (name, values) in enumerate(photos.items(), start=2)
    ]
    return [(ManifestSource(path="new.csv"), images)]


def survey(points: Revisit | PointDesign | PointsFile, images: ImageSampling | None = None) -> Survey:
    return Survey(
        wording=Wording("survey.yaml"),
        name="two",
        service="emulator",
        classifier=ClassifierChoice(id="1"),
        sources=(ManifestSource(path="new.csv"),),
        images=images or ImageSampling(),
        points=points,
        run=RunOptions(),
        outputs=Outputs(directory="runs/2"),
    )


def compiled(
    inventory: Inventory, photos: EarlierPhotos, asked: Revisit = BY_QUADRAT, images: ImageSampling | None = None
) -> Plan:
    return compile_plan(survey(asked, images), inventory, Classifier(id="1"), "0" * 64, {}, photos, allowed=LIMITS)


def refused(inventory: Inventory, photos: EarlierPhotos, asked: Revisit = BY_QUADRAT) -> tuple[list[str], str]:
    with pytest.raises(InvalidInput) as caught:
        compiled(inventory, photos, asked)
    return [str(problem) for problem in caught.value.problems], caught.value.remedy


def drawn(name: str) -> tuple[Point, ...]:
    return points_of(DESIGN, f"old/{name}", SIZE)


def test_each_image_has_the_points_of_its_earlier_photo_and_needs_its_size() -> None:
    plan = compiled(now({"x": ("B", "1"), "y": ("A", "1"), "z": ("A", "2")}), earlier(earlier_plan()))
    assert (plan.design, plan.revisits) == (None, "runs/1")
    assert dict(plan.file_points) == {"x": drawn("b1"), "y": drawn("a1"), "z": drawn("a2")}
    assert plan.extents == dict.fromkeys("xyz", FRAME)
    assert [image.points for image in plan.images] == [3, 3, 3]
    assert (plan.warnings, plan.listings, plan.without_points, plan.not_found) == ((VALID_ONLY,), (), (), ())
    assert all(plan.needs_size(image) for image in plan.images)
    assert codec.decode(codec.encode(plan)) == plan


def test_without_fields_names_tell_photos_and_near_ones_are_named() -> None:
    names = {"a1": ("", ""), "A2": ("", ""), "b1.jpg": ("", "")}
    plan = compiled(now(names), earlier(earlier_plan()), Revisit(run="runs/1"))
    assert dict(plan.file_points) == {"a1": drawn("a1"), "A2": drawn("a2")}
    assert plan.without_points == ("b1.jpg",)
    assert plan.listings == (
        Listing("images that match no photo of runs/1", ("b1.jpg",)),
        Listing("photos of runs/1 that no image matches", ("b1",)),
    )
    assert plan.warnings[2:] == (
        "runs/1: 1 name was matched ignoring upper and lower case: `A2` for `a2`",
        "runs/1: `b1.jpg` is not there, but `b1` is: names are matched with their endings",
    )


def test_a_name_is_not_that_of_a_photo_that_a_filtered_image_has_exactly() -> None:
    ((source, images),) = now({"a1": ("", ""), "A1": ("", ""), "a2": ("", "")})
    inventory: Inventory = [(structs.replace(source, filters=Filters(exclude=("a1",))), images)]
    plan = compiled(inventory, earlier(earlier_plan()), Revisit(run="runs/1"))
    assert dict(plan.file_points) == {"a2": drawn("a2")}


def test_values_of_both_times_are_read_as_this_survey_reads_them() -> None:
    asked = replace(survey(BY_QUADRAT), metadata=Metadata(same={"site": (("Alpha", "A"),)}))
    photos = earlier(earlier_plan({"a1": ("A", "1"), "a2": ("NA", "2"), "a3": ("A  ", "3")}))
    found = now({"x": ("Alpha", "1"), "y": ("null", "2"), "z": (" A", "3")})
    plan = compile_plan(asked, found, Classifier(id="1"), "0" * 64, {}, photos, allowed=LIMITS)
    assert sorted(plan.file_points) == ["x", "z"]
    assert plan.listings == (
        Listing("images whose `site` or `quadrat` is not known, so that they match no photo of runs/1", ("y",)),
        Listing("photos of runs/1 that no image matches", ("a2",)),
    )


def test_two_images_of_one_name_in_two_sources_may_each_have_a_photo_of_their_own() -> None:
    def images(site: str, number: int) -> list[FoundImage]:
        return [FoundImage(name="1.jpg", image_id=number, fields=FIELDS, metadata=(site, "1"))]

    inventory = [(CoralNetSource(source=1), images("A", 5)), (CoralNetSource(source=2), images("B", 6))]
    plan = compiled(inventory, earlier(earlier_plan()))
    assert dict(plan.file_points) == {"coralnet:1/5": drawn("a1"), "coralnet:2/6": drawn("b1")}


def test_whatever_is_left_over_on_either_side_is_listed_and_counted() -> None:
    photos = now({"x": ("A", "1"), "y": ("A", "3"), "no site": ("", "1"), "no quadrat": ("B", "")})
    plan = compiled(photos, earlier(earlier_plan({**QUADRATS, "c": ("", "1")})))
    assert [image.name for image in plan.images] == ["x"]
    assert plan.without_points == ("y", "no site", "no quadrat")
    assert [(step.step, step.removed, step.left) for step in plan.funnel] == [("found", 0, 4), ("points", 3, 1)]
    assert plan.listings == (
        Listing(
            "images whose `site` or `quadrat` is not known, so that they match no photo of runs/1",
            ("no site", "no quadrat"),
        ),
        Listing("images that match no photo of runs/1", ("y",)),
        Listing("photos of runs/1 that no image matches", ("a2", "b1", "c")),
    )
    assert plan.warnings == (VALID_ONLY, "photos of runs/1 that no image matches: 3 of 4")


def test_a_sample_is_drawn_of_the_images_that_have_points() -> None:
    photos = now({"x": ("A", "9"), "y": ("A", "1"), "z": ("A", "2")})
    plan = compiled(photos, earlier(earlier_plan()), images=ImageSampling(count=2))
    assert [image.name for image in plan.images] == ["y", "z"]
    assert {image.inclusion for image in plan.images} == {1.0}


def test_every_image_that_several_earlier_photos_could_be_meant_for_is_a_problem() -> None:
    photos = earlier(earlier_plan({**QUADRATS, "a1 again": ("A", "1")}))
    said, remedy = refused(now({"x": ("A", "1"), "y": ("A", "2"), "z": ("B", "1")}), photos)
    assert said == ["new.csv:2: `x` matches 2 photos of runs/1 by its site `A`, quadrat `1`: `a1`, `a1 again`"]
    assert remedy == REMEDY


def test_every_image_after_the_first_that_matches_one_photo_is_a_problem() -> None:
    photos = now({"x": ("A", "1"), "y": ("A", "1"), "z": ("A", "1"), "v": ("C", "1"), "w": ("C", "1")})
    said, remedy = refused(photos, earlier(earlier_plan()))
    assert said == [
        f"new.csv:{line}: `{name}` matches the photo of runs/1 that `x` (new.csv:2) matches, by its site `A`, "
        "quadrat `1`"
        for line, name in ((3, "y"), (4, "z"))
    ]
    assert remedy == REMEDY


def test_two_crawled_images_of_one_name_are_told_by_their_sources() -> None:
    inventory = [(CoralNetSource(source=n), [FoundImage(name="a1", image_id=n)]) for n in (1, 2)]
    said, _ = refused(inventory, earlier(earlier_plan()), Revisit(run="runs/1"))
    assert said == [
        "coralnet:2: `a1` matches the photo of runs/1 that `a1` (coralnet:1) matches, by its name `a1`",
    ]


def test_photos_that_no_image_asks_for_may_be_alike() -> None:
    alike = {"a1": ("A", "1"), "b1": ("B", "1"), "b1 again": ("B", "1")}
    plan = compiled(now({"x": ("A", "1")}), earlier(earlier_plan(alike)))
    assert [image.name for image in plan.images] == ["x"]
    assert plan.warnings == (VALID_ONLY, "photos of runs/1 that no image matches: 2 of 3")


def test_a_photo_that_was_never_sent_has_no_points_where_they_follow_from_its_size() -> None:
    photos = earlier(earlier_plan(), SIZE, None, None)
    plan = compiled(now({"x": ("A", "1"), "y": ("A", "2")}), photos)
    assert [image.name for image in plan.images] == ["x"]
    assert plan.without_points == ("y",)
    assert plan.listings == (
        Listing("images whose photo in runs/1 was given no points", ("y",)),
        Listing("photos of runs/1 that no image matches", ("b1",)),
    )


def test_a_photo_whose_size_the_plan_knows_has_points_though_it_was_not_sent() -> None:
    plan = compiled(now({"x": ("A", "1")}), earlier(earlier_plan(size=SIZE), None))
    assert dict(plan.file_points) == {"x": drawn("a1")}


def test_the_size_with_which_a_photo_was_sent_goes_before_that_of_the_plan() -> None:
    plan = compiled(now({"x": ("A", "1")}), earlier(earlier_plan(size=Size(9, 9)), SIZE))
    assert (plan.file_points["x"], plan.extents["x"]) == (drawn("a1"), FRAME)


def test_a_photo_on_which_its_design_does_not_fit_has_no_points() -> None:
    far = AnnotationArea(unit=AreaUnit.PIXELS, x=(900, 999), y=(900, 999))
    design = PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=3, annotation_area=far)
    assert len(earlier(earlier_plan(design=design)).points) == 0


def test_points_from_a_file_need_no_size_and_say_where_none_is_known() -> None:
    photos = earlier(earlier_plan(design=None), None)
    plan = compiled(now({"x": ("A", "1"), "y": ("A", "2")}), photos)
    assert dict(plan.file_points) == {"x": (Point(10, 20),), "y": (Point(11, 20),)}
    assert plan.extents == {}
    assert plan.listings[0] == Listing(
        "images whose photo in runs/1 has no known size, so that theirs is not compared with it", ("x", "y")
    )


def test_points_brought_as_fractions_are_taken_as_their_pixels() -> None:
    fractions = Extent(100, 100, whole_parts=False)
    plan = compiled(now({"x": ("A", "1")}), earlier(earlier_plan(design=None, extent=fractions)))
    assert (plan.file_points["x"], plan.extents["x"]) == ((Point(30, 80),), FRAME)
    assert len(earlier(earlier_plan(design=None, extent=fractions), None).points) == 0


def test_points_that_lay_outside_their_photo_were_never_sent() -> None:
    assert list(earlier(earlier_plan(design=None), *[Size(400, 11)] * 3).points) == ["old/a1"]


def test_a_run_that_revisits_another_has_its_points_with_nothing_sent() -> None:
    plan = compiled(now({"x": ("A", "1")}), earlier(earlier_plan(design=None, extent=FRAME), None))
    assert (plan.file_points["x"], plan.extents["x"]) == ((Point(10, 20),), FRAME)


def test_every_image_of_another_size_is_a_problem_with_both_sizes() -> None:
    turned = now({"x": ("A", "1"), "y": ("A", "2")}, size=Size(300, 400))
    said, remedy = refused(turned, earlier(earlier_plan()))
    assert said == [
        f"new.csv:{line}: the points of `{name}` were laid on a photo of 400 x 300 pixels in runs/1; "
        "this one has 300 x 400: the same photo turned (EXIF orientation)"
        for line, name in ((2, "x"), (3, "y"))
    ]
    assert remedy == (
        "Filter these images out, or give the files as the camera wrote them: points are never moved or scaled."
    )
    half = now({"x": ("A", "1")}, size=Size(200, 150))
    assert refused(half, earlier(earlier_plan()))[0] == [
        "new.csv:2: the points of `x` were laid on a photo of 400 x 300 pixels in runs/1; this one has 200 x 150"
    ]
    assert len(compiled(now({"x": ("A", "1")}, size=SIZE), earlier(earlier_plan())).images) == 1


def test_points_outside_an_image_whose_sizes_cannot_be_compared_are_a_problem() -> None:
    said, _ = refused(now({"x": ("A", "1")}, size=Size(9, 30)), earlier(earlier_plan(design=None), None))
    assert said == [
        "new.csv:2: column 20 of its points in runs/1 lies outside `x`, which is 9 x 30 pixels: 0 to 8 are inside"
    ]


def test_a_field_that_the_images_do_not_have_is_told_with_those_that_they_have() -> None:
    said, remedy = refused(now({"x": ("A",)}, fields=("Site",)), earlier(earlier_plan()))
    assert said == [
        "survey.yaml: `sampling.points.revisit.match` names the field `quadrat`, and the images have: `Site`"
    ]
    assert remedy == "Name a field that the metadata have, or bring it in with `metadata` or a column of the manifest."


@pytest.mark.parametrize(("fields", "there"), [(("Site",), "`Site`"), ((), "none")])
def test_every_field_that_the_earlier_photos_do_not_have_is_told(fields: Sequence[str], there: str) -> None:
    plan = earlier_plan({"a": ("A",) * len(fields)}, fields=tuple(fields))
    with pytest.raises(InvalidInput) as caught:
        check_match(Wording("survey.yaml"), Revisit(run="runs/1", match=("site", "depth", "quadrat")), earlier(plan))
    missing = [field for field in ("site", "depth", "quadrat") if field.casefold() not in map(str.casefold, fields)]
    assert [str(problem) for problem in caught.value.problems] == [
        f"survey.yaml: `sampling.points.revisit.match` names the field `{field}`, and the photos of runs/1 have: "
        f"{there}"
        for field in missing
    ]


def test_where_nothing_matches_the_refusal_says_what_was_left_over() -> None:
    said, remedy = refused(now({"x": ("C", "1"), "y": ("", "1")}), earlier(earlier_plan()))
    assert said == [
        "survey.yaml: no image is left to plan: manifest:new.csv has 2 images, points removes 2",
        "survey.yaml: images whose `site` or `quadrat` is not known, so that they match no photo of runs/1: 1 (`y`)",
        "survey.yaml: images that match no photo of runs/1: 1 (`x`)",
        "survey.yaml: photos of runs/1 that no image matches: 3 (`a1`, `a2`, `b1`)",
    ]
    assert remedy == "Mend the sources and filters of the survey, or the names in the files that it reads."


def test_a_survey_without_images_says_so_and_asks_for_no_field() -> None:
    said, _ = refused([(ManifestSource(path="new.csv"), [])], earlier(earlier_plan()), Revisit(run="runs/1"))
    assert said == [
        "survey.yaml: no image is left to plan: manifest:new.csv has 0 images",
        "survey.yaml: photos of runs/1 that no image matches: 3 (`a1`, `a2`, `b1`)",
    ]


def test_photos_of_an_earlier_run_without_a_survey_that_revisits_it_are_a_defect() -> None:
    table = PointsTable("points.csv", {})
    for points, brought in ((PointsFile(path="p.csv"), earlier(earlier_plan())), (BY_QUADRAT, table)):
        with pytest.raises(ValueError, match="the photos of an earlier run go with a survey that revisits one"):
            compile_plan(survey(points), now({"x": ("A", "1")}), Classifier(id="1"), "", {}, brought, allowed=LIMITS)
