"""What a plan says of values that their owner should look at."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.planning.test_compile import survey

from coralrun.coralnet.protocol import LIMITS
from coralrun.planning.compile import compile_plan
from coralrun.planning.images import FoundImage
from coralrun.planning.metadata import Gathered
from coralrun.planning.model import Classifier, Listing, Plan
from coralrun.planning.value_warnings import near_notes, value_warnings
from coralrun.spec.model import Design, Filters, ImageSampling, ManifestSource, Metadata, Range, Survey
from coralrun.spec.revisit import Revisit

FIELDS = ("site", "depth", "note")


def planned(asked: Survey, *known: tuple[str, str, str], filters: Filters | None = None) -> Plan:
    source = ManifestSource(path="m.csv", filters=filters or Filters())
    images = [
        FoundImage(name=f"{at}.jpg", url=f"https://reef.example/{at}", fields=FIELDS, metadata=row)
        for at, row in enumerate(known)
    ]
    asked = replace(asked, sources=(source,))
    return compile_plan(asked, [(source, images)], Classifier(id="1"), "", {}, None, allowed=LIMITS)


def near(field: str, shown: str, same: str) -> str:
    return (
        f"values of `{field}` that are nearly the same, with their images: {shown}. Each counts as one more value; "
        f"those that are one you give in the survey, under `metadata`: `same: {same}`"
    )


SHORES = [("Rocky shore", "5", "")] * 40 + [("ROCKY SHORE", "5", "")] * 12 + [("Sandy bay", "5", "")]
SHORES_ARE_NEAR = near("site", "`Rocky shore` (40), `ROCKY SHORE` (12)", '{site: [["Rocky shore", "ROCKY SHORE"]]}')


def test_near_values_of_the_design_are_warned_of_with_what_to_write() -> None:
    assert planned(replace(survey(), design=Design(unit="SITE")), *SHORES).warnings == (SHORES_ARE_NEAR,)


def test_a_depth_with_its_unit_and_without_is_warned_of_as_two_strata() -> None:
    dives = [("A", "5", "")] * 2 + [("A", "5 m", ""), ("A", "10 m", "")]
    said = near("depth", "`5` (2), `5 m` (1)", '{depth: [["5", "5 m"]]}')
    assert planned(replace(survey(), design=Design(strata_field="depth")), *dives).warnings == (said,)


def test_what_the_survey_calls_one_is_one_and_not_warned_of() -> None:
    asked = replace(
        survey(), design=Design(unit="site"), metadata=Metadata(same={"site": (("Rocky shore", "ROCKY SHORE"),)})
    )
    plan = planned(asked, *SHORES)
    assert plan.warnings == ()
    assert {image.metadata[0] for image in plan.images} == {"Rocky shore", "Sandy bay"}


def test_an_unused_field_is_looked_at_where_values_stand_for_several_images() -> None:
    notes = [("A", "5", note) for note in ("blurred", "Blurred", "", "blurred", "", "")]
    assert planned(survey(), *SHORES).warnings == (SHORES_ARE_NEAR,)
    assert planned(survey(), *notes).warnings == ()
    used = replace(survey(), design=Design(strata_field="note"))
    assert planned(used, *notes).warnings == (
        near("note", "`blurred` (2), `Blurred` (1)", '{note: [["blurred", "Blurred"]]}'),
    )


def test_a_sampled_or_asked_field_is_looked_at_before_anything_is_left_out() -> None:
    few = [("North", "5", ""), ("north", "5", "")]
    sampled = replace(survey(), images=ImageSampling(count=1, by="site"))
    warning = near("site", "`North` (1), `north` (1)", '{site: [["North", "north"]]}')
    assert planned(sampled, *few).warnings == (warning,)
    asked = Filters(where={"Site": ("North",)})
    assert planned(survey(), *few, filters=asked).warnings == (warning,)
    asked = Filters(where={"depth": Range(most=9.0)}, exclude=("1.jpg",))
    assert planned(replace(survey(), design=Design(unit="site")), *few, filters=asked).warnings == ()


def test_what_looks_the_same_is_shown_by_its_parts_and_odd_names_are_quoted() -> None:
    plan = replace(planned(survey(), ("\u00cele", "", ""), ("I\u0302le", "", "")), fields=("reef: name", "b", "c"))
    assert near_notes(plan, ["reef: name"]) == (
        near("reef: name", "`I\\u0302le` (1), `\u00cele` (1)", '{"reef: name": [["I\\u0302le", "\u00cele"]]}'),
    )
    assert near_notes(plan, ["b"]) == ()


def test_many_groups_are_counted_and_the_first_shown() -> None:
    rows = [(name, "", "") for letter in "abcdefg" for name in (f"reef-{letter * 9}", f"REEF-{letter * 9}")]
    (warning,) = planned(replace(survey(), design=Design(unit="site")), *rows).warnings
    assert "; and 2 more such. Each counts" in warning
    assert "eeeee" in warning
    assert "fffff" not in warning


def test_a_number_for_none_is_asked_about_where_the_field_has_numbers() -> None:
    rows = [("A", "5.5", "-999"), ("B", "-9999.0", "x"), ("C", "-999", "y"), ("D", "12", "z")]
    assert planned(survey(), *rows).warnings == (
        '`depth` is `-9999.0` in 1 image and `-999` in 1 image: if it means "not known", say in the survey, under '
        '`metadata`: `unknown: ["NA", "N/A", "#N/A", "NaN", "nan", "null", "-9999.0", "-999"]`',
    )
    said = replace(survey(), metadata=Metadata(unknown=("-999", "-9999.0")))
    assert planned(said, *rows).warnings == ()


def test_a_number_for_none_among_texts_is_asked_about_where_the_design_goes_by_them() -> None:
    rows = [("A", "", ""), ("A", "", ""), ("B", "", ""), ("-999", "", "")]
    assert planned(survey(), *rows).warnings == ()
    (warning,) = planned(replace(survey(), design=Design(unit="site")), *rows).warnings
    assert warning.startswith("`site` is `-999` in 1 image: if it means ")


def test_a_number_for_none_is_asked_about_though_its_images_are_left_out() -> None:
    asked = Filters(where={"depth": Range(least=0.0)})
    (warning,) = planned(survey(), ("A", "5", ""), ("B", "-999", ""), ("C", "-999", ""), filters=asked).warnings
    assert warning.startswith("`depth` is `-999` in 2 images: ")


def test_a_doubtful_value_of_what_is_drawn_by_is_listed() -> None:
    sampled = replace(survey(), images=ImageSampling(count=2, by="site"))
    plan = planned(sampled, ("A", "", ""), ("None", "", ""), ("NA", "", ""))
    assert plan.listings[:2] == (
        Listing("images whose `site` is not known, drawn from as one more of its values", ("2.jpg",)),
        Listing(
            'images whose `site`, drawn by, is `None`, which counts as a value; if it means "not known", say in the '
            'survey, under `metadata`: `unknown: ["NA", "N/A", "#N/A", "NaN", "nan", "null", "None"]`',
            ("1.jpg",),
        ),
    )


def test_the_fields_that_tell_photos_of_an_earlier_run_are_looked_at() -> None:
    images = [FoundImage(name=name, fields=("Site",), metadata=(name,)) for name in ("Outer", "OUTER")]
    asked = replace(survey(), points=Revisit(run="runs/1", match=("site",)))
    gathered = Gathered([(ManifestSource(path="m.csv"), images)], ("Site",))
    assert list(value_warnings(asked, gathered, images)) == [
        near("Site", "`OUTER` (1), `Outer` (1)", '{Site: [["OUTER", "Outer"]]}')
    ]
