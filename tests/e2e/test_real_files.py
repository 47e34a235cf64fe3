"""Every real file that carries names, points, addresses, labels or pixels: it is read, or refused in words to act on.

Rule: each file is tried as everything that a survey or a command can take a file for. For the uses that a person may
have in mind the whole outcome stands here; of all others it is certain that they are read or refused at a line.
`pytest -rP` shows the whole table.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

import pytest

from coralrun.app.survey.inputs import Inputs, read_inputs
from coralrun.app.survey.survey_file import survey_of
from coralrun.coralnet.codec import wire
from coralrun.errors import InvalidInput
from coralrun.http.fetched import Fetched
from coralrun.planning.images import Size
from coralrun.sources.image_size import size_of
from coralrun.sources.labelled_file import read_labelled

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
ABOUT = ("README.md", "LICENSE.txt")
SURVEY = """\
version: 1
name: real
classifier: {{id: 1}}
sources: [{source}]
sampling: {{points: {points}}}
{more}
"""
DESIGN = "{method: simple random, number_of_points: 5}"
USES: Mapping[str, dict[str, str]] = {
    "manifest": {"source": "{{manifest: {file}}}"},
    "points": {"points": "{{from: {file}}}"},
    "metadata": {"more": "metadata: {file}"},
    "names": {"source": "{{coralnet: 1, filters: {{names_from: {file}}}}}"},
    "groups": {"more": "cover: {{groups: {file}}}"},
}
JSON = "this is JSON, not a text table: save it as CSV, or as JSON lines (one mapping a line, the ending .jsonl)"
PHOTO = "this is a photo, not a text table: name the table of the photos instead"
PACKED = "this is a file packed by gzip, not a text table: unpack it first"
MAC = (
    "this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`); it looks like mac-roman"
)
NOTHING_KEPT = (
    "the table has several rows an image, as one of points has, and no column says the same in all rows of an image: "
    "bring one with one row an image"
)
NO_NAMES = (
    "there is no column `Name`: the header needs Name, Row, Column; it has {found}; "
    "a column of another name is named in the survey: `columns: {{name: ...}}`; "
    "the table of one image is called after it: `reef1.jpg.csv`"
)
DENSE = "(no heading), Y, X, Label, Confidence"

EXPECTED: Mapping[tuple[str, str], str] = {
    ("arms-api/ARMS_Exported_Annotations.csv", "points"): "1 image, 200 points",
    ("arms-api/ARMS_Exported_Annotations.csv", "names"): "1 name",
    ("arms-api/ARMS_Exported_Annotations.json", "result"): "3 images, 600 points",
    ("arms-api/ARMS_*.json", "manifest"): "3 images",
    ("arms-api/ARMS_*.json", "points"): "3 images, 600 points",
    ("arms-api/Batch_*.json", "manifest"): "1 image",
    ("arms-api/Batch_*.json", "points"): "1 image, 200 points",
    ("arms-api/*.json", "names"): f"refused: {JSON}",
    ("damaged/p82pkvoqn3.JPG", "photo"): "1942 x 1935 pixels",
    ("intermareal-15k/metadata.csv.gz", "metadata"): f"refused: {PACKED}",
    ("intermareal-15k/metadata.csv.gz", "metadata, unpacked"): "15,695 images, 17 fields",
    ("intermareal-15k/percent_covers.csv.gz", "metadata"): f"refused: {PACKED}",
    ("intermareal-15k/percent_covers.csv.gz", "metadata, unpacked"): "15,695 images, 22 fields",
    ("keelung-api/all_classification_results.csv", "points"): "3 images, 432 points",
    ("keelung-api/all_classification_results.csv", "truth"): "432 labels",
    ("keelung-api/image_points.csv", "points"): "refused: "
    + NO_NAMES.format(found="x, y, Left Distance, Right Distance, Top Distance, Bottom Distance"),
    (
        "keelung-api/labelset.csv",
        "groups",
    ): "refused: there is no column of groups: each further column is a level, such "
    "as `Functional Group`; it has Label ID, Short Code",
    ("keelung-api/labelset.csv", "truth"): "refused: there is no column `Name` and no column `Row` and no column "
    "`Column`: the header needs Name, Row, Column; it has Label ID, Short Code; a column of another name is named by "
    "`--columns name=...` `--columns row=...` `--columns column=...`; the table of one image is called after it: "
    "`reef1.jpg.csv`",
    ("labels/coralnet_global_labelset.csv", "metadata"): f"refused: {MAC}, which `encoding: mac-roman` beside "
    "the table's path in the survey reads",
    ("labels/coralnet_global_labelset.csv", "names"): f"refused: {MAC}",
    ("labels/coralnet_global_labelset.csv", "groups"): f"refused: {MAC}",
    ("labels/label_set.json", "metadata"): f"refused: {JSON}",
    (
        "labels/label_set.json",
        "groups",
    ): "refused, 2 times: in double quotes `\\` begins an escape: use single quotes, or write `\\\\`",
    ("mlc/MLC_labels.csv", "metadata"): "refused: there is no column `Name`: the header needs Name; it has Old, New; "
    "a column of another name is named in the survey: `columns: {name: ...}`",
    ("mlc/MLC_labels.csv", "groups"): "refused: there is no column of labels: name it `Label ID` (the best) or "
    "`Short Code`; it has Old, New",
    ("mlc/derived_ground_truth.csv", "points"): "3 images, 600 points",
    ("mlc/derived_ground_truth.csv", "truth"): "600 labels",
    ("mlc/derived_ground_truth.csv", "metadata"): f"refused: {NOTHING_KEPT}",
    ("mlc/*.jpg.txt", "points"): "1 image, 200 points",
    ("mlc/*.jpg.txt", "truth"): "200 labels",
    ("mlc/*.dense_model_labels.csv", "points"): "refused: " + NO_NAMES.format(found=DENSE),
    ("mlc/mcr_lter3_out10m_pole4-5_qu5_20080404.jpg", "photo"): "1976 x 1956 pixels",
    ("mlc/mcr_lter4_out10m_pole2-3_qu1_20080407.jpg", "photo"): "1948 x 1940 pixels",
    ("mlc/mcr_lter4_out10m_pole3-4_qu1_20080407.jpg", "photo"): "1900 x 1924 pixels",
    ("*.jpg", "manifest"): f"refused: {PHOTO}",
    ("*.JPG", "points"): f"refused: {PHOTO}",
    ("*.png", "points"): f"refused: {PHOTO}",
    ("odd-csv/coralseg_gopro_annotations.csv", "points"): "3 images, 2,700 points",
    ("odd-csv/coralseg_gopro_annotations.csv", "truth"): "2,700 labels",
    ("odd-csv/lhi_percent_covers_CR_line_endings.csv", "metadata"): "27 images, 29 fields",
    ("source-2091/coralnet_source_2091_annotations.csv", "points"): "400 images, 7,999 points",
    ("source-2091/coralnet_source_2091_annotations.csv", "truth"): "7,999 labels",
    ("source-2091/coralnet_source_2091_percent_covers.csv", "metadata"): "400 images, 39 fields",
    ("source-2091/i0201a.png", "photo"): "1116 x 906 pixels",
    ("source-2091/i0201b.png", "photo"): "1152 x 856 pixels",
    ("source-2091/test_annotations.csv", "points"): "2 images, 37 points",
    ("source-2091/test_annotations.csv", "truth"): "37 labels",
    ("squidle-urls/squidle_annotations_with_urls.csv", "points"): "300 images, 1,500 points",
    ("squidle-urls/squidle_annotations_with_urls.csv", "truth"): "1,500 labels",
    ("squidle-urls/squidle_annotations_with_urls.csv", "manifest"): "300 images, several rows an image",
    ("squidle-urls/squidle_annotations_with_urls.csv", "metadata"): "300 images, 11 fields",
    ("source-2091/coralnet_source_2091_annotations.csv", "metadata"): "400 images, 28 fields",
    ("squidle-urls/squidle_media_urls.csv", "manifest"): "300 images",
    ("squidle-urls/squidle_media_urls.csv", "metadata"): "300 images, 7 fields",
}


def files() -> list[str]:
    """Every real file, by its path in the folder."""
    if not DATA.is_dir():
        return []
    found = (path for path in DATA.rglob("*") if path.is_file() and path.name not in ABOUT)
    return sorted(path.relative_to(DATA).as_posix() for path in found)


def counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def of_a_survey(use: str, file: str, data: bytes) -> str:
    """What a survey makes of a file that it names."""
    how = {"source": "{coralnet: 1}", "points": DESIGN, "more": ""}
    how |= {key: text.format(file=f'"{file}"') for key, text in USES[use].items()}
    inputs = read_inputs(survey_of("survey.yaml", SURVEY.format(**how).encode(), DATA, given={file: data}))
    return _told(use, file, inputs)


def _told(use: str, file: str, inputs: Inputs) -> str:
    if use == "manifest":
        rows = ["" for warning in inputs.warnings if "it has several rows an image" in warning]
        assert len(rows) == len(inputs.warnings)
        return counted(len(inputs.manifests[file].images), "image") + (", several rows an image" if rows else "")
    if use == "points":
        assert inputs.points is not None
        return (
            f"{counted(len(inputs.points), 'image')}, {counted(sum(map(inputs.points.count, inputs.points)), 'point')}"
        )
    if use == "metadata":
        assert inputs.table is not None
        return f"{counted(len(inputs.table.rows), 'image')}, {counted(len(inputs.table.fields), 'field')}"
    return counted(len(inputs.names[file]), "name") if use == "names" else "groups"


def as_photo(file: str, data: bytes) -> str:
    size = size_of(
        file, lambda _, start, length: Fetched(206, data[start : start + length], start + length > len(data))
    )
    return f"{size.width} x {size.height} pixels" if isinstance(size, Size) else str(size)


def as_result(file: str, data: bytes) -> str:
    entries = wire.decode_result(data).entries
    return f"{counted(len(entries), 'image')}, {counted(sum(len(entry.points) for entry in entries), 'point')}"


OTHERS: Mapping[str, Callable[[str, bytes], str]] = {
    "truth": lambda file, data: counted(len(read_labelled(file, data)), "label"),
    "metadata, unpacked": lambda file, data: of_a_survey("metadata", file.removesuffix(".gz"), gzip.decompress(data)),
    "photo": as_photo,
    "result": as_result,
}


def outcome(use: str, file: str) -> str:
    """What comes of a file in a use; a refusal without its places, which are checked here."""
    data = (DATA / file).read_bytes()
    try:
        return OTHERS[use](file, data) if use in OTHERS else of_a_survey(use, file, data)
    except InvalidInput as refusal:
        assert {problem.file for problem in refusal.problems} == {file}
        assert all(0 < len(problem.message) < 1000 for problem in refusal.problems)
        times = f", {len(refusal.problems):,} times" if len(refusal.problems) > 1 else ""
        return f"refused{times}: {refusal.problems[0].message}"


def uses_of(file: str) -> Iterator[tuple[str, str | None]]:
    """The uses to try a file in, each with the outcome that stands above, if one does."""
    expected = {use: said for (pattern, use), said in EXPECTED.items() if fnmatch(file, pattern)}
    for use in dict.fromkeys([*USES, "truth", *expected]):
        yield use, expected.get(use)


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data (../shared/data) are not here")
def test_every_real_file_is_read_or_refused_in_words_to_act_on() -> None:
    wrong = []
    for file in files():
        tried = [(use, outcome(use, file), said) for use, said in uses_of(file)]
        assert any(said is not None for _, _, said in tried), f"{file} stands in no line of EXPECTED"
        for use, found, said in tried:
            print(f"{file} | {use} | {found}{'' if said is None else ' *'}")
            if said is not None and found != said:
                wrong.append(f"{file} as {use}:\n  found    {found}\n  expected {said}")
    assert not wrong, "\n".join(wrong)
