"""coralrun in Python: tables in and tables out, by the same code and with the same checks as the commands."""

from __future__ import annotations

import html
import json
import pydoc
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from msgspec import structs
from tests.unit.results.finished_runs import Found, Photo, finished_run, label_id, sure
from typer.testing import CliRunner

import coralrun
from coralrun import api
from coralrun.api.nameless import named_after
from coralrun.api.stopped import Interrupted
from coralrun.app.applying.next_plan import bring_into_force
from coralrun.app.beforehand.so_far import history
from coralrun.app.run.run_directory import make_run
from coralrun.app.run.standing import Standing
from coralrun.app.survey import survey_tables
from coralrun.cli.main import app
from coralrun.clock import SystemClock
from coralrun.errors import InvalidInput, UsageError
from coralrun.machine.reconcile import reconcile
from coralrun.planning.model import Analysis
from coralrun.spec.model import Design
from coralrun.store import lock, notice
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

SITE = Analysis(design=Design(unit="site"))


@pytest.fixture
def reef(tmp_path: Path) -> coralrun.Run:
    """Two sites, three photos of two points, one of which failed."""
    photos = [
        Photo("a.jpg", [Found(1, 2, (("Porit", 0.8), ("NA", 0.2))), Found(3, 4, (("NA", 0.6),))], ("north",)),
        Photo("b.jpg", sure(["Porit", "Porit"]), ("south",)),
        Photo("<c>.jpg", None, ("south",)),
    ]
    finished_run(tmp_path / "run", photos, fields=("site",), analysis=SITE)
    return coralrun.open(tmp_path / "run")


def test_importing_coralrun_loads_nothing_heavy() -> None:
    heavy = {"pandas", "numpy", "coralrun.api", "coralrun.planning"}
    code = f"import coralrun, sys; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_public_names_are_there_and_no_other() -> None:
    assert dir(coralrun) == ["PlannedRun", "Run", "__version__", "cover_of_labels", "images", "open", "plan", "train"]
    with pytest.raises(AttributeError, match=r"no attribute 'apply': in Python it is coralrun.plan\(...\).apply\(\)$"):
        coralrun.apply  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match=r"it is run.resume\(\), where run = coralrun.open\(DIRECTORY\)"):
        coralrun.resume  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match=r"in Python it is run.summary, where run = "):
        coralrun.status  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute 'applied'$"):
        coralrun.applied  # type: ignore[attr-defined]  # noqa: B018


def test_help_names_all_that_is_public_and_completion_nothing_else(reef: coralrun.Run) -> None:
    said = coralrun.__doc__ or ""
    assert [name for name in api.__all__ if not re.search(rf"coralrun\.{name}\(|a {name}:", said)] == []
    assert {"predictions", "directory", "review"} <= set(dir(reef))
    assert dir(coralrun.PlannedRun(cast(Any, None), cast(Any, None))) == ["apply", "images", "survey"]
    assert not [name for name in dir(reef) if name.startswith("_")]


def test_plan_is_a_function_before_and_after_planning_is_imported() -> None:
    code = "import coralrun.planning.header, coralrun; coralrun.plan()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "UsageError: there is nothing to plan" in done.stderr


def test_predictions_are_a_typed_frame_with_the_metadata_and_a_row_a_point(reef: coralrun.Run) -> None:
    frame = reef.predictions
    assert [*frame.columns[:9], frame.columns[-1]] == [
        "source", "name", "point", "row", "column", "score_1", "label_id_1", "label_code_1", "label_name_1", "site",
    ]  # fmt: skip
    first = frame.iloc[0]
    assert (first["name"], first["site"], first["point"], first["row"], first["column"]) == ("a.jpg", "north", 1, 1, 2)
    assert (first["score_1"], first["label_id_1"], first["label_code_1"]) == (0.8, label_id("Porit"), "Porit")
    assert first["label_code_2"] == "NA"  # a label, not a missing value
    assert frame["label_id_2"].isna().tolist() == [False, True, True, True]
    assert str(frame["label_id_1"].dtype) == "Int64"
    assert frame.attrs["partial"] is False


def test_predictions_hold_what_the_csv_holds(reef: coralrun.Run) -> None:
    of_file = pd.read_csv(reef.directory / "outputs" / "predictions.csv", keep_default_na=False, dtype=str)
    frame = reef.predictions
    assert list(frame.columns) == list(of_file.columns)
    for column in ("name", "label_code_1", "label_code_2", "label_name_1"):
        assert frame[column].astype(object).fillna("").tolist() == of_file[column].tolist()
    assert frame["score_1"].tolist() == of_file["score_1"].astype(float).tolist()


def test_metadata_of_numbers_join_with_a_table_of_ones_own_and_keep_their_order(tmp_path: Path) -> None:
    metadata = (("10", "01"), ("5", "02"), ("", "3"))
    photos = [Photo(f"{number}.jpg", sure(["A"]), known) for number, known in enumerate(metadata)]
    finished_run(tmp_path / "run", photos, fields=("depth", "plot"))
    run = coralrun.open(tmp_path / "run")
    own = pd.DataFrame({"depth": [5, 10], "zone": ["crest", "slope"]})
    for table in (run.predictions, run.images, run.cover(by="depth")):
        assert set(table.merge(own, on="depth")["zone"]) == {"crest", "slope"}
    assert run.cover(by="depth").groupby("depth", sort=False).size().index.tolist()[:2] == [5, 10]
    assert run.images["plot"].tolist() == ["01", "02", "3"], "a name that looks like a number keeps its zero"
    failed = finished_run(
        tmp_path / "failed", [Photo("a.jpg", sure(["A"]), ("5",)), Photo("b.jpg", None, ("deep",))], fields=("depth",)
    )
    run = coralrun.open(failed.layout.root)
    assert {table["depth"].iloc[0] for table in (run.images, run.cover(by="depth"))} == {"5"}, "text in all tables"


def test_images_and_failures_say_what_became_of_each(reef: coralrun.Run) -> None:
    assert reef.images["standing"].tolist() == ["succeeded", "succeeded", "failed"]
    (failed,) = reef.failures.to_dict("records")
    assert (failed["name"], failed["site"]) == ("<c>.jpg", "south")
    assert "not an image" in str(failed["reason"])


def test_cover_is_that_of_the_command_whole_and_by_a_field(reef: coralrun.Run) -> None:
    whole = reef.cover().set_index("group")
    assert whole.loc["Porit", "mean"] == pytest.approx(75)
    by_site = reef.cover(by="site").set_index(["site", "group"])
    assert by_site.loc[("north", "Porit"), "mean"] == pytest.approx(50)
    assert set(reef.cover(by="image")["name"]) == {"a.jpg", "b.jpg", "<c>.jpg"}
    with pytest.raises(UsageError, match="the images have no field `depth`; they have: `site`"):
        reef.cover(by="depth")


def test_an_export_takes_the_options_of_the_command_with_its_checks(
    reef: coralrun.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rates.csv").write_text(
        "Name,Mean,Lower bound,Upper bound\nThe label Porit,8,6,11\nThe label NA,0,0,0\n"
    )
    made = reef.export("carbonate", tmp_path / "carbonate.csv", rates=tmp_path / "rates.csv")
    assert pd.read_csv(made)["Mean"].tolist() == [4.0, 8.0, 6.0]
    by_name = reef.export("percent-covers", tmp_path / "covers.csv", label_display="name")
    assert {"The label Porit", "The label NA"} <= set(pd.read_csv(by_name).columns)
    assert pd.read_csv(reef.export("matrix", tmp_path / "matrix.csv", by="site"))["site"].tolist() == ["north", "south"]
    reef.export("coralnet-upload", tmp_path / "upload.csv", replace_existing=True)
    assert "WARNING: the upload deletes all points" in capsys.readouterr().out
    place = {"latitude": -17.5, "longitude": -149.8}
    values = {"management": "open", "transect": 1, "date": "2026-03-01"}
    mermaid = reef.export("mermaid", tmp_path / "m.csv", fields={"site": "SITE"}, values=values, unreviewed=True)
    assert set(pd.read_csv(mermaid)["transect"]) == {1}

    out = tmp_path / "none.csv"
    with pytest.raises(UsageError, match="MERMAID is not asked for latitude, longitude"):
        reef.export("mermaid", out, values={**values, **place}, unreviewed=True)
    with pytest.raises(UsageError, match="there is no metadata field `station`"):
        reef.export("mermaid", out, fields={"site": "station"}, values=values, unreviewed=True)
    with pytest.raises(UsageError, match=r"nowhere\.csv: No such file"):
        reef.export("carbonate", out, rates=tmp_path / "nowhere.csv")
    with pytest.raises(UsageError, match="a column without a name"):
        reef.export("gcrmn", out, values={" ": 1})
    with pytest.raises(UsageError, match="labels are not displayed by `id`"):
        reef.export("percent-covers", out, label_display="id")
    with pytest.raises(UsageError, match="has no source `coralnet:8`"):
        reef.export("predictions", out, source="coralnet:8")
    with pytest.raises(TypeError, match="export has no argument feilds="):
        reef.export("gcrmn", out, feilds={})  # type: ignore[call-arg]
    assert not out.exists()


def test_cover_by_a_field_is_asked_for_in_any_case_as_on_the_command_line(reef: coralrun.Run) -> None:
    assert list(reef.cover(by="Site").columns) == list(reef.cover(by=["site"]).columns)
    assert set(reef.cover(by="Image")["name"]) == {"a.jpg", "b.jpg", "<c>.jpg"}


def test_accuracy_has_its_tables_and_shows_itself_as_the_command_prints_it(reef: coralrun.Run, tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("Name,Row,Column,Label\na.jpg,1,2,Porit\nb.jpg,7,0,Sand\n")
    found = reef.accuracy(tmp_path / "truth.csv", labelled_by="people")
    assert set(found.cover["sample"]) == {"out-of-sample"}
    assert list(found.points.columns)[:3] == ["grouping", "class", "people"]
    assert found.beside is None
    command = CliRunner().invoke(
        app, ["accuracy", str(reef.directory), "--truth", str(tmp_path / "truth.csv"), "--labelled-by", "people"]
    )
    said, _, files = command.stdout.rstrip("\n").rpartition("\n")
    assert files == "the figures of each site: --out FOLDER writes accuracy_units.csv"
    said = said.replace("--labelled-by people", 'labelled_by="people"')
    said = said.replace("(all of them: --out, --json)", "(all of them: `units`)")
    assert repr(found) == said.replace("(the whole matrix: --out, --json)", "(the whole matrix: `confusion`)")
    assert html.escape(repr(found)) in found._repr_html_()
    again = reef.accuracy(tmp_path / "truth.csv", labelled_by="people", beside=reef.directory)
    assert again.beside is not None and set(again.beside["sample"]) == {"out-of-sample"}
    with pytest.raises(FrozenInstanceError):
        found.text = "good"  # type: ignore[misc]


def test_a_review_is_taken_back_judges_the_run_and_says_what_is_held_back(
    reef: coralrun.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match=r"no points of .* are reviewed"):
        reef.accuracy()
    (tmp_path / "filled.csv").write_text("Name,Row,Column,Label\na.jpg,1,2,Porit\na.jpg,3,4,Porite\nb.jpg,7,0,Sand\n")
    with pytest.raises(UsageError, match="no column says who gave"):
        reef.import_review(tmp_path / "filled.csv")
    held = reef.import_review(tmp_path / "filled.csv", labelled_by="people", accept_labels="Sand")
    assert held[["line", "name", "label", "meant"]].to_numpy().tolist() == [[3, "a.jpg", "Porite", "Porit"]]
    assert "1 HELD BACK" in capsys.readouterr().out
    assert reef.reviewed["name"].tolist() == ["a.jpg", "b.jpg"]
    assert len(reef.accuracy(allow_in_sample=True).cover)


def test_a_run_shows_itself_in_a_notebook_with_names_made_harmless(tmp_path: Path) -> None:
    finished_run(tmp_path / "run", [Photo("x.jpg", sure(["A"]))])
    (tmp_path / "run").rename(tmp_path / "a<b>")
    shown = coralrun.open(tmp_path / "a<b>")._repr_html_()
    assert "1 = 1 succeeded + 0 failed + 0 skipped" in shown
    assert "a&lt;b&gt;" in shown
    assert "<b>" not in shown


def test_a_folder_without_a_run_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        coralrun.open(tmp_path)


def test_cover_of_a_run_that_goes_on_says_of_how_many_images_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = finished_run(tmp_path / "run", [Photo("x.jpg", sure(["A"]))])
    (first,) = opened.plan.images
    plan = replace(opened.plan, images=(first, structs.replace(first, key="coralnet:2/9", name="y.jpg", image_id=9)))
    bring_into_force(opened, plan, reconcile(history(opened), opened.state, plan), None, "2026-01-01T00:00:00Z")
    assert len(coralrun.open(tmp_path / "run").cover()) == 1
    assert capsys.readouterr().out == f"cover of 1 image of 2: {tmp_path / 'run'} goes on\n"


def test_a_run_that_goes_on_is_read_as_far_as_it_is_and_says_that_it_is_partial(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = finished_run(tmp_path / "whole", [Photo("x.jpg", sure(["A"]))])
    make_run(Layout(tmp_path / "new"), whole.plan, None, account="demo", clock=SystemClock())
    run = coralrun.open(tmp_path / "new")
    assert (len(run.predictions), run.predictions.attrs["partial"]) == (0, True)
    assert run.images["standing"].tolist() == ["to do"]
    assert run.cover().attrs["partial"] is True
    assert capsys.readouterr().out == f"no cover of {tmp_path / 'new'}: no image has predictions yet\n"
    assert run.corrected_cover.attrs["notes"] == ("no point of an audit is reviewed",)
    assert capsys.readouterr().out.endswith("new: no point of an audit is reviewed\n")
    with pytest.raises(UsageError, match="is not finished"):
        run.export("coralnet-annotations", tmp_path / "a.csv")
    assert repr(run).endswith('go on with: run = coralrun.open("' + str(tmp_path / "new") + '").resume()')
    now = SystemClock().utc()
    with lock.hold(Layout(tmp_path / "new"), Disk(), since=now):
        notice.write(Layout(tmp_path / "new").now, notice.Notice(now, "waiting", now, None, None))
        assert run.summary.standing is Standing.WORKING
        assert "resume" not in repr(run)


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("runs/a", "a"),
        ("07", "07"),
        ("Ré ef!", "R-ef"),
        ("runs/x" + 120 * "y", "x" + 99 * "y"),
        ("珊瑚", ""),
        ("/", ""),
    ],
)
def test_a_run_without_a_name_is_called_as_its_directory_however_short(directory: str, name: str) -> None:
    assert named_after(Path(directory)) == name


MANIFEST = pd.DataFrame({"name": ["a.jpg", "b.jpg"], "url": ["https://x.org/a", "https://x.org/b"], "site": ["n", "s"]})


def test_a_table_with_urls_is_a_manifest_whose_further_columns_are_metadata() -> None:
    made = survey_tables.from_frames(MANIFEST, 30, name="n", sections={"classifier": {"id": 5}})
    assert json.loads(made.survey) == {
        "version": 1,
        "name": "n",
        "classifier": {"id": 5},
        "sources": [{"manifest": "images.csv"}],
        "sampling": {"points": {"method": "stratified random", "points": 30}},
    }
    assert made.files["images.csv"] == b"name,url,site\na.jpg,https://x.org/a,n\nb.jpg,https://x.org/b,s\n"


def test_a_listed_table_is_not_listed_again_and_its_further_columns_are_metadata() -> None:
    listed = pd.DataFrame(
        {"name": ["a", "b"], "image_id": [7, 9], "image_page": "", "source": [3, 4], "site": ["n", None]}
    )
    made = survey_tables.from_frames(listed, None, name="n", sections={})
    assert [source["coralnet"] for source in json.loads(made.survey)["sources"]] == [3, 4]
    assert made.files["images-3.txt"] == b"a\n"
    (image,) = made.found["coralnet:4"]
    assert (image.name, image.image_id, image.fields, image.metadata) == ("b", 9, ("site",), ("",))


def test_images_of_a_run_or_a_plan_are_taken_from_the_sources_that_they_name() -> None:
    of_run = pd.DataFrame(
        {"source": "coralnet:3", "name": ["a", "b"], "image_id": [7, 9], "image_page": ["", ""], "points": [5, 5]}
        | {"standing": "failed", "reason": "not found", "site": ["n", "s"]}
    )
    of_run = of_run.astype({"source": "category", "name": "category", "image_id": "Int64"})
    made = survey_tables.from_frames(of_run.tail(1), None, name="n", sections={})
    (image,) = made.found["coralnet:3"]
    assert (image.name, image.image_id, image.fields, image.metadata) == ("b", 9, ("site",), ("s",))
    assert json.loads(made.survey)["sources"] == [{"coralnet": 3, "filters": {"names_from": "images-3.txt"}}]


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, pd.NaT])
def test_whatever_pandas_has_for_nothing_is_not_known(nothing: object) -> None:
    column = pd.Series([nothing, 5], dtype=object)
    listed = pd.DataFrame({"name": ["a", "b"], "image_id": [7, 9], "source": [3, 3], "depth": column})
    made = survey_tables.from_frames(listed, None, name="n", sections={})
    assert [image.metadata for image in made.found["coralnet:3"]] == [("",), ("5",)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"images": MANIFEST.assign(url=["ftp://x.org/a", "https://x.org/b"])}, "images, row 0: the url must begin"),
        (
            {"images": MANIFEST.assign(url=["https://x.org/b", "ftp://x.org/a"]).set_axis(["p", "q"])},
            "images, row q: the url must begin",
        ),
        ({"clasifier": {"id": 5}}, "the arguments: unknown key `clasifier`: did you mean `classifier`?"),
        ({"points": {"method": "simple random", "number_of_points": 0}}, "points.number_of_points: "),
        ({"points": 5}, "points: `points=5` cannot be cut"),
        ({"points": None}, "the arguments: `points` is missing: how many each image has"),
        ({"design": {"unit": ["a"]}}, "design.unit: "),
        ({"points": pd.DataFrame({"name": ["a"], "row": [1.5], "column": [2]})}, "points, row 0: "),
        ({"name": "my run"}, "name: `name` must be letters"),
        (
            {"classifier": 1},
            'classifier: `classifier` must be a mapping such as {"source": 3420, "pick": "newest"}, {"id": 41004} or '
            '{"folder": "models/reef"}; it is the number 1',
        ),
        (
            {"images": None, "sources": "photos"},
            'sources: `sources` must be a list with at least one source, such as `[{"coralnet": 3420}]`; it is ',
        ),
        ({"images": None, "sources": [{"coralnet": 0}]}, "sources[0].coralnet: "),
    ],
)
def test_what_is_wrong_is_said_of_the_argument_and_names_no_file(arguments: dict[str, Any], said: str) -> None:
    usual = {"images": MANIFEST, "points": 6, "service": "emulator", "classifier": {"source": 1}}
    with pytest.raises(InvalidInput) as caught:
        api.plan(**{**usual, **arguments})
    assert caught.value.message.startswith(said), caught.value.message
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"images": MANIFEST[["name"]]}, "the table of images has neither `url` nor `image_id` and `source`: "),
        ({"images": MANIFEST[:0]}, "the table of images has no row"),
        (
            {"images": MANIFEST.assign(image_id=7, source=3)},
            "the table of images has 1 row too many, such as of `a.jpg`",
        ),
        (
            {"images": MANIFEST.assign(image_id=1, source=1)[["image_id", "source"]]},
            "the table of images has no column",
        ),
        (
            {"images": MANIFEST[["name"]].assign(image_id=np.nan, source="folder:photos")},
            "images of `folder:photos` are of no CoralNet source",
        ),
        ({"images": MANIFEST[["name"]].assign(image_id=1, source=None)}, "images of `None` are of no CoralNet source"),
        ({"images": MANIFEST[["name"]].assign(image_id=np.nan, source=1)}, "`image_id` of `a.jpg` is no number"),
        ({"point": 6}, "there is no argument point="),
        ({"sources": [{"coralnet": 1}]}, "images= and sources= both say what is classified"),
        ({"images": "survey.yaml"}, "images= takes a table, and this is of type str"),
        ({"points": "200"}, "points= takes a table, a design or a number, and this is of type str"),
        ({"design": {"unit": MANIFEST}}, "a survey holds texts, numbers, lists and mappings, and "),
    ],
)
def test_what_is_of_a_wrong_type_is_refused_in_words(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        api.plan(**{"images": MANIFEST, "points": 6, "classifier": {"source": 1}, **arguments})
    assert caught.value.message.startswith(said), caught.value.message


def test_numbers_of_numpy_and_paths_stand_in_a_survey_as_what_they_are() -> None:
    sections = {"run": {"batch_size": np.int64(5)}, "outputs": {"directory": Path("runs") / "a"}}
    made = survey_tables.from_frames(MANIFEST, 6, name="n", sections=sections)
    assert json.loads(made.survey)["run"] == {"batch_size": 5}


def test_a_run_stands_for_its_directory_wherever_a_path_is_taken(reef: coralrun.Run) -> None:
    assert coralrun.open(reef).directory == reef.directory  # type: ignore[arg-type]
    sections = {"classifier": {"same_as": reef}}
    made = survey_tables.from_frames(MANIFEST, 6, name="n", sections=sections)
    assert json.loads(made.survey)["classifier"] == {"same_as": str(reef.directory)}


def test_an_error_carries_its_remedy_and_is_short_in_a_notebook() -> None:
    with pytest.raises(UsageError) as caught:
        api.plan()
    assert (
        caught.value.remedy == "Give images=, a DataFrame, or sources=, a list as a survey has it, or survey=, a path."
    )
    assert caught.value._render_traceback_() == [
        "UsageError: there is nothing to plan",
        "-> Give images=, a DataFrame, or sources=, a list as a survey has it, or survey=, a path.",
    ]


def test_an_error_names_arguments_and_not_the_options_of_a_command(reef: coralrun.Run, tmp_path: Path) -> None:
    for call, remedy in (
        (lambda: reef.export("nothing", tmp_path / "x.csv"), "Say name= and one of:"),
        (lambda: reef.export("matrix", tmp_path / "no" / "x.csv"), "Give out= another place."),
        (lambda: reef.show("a.jpg", tmp_path / "x.gif"), "End out= in .jpg or .png."),
        (lambda: reef.review("all"), "Say how much to review: "),
        (lambda: reef.export("matrix"), "help(coralrun.Run.export) says what it takes."),  # type: ignore[call-arg]
    ):
        with pytest.raises(UsageError) as caught:
            call()
        assert caught.value.remedy.startswith(remedy), caught.value.remedy
        assert caught.value.args == (caught.value.message,)
        assert "--" not in f"{caught.value.message} {caught.value.remedy}"


def test_what_an_argument_does_not_take_is_refused_in_words(reef: coralrun.Run) -> None:
    unplanned = coralrun.PlannedRun(cast(Any, None), cast(Any, None))
    for call, said in (
        (lambda: coralrun.open(3420), "directory= takes a path, and this is of type int"),  # type: ignore[arg-type]
        (lambda: reef.show(0), "image= takes a text, and this is of type int"),  # type: ignore[arg-type]
        (lambda: unplanned.apply(cancelled=True), "cancelled= takes a threading.Event, and this is of type bool"),  # type: ignore[arg-type]
        (lambda: coralrun.images("3420"), "source= takes a whole number from 0, and this is of type str"),  # type: ignore[arg-type]
        (lambda: reef.cover(by=[3]), "by= takes a text, or a list of texts, and this is of type list"),  # type: ignore[list-item]
        (lambda: reef.import_review("x", columns="a=b"), "columns= takes texts by text, and this is of type str"),  # type: ignore[arg-type]
        (lambda: reef.report(thumbnails=-1), "thumbnails= takes a whole number from 0, and this is -1"),
        (lambda: reef.review(-5), "sample= takes a text or a whole number, and this is -5"),
        (lambda: coralrun.plan(survey={"name": "x"}), "survey= takes a path, and this is of type dict"),  # type: ignore[arg-type]
        (lambda: reef.import_review(""), "path= takes a path, and this is empty"),
        (lambda: reef.export("gcrmn", "x", rates=3), "rates= takes a path, and this is of type int"),  # type: ignore[arg-type]
        (lambda: reef.export("gcrmn", "x", partial="no"), "partial= takes True or False, and this is of type str"),  # type: ignore[arg-type]
        (lambda: reef.retry(None), "reason= takes a text, or a list of texts, and this is of type NoneType"),  # type: ignore[arg-type]
        (lambda: unplanned.apply(rundir="x"), "apply has no argument rundir="),  # type: ignore[call-arg]
        (lambda: coralrun.train("x", seed=1), "train lacks photos=, out="),  # type: ignore[call-arg]
        (lambda: reef.resume(3), "resume: too many positional arguments"),  # type: ignore[call-arg]
        (lambda: reef.accuracy(MANIFEST), "truth= takes a path, and this is of type DataFrame"),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError) as caught:
            call()
        assert caught.value.message == said
    assert 'and give truth="FILE.csv"' in caught.value.remedy


def test_numbers_of_numpy_and_lists_of_pandas_are_taken_as_what_they_are(reef: coralrun.Run) -> None:
    site, one, two = (cast(Any, given) for given in (pd.Index(["site"]), np.int64(1), np.int64(2)))
    assert len(reef.cover(by=site))
    assert reef.review(one, seed=two, out=reef.directory.parent / "one.csv").is_file()


def test_sources_are_given_as_a_survey_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = [{"coralnet": 1, "filters": {"include": ["*_q01_*"]}}]
    planned = api.plan(sources=wanted, points=6, service="emulator", classifier={"source": 1})
    assert planned.images["name"].str.contains("_q01_").all()
    assert set(planned.images["points"]) == {6}


class Interrupting(threading.Event):
    """Is never set, and has the process interrupted the first time that a run looks at it."""

    has_interrupted = False

    def is_set(self) -> bool:
        if not self.has_interrupted:
            self.has_interrupted = True
            signal.raise_signal(signal.SIGINT)
        return False


def test_help_shows_the_arguments_of_plan_and_what_they_are() -> None:
    shown = pydoc.plain(pydoc.render_doc(coralrun.plan))
    assert "plan(images: 'pd.DataFrame | None' = None, points: " in shown
    assert "Images that are public elsewhere, by `name` and `url`" in shown


def test_an_interrupt_before_a_run_begins_is_one_line_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("coralrun.api.listing.connect", interrupted)
    with pytest.raises(Interrupted) as caught:
        coralrun.images(1, service="emulator")
    assert caught.value._render_traceback_() == ["KeyboardInterrupt: images was interrupted. Run the cell again."]


def test_from_a_listing_through_a_filter_to_predictions_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="source 3420 does not exist") as caught:
        coralrun.images(3420, service="emulator")
    assert "source 1: give 1" in caught.value.remedy
    listed = coralrun.images(1, service="emulator")
    assert list(listed.columns) == ["name", "image_id", "image_page", "source"]
    wanted = listed[listed["name"].str.contains("_q01_")].head(3)
    points = pd.DataFrame({"name": wanted["name"].repeat(2), "row": [10, 20] * 3, "column": [5, 6] * 3})
    words: dict[str, Any] = {"classifier": {"source": 1}, "service": "emulator", "run": {"patience": "1s"}}

    planned = coralrun.plan(images=wanted, points=points, **words)
    assert "images      3" in repr(planned) and "names_from" not in repr(planned)
    assert planned.images["name"].tolist() == wanted["name"].tolist()
    elsewhere = coralrun.plan(images=wanted, points=points, outputs={"directory": tmp_path / "second"}, **words)
    assert repr(elsewhere).startswith("Plan for second, "), "a run without a name is called as its directory"
    stopped = threading.Event()
    stopped.set()
    with ThreadPoolExecutor(1) as thread:  # no signal reaches such a thread
        cut_short = thread.submit(planned.apply, "runs/small", cancelled=stopped).result()
        assert (cut_short.summary.standing, cut_short.summary.succeeded) == (Standing.STOPPED, 0)
    with pytest.raises(KeyboardInterrupt, match="is stopped safely"):
        planned.apply("runs/small", cancelled=Interrupting())
    with ThreadPoolExecutor(1) as thread:
        run = thread.submit(planned.apply).result()
    assert run.directory == Path("runs/small"), "its unfinished run is gone on with, wherever it is"

    capsys.readouterr()
    with pytest.raises(UsageError, match="none of its 60 rows may judge "):
        run.accuracy(from_source=True, allow_in_sample=True)
    assert run.review(1).name == "small-review.csv", "a run without a name is called as its directory"
    assert "audit   2 points on 1 image, drawn at random" in capsys.readouterr().out
    frame = run.predictions
    assert frame[["name", "row", "column"]].astype({"name": str}).to_numpy().tolist() == points.to_numpy().tolist()
    kept = json.loads((tmp_path / "runs" / "small" / "plans/001/inputs" / "01-survey.yaml").read_text())
    assert kept["name"] == "small"
    assert planned.apply("runs/small").summary == run.summary  # finished: nothing is sent
    capsys.readouterr()
    fewer = coralrun.plan(images=wanted, points=points[:4], **words).apply("runs/small")
    assert "  survey      points: changed" in capsys.readouterr().out, "what is given has a name, and no file"
    assert fewer.predictions["name"].tolist() == points["name"].tolist()[:4]
    assert fewer.summary.jobs_done == run.summary.jobs_done  # what was classified before is not sent again
    outside = points.assign(row=[10, 20, 10, 20, 10, 100_000])
    failed = coralrun.plan(images=wanted, points=outside, **words).apply("runs/small").summary
    assert (failed.succeeded, failed.failed + failed.skipped) == (2, 1)
    plans = tmp_path / "runs" / "small" / "plans"
    assert run.retry(reason="not-found").summary == failed
    assert not (plans / "004").exists(), "no image ended so"
    assert run.retry(reason=["point-outside"]).summary.succeeded == 2
    third, fourth = ({path.relative_to(plan): path.read_bytes() for path in plan.rglob("*") if path.is_file()}
                     for plan in (plans / "003", plans / "004"))  # fmt: skip
    assert third == fourth, "the same plan, of which an image is tried again"
    with pytest.raises(UsageError, match="there is no reason `away`"):
        run.retry(reason="away")


def test_a_source_that_the_embedded_one_has_not_is_told_without_its_inner_address() -> None:
    with pytest.raises(UsageError, match=r"^source 99 does not exist at `emulator`$") as told:
        coralrun.images(99, service="emulator")
    assert "127.0.0.1" not in told.value.remedy
