"""The plan as bytes: there and back, and every change found."""

from __future__ import annotations

import dataclasses
import json
import re
from array import array
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec import structs

from coralrun.errors import InvalidInput, RunDamaged, UsageError
from coralrun.files.sealed import seal
from coralrun.planning.codec import PlanFiles, decode, decode_single, digest, encode, encode_single, sniff
from coralrun.planning.images import Extent, PlannedImage, Point, Size
from coralrun.planning.model import Analysis, Bucket, Classifier, FunnelStep, Plan
from coralrun.planning.points_table import PackedPoints, PointsTable
from coralrun.spec.model import CoverOptions, Design
from coralrun.spec.point_design import AnnotationArea, AreaUnit, Method, PointDesign
from coralrun.values.ids import sha256_hex

SCHEMA = json.loads((Path(__file__).resolve().parents[3] / "schemas" / "plan.v1.json").read_bytes())
ODD_NAMES = ('a "b", c.jpg', "=1+1.jpg", "a#b.jpg", "../up.jpg", "two\nlines.jpg", "🐠\u2028\x85.jpg", "\x7f\x08.jpg")


def whole(message: str) -> str:
    """A pattern that matches this message and no longer one."""
    return rf"\A{re.escape(message)}\Z"


def planned(count: int = 7) -> Plan:
    return Plan(
        name="moorea",
        service="https://coralnet.ucsd.edu",
        survey_digest="0" * 64,
        classifier=Classifier(id="41004", source=3420, accuracy=83, date="Nov. 22, 2026", images=120),
        images=tuple(
            PlannedImage(
                key=f"{index}/{ODD_NAMES[index % 7]}",
                source="manifest:images.csv",
                name=ODD_NAMES[index % 7],
                points=200,
                url=f"https://reef.example/{index}.jpg",
                size=Size(4000, 3000) if index % 2 else None,
                area=AnnotationArea(unit=AreaUnit.PIXELS, x=(1, 90), y=(2, 80)) if index % 3 else None,
            )
            for index in range(count)
        ),
        design=PointDesign(
            method=Method.STRATIFIED_RANDOM,
            cell_rows=10,
            cell_columns=20,
            annotation_area=AnnotationArea(unit=AreaUnit.PERCENT, x=(5, 95), y=(5.5, 95)),
            seed=42,
        ),
        funnel=(FunnelStep(source="manifest:images.csv", step="found", removed=0, left=count),),
        not_found=("gone.jpg",),
        warnings=("a warning",),
        batch_size=100,
        concurrency=5,
        attempts=3,
        points_per_entry=200,
    )


def with_points() -> Plan:
    plan = planned(3)
    packed = {
        image.key: PackedPoints(array("i", [1, 2, 2]), array("i", [3, index, index]), array("i", [2, 3, 4]))
        for index, image in enumerate(plan.images)
    }
    images = tuple(structs.replace(image, points=3) for image in plan.images)
    return dataclasses.replace(plan, images=images, design=None, file_points=PointsTable("points.csv", packed))


def of_earlier_photos() -> Plan:
    plan = with_points()
    extents = dict.fromkeys([image.key for image in plan.images[1:]], Extent(4000, 3000, whole_parts=True, exact=True))
    packed = {
        key: PackedPoints(array("i", [1, 2, 2]), array("i", [3, 1, 1]), array("i", [0, 0, 0]), extents.get(key))
        for key in plan.file_points
    }
    return dataclasses.replace(plan, file_points=PointsTable("runs/2023", packed), extents=extents)


def with_metadata() -> Plan:
    plan = planned(3)
    images = tuple(
        structs.replace(image, metadata=(f"site {index % 2}", "", ODD_NAMES[index]), inclusion=1 / 3)
        for index, image in enumerate(plan.images)
    )
    return dataclasses.replace(plan, images=images, fields=("Site", "depth", "note"))


def of_buckets() -> Plan:
    plan = planned(2)
    labels = ("bucket:s3://reef/2024/", "bucket:s3://reef.archive/")
    images = tuple(
        structs.replace(image, source=label, url=None, size=None)
        for image, label in zip(plan.images, labels, strict=True)
    )
    buckets = {
        labels[0]: Bucket(name="reef", prefix="2024/", endpoint=None, region="eu-central-1"),
        labels[1]: Bucket(name="reef.archive", prefix="", endpoint="http://127.0.0.1:9000/s3", region="us-east-1"),
    }
    return dataclasses.replace(plan, images=images, buckets=buckets)


ANALYSIS = Analysis(
    design=Design(unit="Site", levels=("Site", "image"), strata_field="depth", areas="areas.csv"),
    cover=CoverOptions(groups="g.yaml", unusable=("SHAD", "23"), min_usable_points=0.8, min_confidence=0.5),
    areas={"deep": 2.5, "shallow": 4},
)
PLANS = [
    planned(2),
    with_points(),
    of_earlier_photos(),
    with_metadata(),
    of_buckets(),
    dataclasses.replace(planned(1), analysis=ANALYSIS),
]
KINDS = ["design", "points file", "earlier photos", "metadata", "buckets", "analysis"]


def test_how_a_run_is_read_is_part_of_a_plan_in_one_file_and_of_no_run_directory() -> None:
    plan = dataclasses.replace(planned(2), analysis=ANALYSIS)
    assert decode_single("saved.plan", encode_single(plan)) == plan
    assert encode(plan) == encode(planned(2))
    assert decode(encode(plan)).analysis == Analysis()


def test_an_image_must_have_as_many_values_as_the_plan_has_fields() -> None:
    plan = dataclasses.replace(with_metadata(), fields=("Site", "depth"))
    with pytest.raises(RunDamaged, match=whole("images.jsonl:1: the line is not an image of a plan")):
        decode(encode(plan))


@pytest.mark.parametrize("inclusion", [0.0, -0.5, 1.5, "1"])
def test_an_inclusion_that_is_no_probability_is_refused(inclusion: Any) -> None:
    plan = planned(1)
    wrong = dataclasses.replace(plan, images=(structs.replace(plan.images[0], inclusion=inclusion),))
    with pytest.raises(RunDamaged, match=whole("images.jsonl:1: the line is not an image of a plan")):
        decode(encode(wrong))


@pytest.mark.parametrize("plan", PLANS, ids=KINDS)
def test_a_plan_comes_back_as_it_was_from_three_files_and_from_one(plan: Plan) -> None:
    assert decode(encode(plan)) == dataclasses.replace(plan, analysis=Analysis())
    assert decode_single("saved.plan", encode_single(plan)) == plan


def test_points_come_back_in_their_order_with_repeats() -> None:
    plan = decode(encode(with_points()))
    assert plan.file_points[plan.images[1].key] == (Point(1, 3), Point(2, 1), Point(2, 1))


def test_half_a_character_in_a_name_is_an_error_that_shows_it() -> None:
    with pytest.raises(UsageError, match=r"holds half a character: .*gone .ud800"):
        encode(dataclasses.replace(planned(1), not_found=("gone \ud800",)))


def test_an_image_is_one_line_whatever_its_name() -> None:
    files = encode(planned())
    assert files.images.count(b"\n") == 7
    assert files.points is None
    assert [json.loads(line)["name"] for line in files.images.split(b"\n")[:-1]] == list(ODD_NAMES)


@pytest.mark.parametrize("plan", PLANS, ids=KINDS)
def test_what_is_written_agrees_with_its_schema(plan: Plan) -> None:
    files = encode(plan)
    checker = jsonschema.Draft202012Validator(SCHEMA)
    checker.check_schema(SCHEMA)
    checker.validate(json.loads(files.header))
    checker.validate(json.loads(encode_single(plan).partition(b"\n")[0]))
    for part, name in ((files.images, "PlannedImage"), (files.points or b"", "PointsLine")):
        line_checker = checker.evolve(schema={"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})
        for line in part.split(b"\n")[:-1]:
            line_checker.validate(json.loads(line))


def test_equal_plans_have_equal_digests_and_others_do_not() -> None:
    files = encode(planned())
    assert digest(files) == digest(encode(planned()))
    assert digest(files) != digest(encode(dataclasses.replace(planned(), attempts=4)))
    assert digest(files) != digest(encode(planned(6)))


def test_a_saved_plan_is_told_from_a_survey_by_its_first_bytes() -> None:
    assert sniff(encode_single(planned())[:100])
    assert not sniff(b"version: 1\nname: moorea\n")
    assert not sniff(b'{"version": 1, "name": "coralrun.plan"}')
    assert not sniff(b"")


@pytest.mark.parametrize("plan", PLANS, ids=KINDS)
def test_any_flipped_byte_is_found(plan: Plan) -> None:
    data = encode_single(plan)
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises((InvalidInput, UsageError)):
            decode_single("saved.plan", changed)


@pytest.mark.parametrize("plan", [planned(2), with_points()], ids=["design", "points file"])
def test_a_plan_cut_short_anywhere_is_found(plan: Plan) -> None:
    data = encode_single(plan)
    for end in range(len(data)):
        with pytest.raises(InvalidInput):
            decode_single("saved.plan", data[:end])


def test_a_line_that_cannot_be_read_is_named_by_file_and_line() -> None:
    files = encode(planned())
    lines = files.images.split(b"\n")
    lines[3] = lines[3][:-5]
    broken = b"\n".join(lines)
    with pytest.raises(RunDamaged, match=whole("images.jsonl:4: the line cannot be read")):
        decode(dataclasses.replace(files, images=broken))
    with pytest.raises(InvalidInput, match=whole("saved.plan:5: the line cannot be read")):
        decode_single("saved.plan", files.header + broken)


def test_a_line_that_was_changed_is_found_though_it_can_be_read() -> None:
    said = "images.jsonl: the lines are not those that were written: their SHA-256 differs"
    files = encode(planned())
    with pytest.raises(RunDamaged, match=whole(said)):
        decode(dataclasses.replace(files, images=files.images.replace(b"4000", b"4001", 1)))


def test_a_header_that_was_changed_is_found() -> None:
    files = encode(planned())
    with pytest.raises(RunDamaged, match=whole("plan.json:1: the header was changed after it was written")):
        decode(dataclasses.replace(files, header=files.header.replace(b'"attempts":3', b'"attempts":9')))


def test_points_that_are_missing_or_do_not_belong_are_found() -> None:
    said = "points.jsonl: the points are there, but the points of this plan come from a design"
    files = encode(with_points())
    with pytest.raises(RunDamaged, match=whole("points.jsonl: the points are missing")):
        decode(dataclasses.replace(files, points=None))
    with pytest.raises(
        RunDamaged,
        match=whole(said),
    ):
        decode(dataclasses.replace(encode(planned()), points=files.points))


def test_a_size_of_earlier_photos_of_the_wrong_kind_is_found_though_its_hash_fits() -> None:
    files = encode(of_earlier_photos())
    assert files.points is not None
    forged = files.points.replace(b"true,true", b'true,"ja"')
    shown = {**json.loads(files.header)["points"], "sha256": sha256_hex(forged)}
    with pytest.raises(RunDamaged, match=whole("points.jsonl:2: the line is not the points of an image")):
        decode(with_header(dataclasses.replace(files, points=forged), points=shown))


def with_header(files: PlanFiles, **changes: Any) -> PlanFiles:
    fields = {**json.loads(files.header), **changes}
    del fields["sha256"]
    return dataclasses.replace(files, header=seal(json.dumps(fields, separators=(",", ":")).encode()))


def test_a_plan_of_a_newer_version_is_refused_by_name() -> None:
    newer = with_header(encode(planned()), version=2)
    with pytest.raises(UsageError, match=whole("this plan has format version 2; this coralrun reads up to version 1")):
        decode(newer)


@pytest.mark.parametrize(
    "changes", [{"classifier": {"number": 1}}, {"attempts": 0}, {"design": {}}, {"funnel": 3}, {"images": None}]
)
def test_a_header_of_the_wrong_kind_is_an_error_and_no_traceback(changes: dict[str, Any]) -> None:
    with pytest.raises(RunDamaged, match=whole("plan.json:1: a field of the plan is missing or of the wrong kind")):
        decode(with_header(encode(planned()), **changes))
    with pytest.raises(InvalidInput, match=whole("saved.plan:1: a field of the plan is missing or of the wrong kind")):
        decode_single("saved.plan", with_header(encode(planned()), **changes).header + encode(planned()).images)


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://storage.example.org"},
        {"endpoint": "https://storage.example.org?x="},
        {"endpoint": "file:///etc"},
        {"endpoint": 1},
        {"name": "../reef"},
        {"region": "eu.evil.example/"},
        {"prefix": None},
        {"secret": "x"},
        {"region": "eu-1\n"},
    ],
)
def test_a_bucket_that_no_survey_may_name_is_refused(change: dict[str, Any]) -> None:
    fine = {"name": "reef", "prefix": "2024/", "endpoint": "https://storage.example.org:9000/s3", "region": "eu-1"}
    files = encode(dataclasses.replace(planned(), buckets={"bucket:a": Bucket(**fine)}))
    assert decode(files).buckets == {"bucket:a": Bucket(**fine)}
    with pytest.raises(RunDamaged, match=whole("plan.json:1: a field of the plan is missing or of the wrong kind")):
        decode(with_header(files, buckets={"bucket:a": fine | change}))


def test_other_files_are_not_taken_for_a_plan() -> None:
    for data in (b"", b"version: 1", b"\xff\xfe"):
        with pytest.raises(InvalidInput, match=whole("saved.plan:1: the header cannot be read")):
            decode_single("saved.plan", data)
    said = "saved.plan:1: this is not a plan: `format` is not `coralrun.plan`"
    for data in (b"[]", b"{}", b'{"format":"coralrun.run"}'):
        with pytest.raises(InvalidInput, match=whole(said)):
            decode_single("saved.plan", data)


def test_a_plan_of_fifteen_thousand_images_comes_back_as_it_was() -> None:
    plan = planned(15_695)
    assert decode(encode(plan)) == plan
