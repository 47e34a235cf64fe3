"""Files that somebody else wrote, or damaged: each is read or refused in plain words, whatever its bytes."""

from __future__ import annotations

import json
import math
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs, to_builtins

from coralrun.coralnet.account import ledger
from coralrun.coralnet.account.auth import Credentials, Places, find_credentials
from coralrun.coralnet.codec import wire
from coralrun.errors import CoralrunError, CredentialsError, InvalidInput, RunDamaged, UsageError
from coralrun.files.sealed import seal
from coralrun.planning import analysis_codec, codec
from coralrun.planning.codec import PlanFiles
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Analysis, Classifier, FunnelStep, Plan
from coralrun.planning.points_table import PointsTable
from coralrun.sources import points_file
from coralrun.sources.amounts_file import read_areas
from coralrun.sources.manifest import read_manifest
from coralrun.sources.metadata_file import read_metadata
from coralrun.sources.names_file import read_names
from coralrun.spec.model import CoverOptions, Design, Metadata
from coralrun.spec.point_design import AnnotationArea, AreaUnit, Method, PointDesign
from coralrun.spec.template import BadTemplate, template_of
from coralrun.store import journal, run, snapshot
from coralrun.store.files import Disk
from coralrun.store.journal import Position
from coralrun.store.layout import Layout
from coralrun.values.ids import sha256_hex

T = TypeVar("T")
NOW_S = 1_795_364_610.0
bounded = settings(
    max_examples=120,
    deadline=timedelta(seconds=5),
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-1, 2**63, 10**30, 1e308, "nan", "-inf", "", "../../x", "/etc/x", "NUL", "x" * 300, "\ud800"])
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
DEEP = b"[" * 100_000


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values below this one."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for step, child in steps for found in [(*path, step), *places(child, (*path, step))]]


def changed(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """A copy with another value at this path."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: changed(child, path[1:], new) if key == path[0] else child for key, child in value.items()}
    return [changed(child, path[1:], new) if index == path[0] else child for index, child in enumerate(value)]


def read_or(refusals: type[CoralrunError] | tuple[type[CoralrunError], ...], read: Callable[[], T]) -> T | None:
    """What was read; None where it was refused by one of these, in words."""
    try:
        return read()
    except refusals as error:
        assert error.message
        assert error.remedy
        assert len(error.message) < 20_000
        return None


def read_points(label: str, data: bytes) -> PointsTable:
    return points_file.read_points(label, {label: data})


csv_bytes = st.binary(max_size=200) | st.lists(
    st.sampled_from(
        [*"\r\n,\"';\t =+-@é\0", "\r\n", "name", "url", "row", "column", "width", "1", "https://a.test/b", "\ufeff"]
    ),
    max_size=50,
).map(lambda parts: "".join(parts).encode())


def read_some_areas(label: str, data: bytes) -> object:
    return read_areas(label, data, "row", Metadata())


@bounded
@given(csv_bytes, st.sampled_from(["", "name,url\n", "name,url,width,height\n", "Name,Row,Column\n"]))
def test_any_table_is_read_or_refused(data: bytes, header: str) -> None:
    for read in (read_manifest, read_points, read_names, read_metadata, read_some_areas):
        read_or(InvalidInput, lambda read=read: read("table.csv", header.encode() + data))  # type: ignore[misc]


def test_many_columns_are_told_apart_in_one_pass() -> None:
    columns = [f"field {number}" for number in range(100_000)]
    table = read_metadata("table.csv", ("name," + ",".join(columns) + "\na.jpg\n").encode())
    assert len(table.fields) == len(table.rows["a.jpg"]) == 100_000


@pytest.mark.parametrize("read", [read_manifest, read_points, read_metadata])
@pytest.mark.parametrize(
    "data",
    [b"name,url,row,column\n" + b'"' + b"x" * 1_000_000, b"name,url,row,column\n" + b"a" * 1_000_000, b"," * 1_000_000],
    ids=["an open quote", "one long cell", "a million columns"],
)
def test_a_strange_table_is_refused_without_much_memory(read: Callable[[str, bytes], object], data: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput):
            read("table.csv", data)
        assert tracemalloc.get_traced_memory()[1] < 200 * 1024 * 1024
    finally:
        tracemalloc.stop()


RECORD = {
    "format": ledger.FORMAT,
    "version": ledger.VERSION,
    "quiet_until": NOW_S,
    "blocks": [
        {"owner": "a", "number": 1, "size": 20, "until": NOW_S, "replies": None},
        {"owner": "b", "number": 0, "size": 0, "until": 0.0, "replies": [NOW_S, NOW_S - 5]},
    ],
}


@bounded
@given(st.sampled_from(places(RECORD)), junk)
def test_a_record_with_one_value_replaced_is_read_or_not_and_written_again(path: tuple[Any, ...], new: object) -> None:
    read = ledger.decode(json.dumps(changed(RECORD, path, new)).encode("ascii"), NOW_S)
    if read is not None:
        assert math.isfinite(read.quiet_until)
        assert read.wait_s(NOW_S, 1) <= ledger.LONGEST_S + ledger.BLOCK_USE_S + ledger.REPLY_S
        assert ledger.decode(ledger.encode(read.shifted(5.0)), NOW_S) is not None


@pytest.mark.parametrize("moment", ["nan", "inf", True, None, "5"])
def test_a_record_of_requests_with_a_time_that_is_none_is_unreadable(moment: object) -> None:
    for path in (("quiet_until",), ("blocks", 0, "until"), ("blocks", 1, "replies", 0)):
        assert ledger.decode(json.dumps(changed(RECORD, path, moment)).encode(), NOW_S) is None


def test_a_record_of_requests_that_is_too_long_is_unreadable() -> None:
    long = {**RECORD, "blocks": RECORD["blocks"] * 10_000}  # type: ignore[operator]
    assert len(data := json.dumps(long).encode()) > ledger.MOST_BYTES
    assert ledger.decode(data, NOW_S) is None


@bounded
@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_of_requests_or_not(data: bytes) -> None:
    assert ledger.decode(data, NOW_S) is None


@bounded
@given(st.binary(max_size=60) | st.text(alphabet="username= pasword:tken#\n\r\0é", max_size=60).map(str.encode))
def test_any_file_of_credentials_is_read_or_refused_without_being_quoted(tmp_path: Path, data: bytes) -> None:
    secret = b"Zq9xVw7"
    for name in ("file", "netrc"):
        path = tmp_path / name
        path.write_bytes(data + b"\npassword " + secret)
        path.chmod(0o600)
        places_of = Places(environ={}, use_keyring=False, **{name: path})  # type: ignore[arg-type]
        try:
            found = find_credentials("https://coralnet.ucsd.edu", places_of)
        except CredentialsError as error:
            assert secret.decode() not in error.message + error.remedy
        else:
            assert isinstance(found, Credentials)


IDENTITY = run.Identity(
    run="0123456789",
    name="moorea",
    created_at="2026-01-01T00:00:00Z",
    coralrun="1",
    python="3.11.0",
    service="https://coralnet.example",
    account="ann",
    survey_file="survey.yaml",
)


def identity_of(folder: Path, data: bytes) -> run.Identity | None:
    (folder / "run.json").write_bytes(data)
    return read_or(RunDamaged, lambda: run.read_identity(Layout(folder), Disk()))


@bounded
@given(st.sampled_from(IDENTITY.__struct_fields__), junk)
def test_a_runs_identity_with_one_value_replaced_is_read_or_damaged(tmp_path: Path, key: str, new: object) -> None:
    body = {**to_builtins(IDENTITY), key: new}
    identity = identity_of(tmp_path, seal(json.dumps(body).encode()))
    if identity is not None:
        assert structs.replace(identity, **{key: getattr(IDENTITY, key)}) == IDENTITY


@bounded
@given(st.binary(max_size=100))
def test_any_bytes_are_no_identity_of_a_run(tmp_path: Path, data: bytes) -> None:
    assert identity_of(tmp_path, data) is None


def test_deep_nesting_is_damage_and_not_the_end_of_the_stack(tmp_path: Path) -> None:
    assert identity_of(tmp_path, DEEP) is None
    assert read_or(RunDamaged, lambda: snapshot.decode(DEEP, name="s")) is None
    assert read_or(RunDamaged, lambda: journal.decode(DEEP + b"\n", after=Position(), name="j")) is None
    assert read_or(InvalidInput, lambda: codec.decode_single("p", DEEP)) is None
    for decode in (wire.decode_listing, wire.decode_result, wire.decode_errors, wire.decode_token):
        with pytest.raises(wire.NotUnderstood):
            decode(DEEP)


PLAN = Plan(
    name="moorea",
    service="https://coralnet.ucsd.edu",
    survey_digest="0" * 64,
    classifier=Classifier(id="41004", source=3420, accuracy=83, date="Nov. 22, 2026", images=120),
    images=tuple(
        PlannedImage(
            key=f"{n}.jpg", source="manifest:a.csv", name=f"{n}.jpg", points=200, url=f"https://a.test/{n}", size=size
        )
        for n, size in enumerate([Size(40, 30), None])
    ),
    design=PointDesign(
        method=Method.STRATIFIED_RANDOM,
        cell_rows=10,
        cell_columns=20,
        annotation_area=AnnotationArea(unit=AreaUnit.PERCENT, x=(5, 95), y=(5, 95)),
        seed=42,
    ),
    funnel=(FunnelStep(source="manifest:a.csv", step="found", removed=0, left=2),),
    batch_size=100,
    concurrency=5,
    attempts=3,
    points_per_entry=200,
)
FILES = codec.encode(PLAN)
HEADER: dict[str, Any] = json.loads(FILES.header)
IMAGE: dict[str, Any] = json.loads(FILES.images.split(b"\n")[0])


def forged(header: dict[str, Any], images: bytes = FILES.images) -> bytes:
    """A plan that somebody wrote with all hashes right."""
    return seal(as_json({key: value for key, value in header.items() if key != "sha256"})) + images


def as_json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="surrogatepass")


def test_a_plan_with_all_hashes_right_is_read() -> None:
    assert codec.decode_single("p", forged(HEADER)) == PLAN
    by_number = replace(PLAN, classifier=Classifier(id="7"))
    assert codec.decode_single("p", codec.encode_single(by_number)) == by_number


HEADER_PLACES = [path for path in places(HEADER) if path[0] not in ("format", "version", "sha256")]


@bounded
@given(st.sampled_from(HEADER_PLACES), junk)
def test_a_plan_with_one_value_forged_is_read_or_refused(path: tuple[Any, ...], new: object) -> None:
    data = forged(changed(HEADER, path, new))
    plan = read_or((InvalidInput, UsageError), lambda: codec.decode_single("p", data))
    if plan is not None:
        assert all(type(getattr(plan, name)) is str for name in ("name", "service", "survey_digest", "directory"))
        assert "/" not in plan.name
        assert plan.name not in ("", ".", "..")
        assert type(plan.batch_size) is int
        assert read_or((InvalidInput, UsageError), lambda: codec.encode(plan)) is not None


@bounded
@given(st.sampled_from(sorted(IMAGE)), junk)
def test_a_plan_with_one_image_forged_is_read_or_refused(key: str, new: object) -> None:
    lines = as_json({**IMAGE, key: new}) + b"\n" + FILES.images.split(b"\n", 1)[1]
    header = changed(HEADER, ("images", "sha256"), sha256_hex(lines))
    plan = read_or((InvalidInput, UsageError), lambda: codec.decode_single("p", forged(header, lines)))
    if plan is not None:
        image = plan.images[0]
        assert all(type(text) is str for text in (image.key, image.source, image.name))
        assert type(image.points) is int
        assert image.points > 0


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/x", "..", ".", "a/b", "a\\b", "", "x" * 300, "NUL\0", "C:x", ".hidden"]
)
def test_a_plan_cannot_name_a_place_outside_the_folder_of_runs(name: str) -> None:
    with pytest.raises(InvalidInput):
        codec.decode_single("p", codec.encode_single(replace(PLAN, name=name)))


@bounded
@given(st.binary(max_size=200), st.integers(min_value=0, max_value=3))
def test_any_bytes_behind_a_plans_header_are_refused(data: bytes, keep: int) -> None:
    kept = b"".join(line + b"\n" for line in FILES.images.split(b"\n")[:keep])
    files = PlanFiles(FILES.header, kept + data, None)
    if files.images != FILES.images:
        assert read_or(RunDamaged, lambda: codec.decode(files)) is None


ANALYSIS = json.loads(
    analysis_codec.encode(
        Analysis(
            design=Design(unit="site", levels=("site",), strata_field="depth", areas="areas.csv"),
            cover=CoverOptions(unusable=("SHAD",), min_usable_points=0.5, min_confidence=0.5, diversity=True),
            areas={"deep": 1.5},
        ),
        ("csv",),
    )
)


@bounded
@given(st.sampled_from(places(ANALYSIS)), junk)
def test_an_analysis_with_one_value_forged_is_read_or_refused(path: tuple[Any, ...], new: object) -> None:
    fields = changed(ANALYSIS, path, new)
    if isinstance(fields, dict):
        fields.pop("sha256", None)
    read_or(RunDamaged, lambda: analysis_codec.decode("analysis.json", seal(as_json(fields))))


@bounded
@given(st.binary(max_size=200))
def test_any_bytes_are_no_analysis(data: bytes) -> None:
    assert read_or(RunDamaged, lambda: analysis_codec.decode("analysis.json", data)) is None


@bounded
@given(st.text(alphabet="ab{}:%Ymd_.-é\n", max_size=40), st.text(max_size=60))
def test_any_text_is_a_template_or_is_refused_in_words_and_reads_any_name(text: str, name: str) -> None:
    try:
        template = template_of(text)
    except BadTemplate as error:
        assert str(error)
        return
    values = template.read(name)
    assert values is None or len(values) == len(template.fields)
