"""A sound run is found sound and left alone; whatever was changed in it is found and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate
from tests.unit.results.finished_runs import Photo, finished_run, sure
from typer.testing import CliRunner

from coralrun.app.answers import provenance
from coralrun.app.answers.outputs import write_tables
from coralrun.app.answers.verify import verify
from coralrun.app.reviewing import review, review_import
from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.cli.main import app
from coralrun.clock import SystemClock
from coralrun.errors import RunDamaged
from coralrun.planning.model import Analysis, Classifier
from coralrun.provenance.crate import read_crate
from coralrun.review.drawing import SampleRequest
from coralrun.spec.model import Design
from coralrun.values.ids import digest_of

ROOT = Path(__file__).parents[4]


@pytest.fixture
def run(tmp_path: Path) -> OpenRun:
    """Two sites with two photos each, one of which failed."""
    photos = [
        Photo("a.jpg", sure(["Coral", "Sand", "Sand"]), ("north",)),
        Photo("b.jpg", sure(["Coral", "Coral", "Sand"]), ("north",)),
        Photo("c.jpg", sure(["Sand", "Sand", "Sand"]), ("south",)),
        Photo("lost.jpg", None, ("south",)),
    ]
    made = finished_run(tmp_path / "reef", photos, fields=("site",), analysis=Analysis(design=Design(unit="site")))
    made = replace(made, plan=replace(made.plan, formats=("csv", "parquet")))
    write_tables(made)
    return made


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_sound_run_is_found_sound_and_nothing_of_it_is_changed(run: OpenRun) -> None:
    before = contents(run.layout.root)

    found = verify(run)

    assert (found.damage, found.notes) == ((), ())
    assert found.finished
    assert (found.account.predicted, found.account.failed) == (9, 1)
    assert found.replies >= 1
    assert found.rebuilt == len([name for name in before if name.startswith("outputs/")]) >= 7
    assert contents(run.layout.root) == before


def test_writing_the_tables_again_gives_the_same_provenance(run: OpenRun) -> None:
    before = contents(run.layout.root)
    write_tables(run)
    assert contents(run.layout.root) == before


@pytest.mark.parametrize(
    "name", ["outputs/predictions.csv", "outputs/jobs.csv", "plans/001/analysis.json", "plans/001/plan.json"]
)
def test_a_flipped_byte_in_a_file_is_found(run: OpenRun, name: str) -> None:
    path = run.layout.root / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))

    assert f"{path}: it is not the file that was written" in verify(run).damage


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"), "is not the one that was stored"),
    ],
    ids=["removed", "changed"],
)
def test_a_reply_that_is_not_the_one_that_was_stored_is_found(
    run: OpenRun, harm: Callable[[Path], None], told: str
) -> None:
    for path in list(run.layout.results.iterdir()):
        whole = path.read_bytes()
        harm(path)
        assert any(told in damage and path.name in damage for damage in verify(run).damage)
        path.write_bytes(whole)


def test_points_of_another_result_are_found_and_missing_ones_left_missing(run: OpenRun) -> None:
    path = run.layout.segment(1, 1)
    path.write_bytes(path.read_bytes()[:-1])
    assert verify(run).damage == (f"{path}: the points of batch 1 are not those of its result",)
    path.unlink()
    assert verify(run).damage == ()
    assert not path.exists()


def test_a_table_that_was_removed_or_added_is_found(run: OpenRun) -> None:
    (run.layout.outputs / "failures.csv").unlink()
    assert verify(run).damage == (f"{run.layout.outputs / 'failures.csv'}: missing",)
    write_tables(run)

    (run.layout.outputs / "mine.csv").write_text("x\n")
    assert f"{run.layout.outputs / 'mine.csv'}: made once more, it is another file" in verify(run).damage


def test_a_table_that_was_changed_together_with_its_checksum_is_found(run: OpenRun) -> None:
    path = run.layout.outputs / "predictions.csv"
    path.write_bytes(path.read_bytes().replace(b"Coral", b"Sand", 1))
    made = provenance.crate_of(run, {})
    run.layout.crate.write_bytes(made)

    assert verify(run).damage == (f"{path}: made once more, it is another file",)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"@graph": [{"@type": "File", "sha256": "0"}]}', b'{"@graph": 7}'])
def test_a_provenance_that_cannot_be_read_is_damage(run: OpenRun, data: bytes) -> None:
    run.layout.crate.write_bytes(data)
    (told,) = verify(run).damage
    assert told.startswith(f"{run.layout.crate}: damaged")


def test_a_provenance_that_was_removed_is_damage(run: OpenRun) -> None:
    run.layout.crate.unlink()
    assert verify(run).damage == (f"{run.layout.crate}: missing",)


def test_a_provenance_that_names_files_outside_the_run_is_damage(run: OpenRun) -> None:
    crate = json.loads(run.layout.crate.read_bytes())
    crate["@graph"].append({"@id": "x", "@type": "File", "name": "../../secret", "sha256": "0"})
    run.layout.crate.write_bytes(json.dumps(crate).encode())
    assert f"{run.layout.crate}: names a file outside the run: ../../secret" in verify(run).damage


def test_tables_that_other_software_wrote_are_compared_and_it_is_said(
    run: OpenRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = {**provenance.software(), "coralrun": "0.0.1"}
    monkeypatch.setattr("coralrun.app.answers.verify.software", lambda: here)
    found = verify(run)
    assert found.damage == ()
    assert any("were written with other software: coralrun" in note for note in found.notes)


def test_a_script_that_is_shipped_otherwise_now_is_no_damage(run: OpenRun, monkeypatch: pytest.MonkeyPatch) -> None:
    script = run.layout.outputs / "cover.R"
    monkeypatch.setattr("coralrun.cover.tables.r_script", lambda: script.read_bytes() + b"# better\n")
    found = verify(run)
    assert found.damage == ()
    assert f"{script}: as it was written; this coralrun ships another one" in found.notes

    script.write_bytes(script.read_bytes().replace(b"cover", b"caver", 1))
    assert verify(run).damage == (f"{script}: it is not the file that was written",)


def test_notes_in_the_words_of_another_version_are_no_damage(run: OpenRun, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = run.layout.outputs / "cover_notes.txt"
    monkeypatch.setattr("coralrun.cover.tables.notes", lambda texts: [b"In other words.\n"])
    assert verify(run).damage == (f"{notes}: made once more, it is another file",)
    later = {**provenance.software(), "coralrun": "9.0"}
    monkeypatch.setattr("coralrun.app.answers.verify.software", lambda: later)
    found = verify(run)
    assert found.damage == ()
    assert f"{notes}: other words, as other versions of coralrun write them" in found.notes


def test_a_later_review_is_no_damage_and_an_edited_one_is(run: OpenRun, tmp_path: Path) -> None:
    review.draw(run, SampleRequest(sample="2"), SystemClock())
    assert verify(run).damage == ()
    (tmp_path / "filled.csv").write_text(
        "name,row,column,label_code,annotator\na.jpg,7,1,Coral,Ann\n", encoding="utf-8"
    )
    review_import.take(run, tmp_path / "filled.csv", SystemClock())
    assert verify(run).damage == ()

    (path,) = run.layout.reviews.glob("drawn-*.csv")
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))

    assert any("drawn-1.csv" in damage for damage in verify(run).damage)


def test_a_run_without_its_tables_is_told_how_to_have_them(run: OpenRun) -> None:
    (run.layout.outputs / "jobs.csv").unlink()
    assert verify(run).notes == (f"the tables are not written yet: coralrun resume {run.layout.root} writes them",)


def test_damage_that_a_run_finds_by_itself_ends_the_verification(run: OpenRun) -> None:
    path = next(run.layout.state.glob("journal-*.jsonl"))
    path.write_bytes(path.read_bytes().replace(b'"n":2', b'"n":3', 1))
    with pytest.raises(RunDamaged):
        verify(open_run(run.layout.root))


def test_the_provenance_is_an_ro_crate_that_others_read_and_names_every_file(run: OpenRun) -> None:
    crate = ROCrate(run.layout.root)

    assert crate.version == "1.1"
    root = crate.root_dataset
    assert root["name"] == run.identity.name
    assert root["datePublished"] == run.state.finished_at
    assert root["license"]
    files = {entity["name"]: entity for entity in crate.data_entities}
    outputs = {name for name in contents(run.layout.root) if name.startswith(("outputs/", "results/"))}
    assert outputs <= set(files)
    assert all((run.layout.root / name).is_file() for name in files)
    classifying = crate.dereference("#classifying")
    assert {part.id for part in classifying["instrument"]} == {"#coralrun-that-classified", "#service", "#classifier"}
    values = {value["name"]: value["value"] for value in classifying["additionalProperty"]}
    assert values["points predicted"] == 9
    assert values["survey SHA-256"] == run.plan.survey_digest
    assert crate.dereference("#Python")["softwareVersion"]


def properties(crate: ROCrate, entity: str) -> dict[str, object]:
    """What stands beside an entity as properties, by name."""
    found = crate.dereference(entity)["additionalProperty"]
    return {value["name"]: value["value"] for value in (found if isinstance(found, list) else [found])}


def test_the_provenance_states_classifier_and_service_and_what_is_unknown(run: OpenRun, tmp_path: Path) -> None:
    crate = ROCrate(run.layout.root)
    assert properties(crate, "#classifier") == {
        "classifier source": 1,
        "classifier date": "not known",
        "classifier accuracy": 80,
        "classifier images": "not known",
    }
    assert crate.dereference("#classifier-accuracy")["unitText"] == "percent"
    unknown = {"service version": "not known: the service does not announce its version"}
    assert properties(crate, "#service") == unknown

    picked = Classifier(id="7", source=3, accuracy=71, date="2025-02-03", images=1200)
    photos = [Photo("a.jpg", sure(["Coral"]))]
    drawn = finished_run(tmp_path / "drawn", photos, classifier=picked, service="emulator")
    crate = ROCrate(drawn.layout.root)
    assert list(properties(crate, "#classifier").values()) == [3, "2025-02-03", 71, 1200]
    assert properties(crate, "#service") == {"service version": f"coralrun {drawn.identity.coralrun}"}


def test_the_provenance_tells_who_classified_from_who_wrote_the_tables(
    run: OpenRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = {**provenance.software(), "coralrun": "99.0"}
    monkeypatch.setattr("coralrun.app.answers.provenance.software", lambda: here)
    write_tables(run)
    crate = ROCrate(run.layout.root)

    classifying, reading = crate.dereference("#classifying"), crate.dereference("#reading")
    (classified_by,) = (part for part in classifying["instrument"] if part.id == "#coralrun-that-classified")
    assert classified_by["softwareVersion"] == run.identity.coralrun != "99.0"
    assert reading["instrument"]["softwareVersion"] == "99.0"
    assert read_crate(run.layout.crate.read_bytes()).software == here
    assert verify(run).damage == ()


def test_the_provenance_says_how_images_were_drawn(run: OpenRun) -> None:
    survey = {"sampling": {"images": {"count": 200, "seed": 7}}, "outputs": {}}
    run.folder.survey.write_text(json.dumps(survey), encoding="utf-8")
    run = replace(run, plan=replace(run.plan, survey_digest=digest_of(survey)))
    write_tables(run)
    graph = json.loads(run.layout.crate.read_bytes())["@graph"]
    drawn = {entity["name"]: entity["value"] for entity in graph if entity["@id"].startswith("#images-drawn")}
    assert drawn == {"images drawn: count": 200, "images drawn: seed": 7}
    for damaged in ("[]", json.dumps(survey).replace("200", "300")):
        run.folder.survey.write_text(damaged)
        with pytest.raises(RunDamaged, match=r"survey\.json: damaged"):
            write_tables(run)


def test_the_command_ends_with_8_where_there_is_damage(run: OpenRun) -> None:
    root = str(run.layout.root)
    write_tables(open_run(run.layout.root))  # as its files say: without Parquet
    sound = CliRunner().invoke(app, ["verify", root])
    assert (sound.exit_code, sound.stdout.splitlines()[0]) == (0, f"{root}: sound")
    assert "  points   10 in = 9 predicted + 1 failed + 0 skipped" in sound.stdout
    (run.layout.outputs / "cover.csv").write_text("")

    damaged = CliRunner().invoke(app, ["verify", root, "--json"])

    assert damaged.exit_code == 8
    told = json.loads(damaged.stdout)
    assert (told["sound"], told["damage"]) == (
        False, [f"{run.layout.outputs / 'cover.csv'}: it is not the file that was written"]
    )  # fmt: skip


def test_every_entity_that_the_provenance_points_to_is_in_it(run: OpenRun) -> None:
    graph = json.loads(run.layout.crate.read_bytes())["@graph"]
    known = {entity["@id"] for entity in graph}
    assert len(known) == len(graph)

    def pointed(value: object) -> list[str]:
        if isinstance(value, dict):
            return [value["@id"]] if set(value) == {"@id"} else [x for part in value.values() for x in pointed(part)]
        return [x for part in value for x in pointed(part)] if isinstance(value, list) else []

    assert {name for name in pointed(graph) if not name.startswith("https://")} <= known


def test_the_provenance_tells_no_address_and_no_path_of_this_computer(run: OpenRun) -> None:
    data = run.layout.crate.read_text(encoding="utf-8")
    assert str(run.layout.root) not in data
    assert "?" not in "".join(line for line in data.splitlines() if "http" in line)
