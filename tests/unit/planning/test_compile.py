"""From a survey and an inventory to a plan, and every way in which that is refused."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from coralrun.coralnet.protocol import LIMITS
from coralrun.errors import SHOWN_PROBLEMS, InvalidInput
from coralrun.planning import codec
from coralrun.planning.compile import compile_plan
from coralrun.planning.images import Extent, FoundImage, Point, Size
from coralrun.planning.metadata import Inventory
from coralrun.planning.model import Classifier, Listing, Plan
from coralrun.planning.points_table import PackedPoints, PointsTable
from coralrun.sources.points_file import read_points
from coralrun.spec.image_search import Search
from coralrun.spec.model import (
    ClassifierChoice,
    CoralNetPoints,
    CoralNetSource,
    Filters,
    ImageSampling,
    ManifestSource,
    PointsFile,
    Survey,
)
from coralrun.spec.point_design import Method, PointDesign
from coralrun.spec.running import Outputs, RunOptions
from coralrun.spec.wording import Wording

DESIGN = PointDesign(method=Method.STRATIFIED_RANDOM, cell_rows=2, cell_columns=5, seed=42)
CLASSIFIER = Classifier(id="41004", source=3420, accuracy=83, date="Nov. 22, 2026", images=120)


def survey(points: PointDesign | PointsFile | CoralNetPoints = DESIGN, images: ImageSampling | None = None) -> Survey:
    return Survey(
        wording=Wording("survey.yaml"),
        name="moorea",
        service="https://coralnet.ucsd.edu",
        classifier=ClassifierChoice(source=3420),
        sources=(CoralNetSource(source=3420),),
        images=images or ImageSampling(),
        points=points,
        run=RunOptions(batch_size=50, concurrency=3),
        outputs=Outputs(directory="runs/moorea"),
    )


def crawled(*names: str, source: int = 3420, first_id: int = 1, filters: Filters | None = None) -> Inventory:
    images = [FoundImage(name=name, image_id=first_id + index) for index, name in enumerate(names)]
    return [(CoralNetSource(source=source, filters=filters or Filters()), images)]


def listed(path: str, *names: str, size: Size | None = None, filters: Filters | None = None) -> Inventory:
    images = [
        FoundImage(name=name, url=f"https://reef.example/{index}", size=size, place=f"{path}:{index + 2}")
        for index, name in enumerate(names)
    ]
    return [(ManifestSource(path=path, filters=filters or Filters()), images)]


def compiled(
    inventory: Inventory,
    points: PointDesign | PointsFile = DESIGN,
    images: ImageSampling | None = None,
    names: Mapping[str, tuple[str, ...]] | None = None,
) -> Plan:
    return compile_plan(survey(points, images), inventory, CLASSIFIER, "0" * 64, names or {}, None, allowed=LIMITS)


def with_points(inventory: Inventory, rows: Sequence[str], images: ImageSampling | None = None) -> Plan:
    table = read_points("points.csv", {"points.csv": "\n".join(["Name,Row,Column", *rows]).encode()})
    return compile_plan(
        survey(PointsFile(path="points.csv"), images), inventory, CLASSIFIER, "0" * 64, {}, table, allowed=LIMITS
    )


def told(problem: pytest.ExceptionInfo[InvalidInput]) -> list[str]:
    return [str(found) for found in problem.value.problems]


def test_images_of_coralnet_are_keyed_by_id_and_those_of_a_manifest_by_name() -> None:
    plan = compiled([*crawled("a.jpg", "b.jpg"), *listed("images.csv", "a.jpg")])
    assert [(image.key, image.source, image.name) for image in plan.images] == [
        ("coralnet:3420/1", "coralnet:3420", "a.jpg"),
        ("coralnet:3420/2", "coralnet:3420", "b.jpg"),
        ("a.jpg", "manifest:images.csv", "a.jpg"),
    ]
    assert [image.needs_resolving for image in plan.images] == [True, True, True]
    assert plan.points == 30


def test_a_search_by_labels_is_warned_of() -> None:
    asked = replace(survey(), sources=(CoralNetSource(source=3420, search=Search(annotation_status="unconfirmed")),))
    plan = compile_plan(asked, crawled("a.jpg"), CLASSIFIER, "0" * 64, {}, None, allowed=LIMITS)
    now, finished = plan.warnings
    assert now.startswith("coralnet:3420: `annotation_status` goes by the labels that images have now, so a plan made ")
    assert finished == (
        "coralnet:3420: `annotation_status: unconfirmed` leaves out the images whose annotation is finished, "
        "and so their cover"
    )


def test_a_source_may_have_a_design_of_its_own() -> None:
    own = PointDesign(method=Method.UNIFORM_GRID, cell_rows=3, cell_columns=3)
    sources = (CoralNetSource(source=1), CoralNetSource(source=2, points=own))
    inventory = [(source, [FoundImage(name="a.jpg", image_id=source.source)]) for source in sources]
    plan = compile_plan(replace(survey(), sources=sources), inventory, CLASSIFIER, "0" * 64, {}, None, allowed=LIMITS)
    assert [image.points for image in plan.images] == [10, 9]
    assert [plan.design_for(image) for image in plan.images] == [DESIGN, own]
    assert codec.decode(codec.encode(plan)) == plan


def test_the_plan_carries_what_the_survey_says_about_the_run() -> None:
    plan = compiled(crawled("a.jpg"))
    assert (plan.name, plan.service, plan.batch_size, plan.concurrency) == (
        "moorea",
        "https://coralnet.ucsd.edu",
        50,
        3,
    )
    assert plan.classifier == CLASSIFIER
    assert plan.design == DESIGN
    assert plan.file_points == {}


def test_the_same_survey_and_inventory_give_the_same_bytes() -> None:
    def planned() -> bytes:
        inventory = crawled(*(f"{number}.jpg" for number in range(50)))
        return codec.encode_single(compiled(inventory, images=ImageSampling(count=20, seed=7)))

    assert planned() == planned()


def test_a_sample_keeps_the_order_of_the_sources_and_tells_what_it_left_out() -> None:
    names = [f"{number:02}.jpg" for number in range(40)]
    plan = compiled(crawled(*names), images=ImageSampling(count=10, seed=7))
    planned = [image.name for image in plan.images]
    assert len(planned) == 10
    assert planned == sorted(planned)
    assert (plan.funnel[-1].step, plan.funnel[-1].removed, plan.funnel[-1].left) == ("sampling.images", 30, 10)


def test_a_sample_larger_than_what_is_left_takes_all_and_warns() -> None:
    plan = compiled(crawled("a.jpg"), images=ImageSampling(count=5))
    assert len(plan.images) == 1
    assert plan.warnings == ("sampling.images.count is 5, but only 1 image is left to sample: all are taken",)


def test_one_name_in_two_manifests_is_refused_naming_both_places() -> None:
    with pytest.raises(InvalidInput) as problem:
        compiled([*listed("one.csv", "a.jpg", "b.jpg"), *listed("two.csv", "c.jpg", "b.jpg")])
    assert told(problem) == [
        "two.csv:3: the image `b.jpg` is already at one.csv:3; filter one of the two out or rename it"
    ]


def test_a_name_that_a_filter_removes_from_one_of_two_manifests_is_no_conflict() -> None:
    filters = Filters(exclude=("b.jpg",))
    plan = compiled([*listed("one.csv", "a.jpg", "b.jpg", filters=filters), *listed("two.csv", "b.jpg")])
    assert [image.key for image in plan.images] == ["a.jpg", "b.jpg"]


def test_a_manifest_name_like_a_coralnet_key_stands_for_one_image() -> None:
    with pytest.raises(InvalidInput) as problem:
        compiled([*crawled("a.jpg"), *listed("images.csv", "coralnet:3420/1")])
    assert told(problem) == [
        "images.csv:2: the image `coralnet:3420/1` is already at coralnet:3420; filter one of the two out or rename it"
    ]


def test_no_image_left_is_refused_saying_where_they_went() -> None:
    with pytest.raises(InvalidInput) as problem:
        compiled(crawled("a.jpg", "b.jpg", filters=Filters(include=("*.png",))))
    assert told(problem) == [
        "survey.yaml: no image is left to plan: coralnet:3420 has 2 images, include removes 2",
    ]
    assert problem.value.remedy == (
        "Mend the sources and filters of the survey, or the names in the files that it reads."
    )


def test_names_that_match_no_image_at_all_are_told_with_their_near_misses() -> None:
    filters = Filters(names_from="list.txt")
    with pytest.raises(InvalidInput) as problem:
        compiled(crawled("a.jpg", "b.jpg", filters=filters), names={"list.txt": ("x/A.JPG", "b.png", "c", "d")})
    assert told(problem) == [
        "survey.yaml: no image is left to plan: coralnet:3420 has 2 images, names_from removes 2",
        "survey.yaml: 4 of the names that were given are in no source: `x/A.JPG`, `b.png`, `c`, ...",
        "survey.yaml: list.txt: `x/A.JPG` is not there, but `a.jpg` is: names are matched with their folders",
        "survey.yaml: list.txt: `b.png` is not there, but `b.jpg` is: names are matched with their endings",
    ]


def test_a_points_file_that_matches_no_image_at_all_is_told_with_its_names() -> None:
    with pytest.raises(InvalidInput) as problem:
        with_points(crawled("a.jpg"), ["a.png,1,2"])
    assert told(problem) == [
        "survey.yaml: no image is left to plan: coralnet:3420 has 1 image, points removes 1",
        "survey.yaml: 1 of the names that were given is in no source: `a.png`",
        "survey.yaml: points.csv: `a.png` is not there, but `a.jpg` is: names are matched with their endings",
    ]


def test_names_of_points_are_matched_exactly_and_then_ignoring_case_which_is_told() -> None:
    plan = with_points(crawled("a.jpg", "A.JPG", "b.jpg"), ["a.jpg,1,2", "A.JPG,3,4", "B.JPG,5,6"])
    assert [plan.file_points[image.key] for image in plan.images] == [(Point(1, 2),), (Point(3, 4),), (Point(5, 6),)]
    assert plan.warnings == ("points.csv: 1 name was matched ignoring upper and lower case: `B.JPG` for `b.jpg`",)
    assert plan.not_found == ()


def test_a_name_that_could_mean_two_images_is_matched_with_none() -> None:
    plan = with_points(
        crawled("a.jpg", "A.JPG", "b.jpg", "c.jpg"), ["a.JPG,1,2", "B.JPG,5,6", "B.jpg,7,8", "c.jpg,1,1"]
    )
    assert [image.name for image in plan.images] == ["c.jpg"]
    assert plan.not_found == ("a.JPG", "B.JPG", "B.jpg")
    assert plan.warnings == (
        "points.csv: `a.JPG` could be `A.JPG` or `a.jpg`, so it is taken for neither",
        "points.csv: `B.JPG` and `B.jpg` could be `b.jpg`, so neither is taken for it",
    )


def test_points_in_cpce_units_are_planned_and_checked_where_sizes_are_known() -> None:
    packed = PackedPoints(array("i", [150]), array("i", [29985]), array("i", [7]), Extent(30000, 15000, True))
    table = PointsTable("points", {"a.jpg": packed}, {"a.jpg": "points/a.cpc"})

    def planned(size: Size) -> Plan:
        inventory = listed("images.csv", "a.jpg", size=size)
        return compile_plan(
            survey(PointsFile(path="points")), inventory, CLASSIFIER, "0" * 64, {}, table, allowed=LIMITS
        )

    plan = planned(Size(2000, 1000))
    assert plan.extents == {plan.images[0].key: Extent(30000, 15000, True)}
    assert plan.warnings == ("the points of 1 image are read in the units of CPCe",)
    with pytest.raises(InvalidInput) as problem:
        planned(Size(2000, 1500))
    assert told(problem) == [
        "points/a.cpc:1: the points of `a.jpg` were laid on 2000 x 1000 pixels (at 15 units a pixel); "
        "this one has 2000 x 1500"
    ]


def test_names_that_are_in_no_source_are_listed_and_a_near_miss_is_pointed_out() -> None:
    filters = Filters(include=("a*",), names_from="list.txt")
    names = {"list.txt": ("a.jpg", "A1.JPG", "a2", "b.jpg", "gone.jpg")}
    plan = compiled(crawled("a.jpg", "a1.jpg", "a2.jpg", "b.jpg", filters=filters), names=names)
    assert [image.name for image in plan.images] == ["a.jpg", "a1.jpg"]
    assert plan.not_found == ("a2", "gone.jpg")
    assert plan.warnings == (
        "list.txt: 1 name was matched ignoring upper and lower case: `A1.JPG` for `a1.jpg`",
        "list.txt: `a2` is not there, but `a2.jpg` is: names are matched with their endings",
    )


def test_a_list_of_names_may_serve_two_sources_that_have_half_of_it_each() -> None:
    filters = Filters(names_from="list.txt")
    inventory = [*crawled("a.jpg", filters=filters), *crawled("b.jpg", source=7, filters=filters)]
    plan = compiled(inventory, names={"list.txt": ("a.jpg", "b.jpg", "c.jpg")})
    assert [image.name for image in plan.images] == ["a.jpg", "b.jpg"]
    assert plan.not_found == ("c.jpg",)


def test_points_from_a_file_go_to_the_image_of_their_name_in_the_order_of_the_file() -> None:
    plan = with_points(crawled("a.jpg", "b.jpg"), ["b.jpg,5,6", "a.jpg,1,2", "b.jpg,3,4", "b.jpg,3,4"])
    assert plan.design is None
    assert [(image.name, image.points) for image in plan.images] == [("a.jpg", 1), ("b.jpg", 3)]
    assert plan.file_points["coralnet:3420/2"] == (Point(5, 6), Point(3, 4), Point(3, 4))


def test_images_without_points_and_points_without_images_are_listed() -> None:
    plan = with_points(crawled("a.jpg", "b.jpg"), ["a.jpg,1,2", "gone.jpg,1,2"])
    assert [image.name for image in plan.images] == ["a.jpg"]
    assert plan.without_points == ("b.jpg",)
    assert plan.not_found == ("gone.jpg",)
    assert (plan.funnel[-1].step, plan.funnel[-1].removed, plan.funnel[-1].left) == ("points", 1, 1)


def test_points_that_stand_twice_are_listed_with_both_lines_and_stay() -> None:
    rows = ["a.jpg,1,2", "gone.jpg,1,2", "a.jpg,3,4", "gone.jpg,1,2", "a.jpg,1,2", "a.jpg,1,2"]
    plan = with_points(crawled("a.jpg"), rows)
    assert plan.points == 4
    assert plan.listings == (
        Listing(
            "points that stand twice on their image, both of which are classified",
            ("points.csv:6 as on line 2", "points.csv:7 as on line 2"),
        ),
    )


def test_a_sample_is_drawn_among_the_images_that_have_points() -> None:
    names = [f"{number}.jpg" for number in range(20)]
    plan = with_points(crawled(*names), [f"{name},1,2" for name in names[:5]], ImageSampling(count=5))
    assert [image.name for image in plan.images] == names[:5]


def test_points_of_an_image_that_was_filtered_out_are_not_called_missing() -> None:
    plan = with_points(crawled("a.jpg", "b.jpg", filters=Filters(exclude=("b*",))), ["a.jpg,1,2", "b.jpg,1,2"])
    assert plan.not_found == ()


def test_two_sources_with_the_same_name_cannot_have_points_of_their_own() -> None:
    inventory = [(CoralNetSource(source=number), (FoundImage(name="a.jpg", image_id=number),)) for number in (1, 2)]
    table = read_points("the annotations of CoralNet", {"e": b"Name,Row,Column\na.jpg,1,2\n"})
    with pytest.raises(InvalidInput) as problem:
        compile_plan(survey(CoralNetPoints()), inventory, CLASSIFIER, "0" * 64, {}, table, allowed=LIMITS)
    assert told(problem) == [
        "coralnet:2: an export of annotations cannot tell two images apart: the name `a.jpg` is already at coralnet:1; "
        "filter one of the two out or rename it"
    ]


def test_a_points_file_that_cannot_tell_two_images_apart_is_refused() -> None:
    with pytest.raises(InvalidInput) as problem:
        with_points([*crawled("a.jpg"), *listed("images.csv", "a.jpg")], ["a.jpg,1,2"])
    assert told(problem) == [
        "images.csv:2: the points file cannot tell two images apart: the name `a.jpg` is already at coralnet:3420; "
        "filter one of the two out or rename it"
    ]


def test_every_point_outside_an_image_of_known_size_is_told_with_its_line() -> None:
    inventory = listed("images.csv", "a.jpg", size=Size(width=1600, height=1200))
    with pytest.raises(InvalidInput) as problem:
        with_points(inventory, ["a.jpg,1199,1599", "a.jpg,1200,0", "a.jpg,0,1600"])
    assert told(problem) == [
        "points.csv:3: row 1200 lies outside `a.jpg`, which is 1600 x 1200 pixels: 0 to 1199 are inside",
        "points.csv:4: column 1600 lies outside `a.jpg`, which is 1600 x 1200 pixels: 0 to 1599 are inside",
    ]


def test_only_the_first_hundred_problems_are_told_and_the_others_counted() -> None:
    inventory = listed("images.csv", "a.jpg", size=Size(10, 10))
    with pytest.raises(InvalidInput) as problem:
        with_points(inventory, ["a.jpg,11,11"] * (SHOWN_PROBLEMS + 3))
    assert len(told(problem)) == SHOWN_PROBLEMS + 3
    places = [
        f"points.csv:{line}: row 11 lies outside `a.jpg`, which is 10 x 10 pixels: 0 to 9 are inside"
        for line in range(2, SHOWN_PROBLEMS + 2)
    ]
    assert problem.value.message.split("\n") == [*places, "and 3 more problems"]


def test_more_than_a_thousand_points_are_refused_at_the_first_too_many() -> None:
    assert with_points(crawled("a.jpg"), ["a.jpg,1,2"] * 1000).points == 1000
    with pytest.raises(InvalidInput) as problem:
        with_points(crawled("a.jpg"), ["a.jpg,1,2"] * 1001)
    assert told(problem) == ["points.csv:1002: `a.jpg` has 1001 points: the service takes at most 1000 an image"]


def test_a_design_of_more_than_a_thousand_points_is_refused() -> None:
    with pytest.raises(InvalidInput) as problem:
        compiled(crawled("a.jpg"), points=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=1001))
    assert told(problem) == ["survey.yaml: 1001 points an image: the service takes 1 to 1000"]


def test_images_that_the_service_will_refuse_stay_in_the_plan_with_a_warning() -> None:
    plan = compiled(listed("images.csv", "huge.jpg", size=Size(8001, 8000)))
    assert len(plan.images) == 1
    assert plan.warnings == ("1 image (`huge.jpg`) has more than 64,000,000 pixels and will not be classified",)


def test_images_too_small_for_the_design_stay_in_the_plan_with_a_warning() -> None:
    plan = compiled(listed("images.csv", *"abcd", size=Size(4, 4)))
    assert len(plan.images) == 4
    assert plan.warnings == (
        "4 images (`a`, `b`, `c`, ...) have too few pixels in the annotation area for the design and will be skipped",
    )


def test_a_points_table_without_a_survey_that_names_one_is_a_defect() -> None:
    with pytest.raises(ValueError, match="points are supplied for a survey whose points no design lays"):
        compile_plan(survey(), crawled("a.jpg"), CLASSIFIER, "", {}, PointsTable("points.csv", {}), allowed=LIMITS)
    with pytest.raises(ValueError, match="points are supplied for a survey whose points no design lays"):
        compile_plan(survey(PointsFile(path="points.csv")), crawled("a.jpg"), CLASSIFIER, "", {}, None, allowed=LIMITS)


def with_sites(**sites: str) -> Inventory:
    """Images named after their number, each with the site that it is of."""
    images = [
        FoundImage(name=f"{name}.jpg", image_id=index, fields=("Site",), metadata=(site,))
        for index, (name, site) in enumerate(sites.items(), start=1)
    ]
    return [(CoralNetSource(source=3420), images)]


def test_what_is_known_of_an_image_stands_in_the_plan() -> None:
    plan = compiled(with_sites(a="N", b=""))
    assert plan.fields == ("Site",)
    assert [image.metadata for image in plan.images] == [("N",), ("",)]


def test_so_many_images_of_each_site_are_drawn_and_each_has_its_probability() -> None:
    inventory = with_sites(a="N", b="N", c="N", d="N", e="S", f="", g="")
    plan = compiled(inventory, images=ImageSampling(count=2, by="site", seed=7))
    assert [image.metadata[0] for image in plan.images] == ["N", "N", "S", "", ""]
    assert [image.inclusion for image in plan.images] == [0.5, 0.5, 1.0, 1.0, 1.0]
    assert [(step.step, step.removed, step.left) for step in plan.funnel][-1] == ("sampling.images", 2, 5)
    assert plan.listings == (
        Listing("images whose `site` is not known, drawn from as one more of its values", ("f.jpg", "g.jpg")),
        Listing("values of `site` with fewer than 2 images, of which all are taken", ("S: 1",)),
    )
    assert plan.warnings == ()


def test_where_all_images_are_taken_each_was_certain() -> None:
    assert [image.inclusion for image in compiled(crawled("a", "b")).images] == [1.0, 1.0]


def test_a_plain_sample_has_one_probability_for_all() -> None:
    plan = compiled(crawled("a", "b", "c"), images=ImageSampling(count=2))
    assert [image.inclusion for image in plan.images] == [2 / 3, 2 / 3]


def test_the_images_of_an_earlier_run_are_left_out_by_their_keys() -> None:
    inventory = crawled("a.jpg", "b.jpg", filters=Filters(not_in=("runs/1", "runs/2")))
    taken = {"runs/1": frozenset({"coralnet:3420/1"}), "runs/2": frozenset({"b.jpg"})}
    plan = compile_plan(survey(), inventory, CLASSIFIER, "0" * 64, {}, None, None, taken, allowed=LIMITS)
    assert [image.name for image in plan.images] == ["b.jpg"]
    assert [(step.step, step.removed) for step in plan.funnel] == [("found", 0), ("not_in", 1)]


def test_images_with_one_url_are_listed_unless_they_are_filtered_out() -> None:
    filters = Filters(exclude=("e.jpg",))
    inventory = [*listed("one.csv", "a.jpg", "b.jpg"), *listed("two.csv", "c.jpg", "d.jpg", "e.jpg", filters=filters)]
    inventory += listed("three.csv", *"xyz")
    assert compiled(inventory).listings == (
        Listing(
            "images that have the same url, each of which is classified",
            ("a.jpg = c.jpg = x", "b.jpg = d.jpg = y"),
        ),
    )


def test_names_that_are_nearly_the_same_are_listed() -> None:
    plan = compiled(
        crawled("AMP1.jpg", "AMP1(1).jpg", "amp1.PNG", "b - Copy.jpg", "b.jpg", "b_copy (2).jpg", "c1.jpg", "c2.jpg")
    )
    assert plan.listings == (
        Listing(
            "names that are nearly the same (case, ending or a copy's number)",
            ("AMP1.jpg = AMP1(1).jpg = amp1.PNG", "b - Copy.jpg = b.jpg = b_copy (2).jpg"),
        ),
    )


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (
            ["a.jpg,1,1", "a.jpg,1200,1", "a.jpg,1,1600"],
            "points.csv:3: row 1200 lies outside `a.jpg`, which is 1600 x 1200 pixels: 0 to 1199 are inside; all 3 of "
            "its points would fit counted from 1 instead of 0: take 1 from each row and column",
        ),
        (
            ["a.jpg,1599,7", "a.jpg,1300,1199"],
            "points.csv:2: row 1599 lies outside `a.jpg`, which is 1600 x 1200 pixels: 0 to 1199 are inside; all 2 of "
            "its points would fit on 1200 x 1600 pixels: the same photo turned (EXIF orientation), or rows and columns "
            "swapped",
        ),
    ],
)
def test_points_that_would_fit_otherwise_are_one_problem_that_says_how(points: list[str], said: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        with_points(listed("images.csv", "a.jpg", size=Size(width=1600, height=1200)), points)
    assert told(problem) == [said]
