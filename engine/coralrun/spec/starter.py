"""A first survey, as text with comments: what `coralrun init` writes.

Rule: the text is a valid survey whenever the answers are what it asks for, and says of each choice what it is for and
what else there is. Whatever a person wrote is quoted as JSON text, which YAML reads as it stands.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from coralrun.spec.model import (
    EMULATOR,
    PRODUCTION,
    BucketSource,
    CoralNetSource,
    FolderSource,
    ManifestSource,
    Source,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What a first survey is made of: the one source of its images, of which nothing but its place is written.

    `classifier` is the number of the source whose newest classifier is used, or the folder of one of our own; `points`
    their number an image, None for those that the source has itself; `count` how many images are drawn (None for all),
    `unit` the metadata field of the design unit, None if not known yet, and `schema` the path of the survey's schema
    for editors, None for none. `table` is the path of a table of metadata, and `names` are templates that find
    some in the images' names. Where nothing has the unit yet (`unit_is_known`), it stands as a note, for a survey whose
    unit nothing tells cannot be planned.
    """

    name: str
    images: Source
    classifier: int | str
    points: int | None
    count: int | None = None
    unit: str | None = None
    unit_is_known: bool = True
    table: str | None = None
    names: tuple[str, ...] = ()
    service: str = PRODUCTION
    schema: str | None = None


def survey_text(answers: Answers) -> str:
    """The survey."""
    parts = (
        "" if answers.schema is None else _SCHEMA.format(schema=answers.schema),
        _HEAD.format(name=answers.name if _PLAIN.fullmatch(answers.name) else _quoted(answers.name)),
        "" if answers.service == PRODUCTION else _SERVICE.format(service=answers.service),
        _classifier(answers.classifier),
        _images(answers.images, answers.classifier) + _metadata(answers),
        _SAMPLING,
        _ALL if answers.count is None else _SOME.format(count=answers.count),
        _points(answers),
        _unit(answers),
        _REST.format(name=answers.name),
    )
    return "".join(parts)


def _classifier(chosen: int | str) -> str:
    if isinstance(chosen, int):
        return _CLASSIFIER.format(source=chosen)
    return _OWN_CLASSIFIER.format(folder=_quoted(chosen))


def _images(source: Source, chosen: int | str) -> str:
    match source:
        case CoralNetSource(source=number):
            return _CRAWLED.format(source=number)
        case ManifestSource(path=path):
            return _MANIFEST.format(path=_quoted(path))
        case BucketSource(address=address):
            return _BUCKET.format(address=_quoted(address))
        case FolderSource(path=path, upload_to=None):
            filters = _FILTERS if isinstance(chosen, int) else _NOT_TRAINED_ON.format(folder=_quoted(chosen))
            return _FOLDER.format(path=_quoted(path), upload="", filters=filters)
        case FolderSource(path=path, upload_to=to):
            assert to is not None  # noqa: S101 - told to the type checker
            return _FOLDER.format(
                path=_quoted(path), upload=_UPLOAD.format(source=to.source, exif=to.exif), filters=_FILTERS
            )


def _metadata(answers: Answers) -> str:
    """Where more is known of the images than a table that lists them says."""
    said: dict[str, str] = {}
    if answers.table is not None:
        said["from"] = _quoted(answers.table)
    elif isinstance(answers.images, CoralNetSource):
        said["from"] = "coralnet"
    if answers.names:
        texts = [_quoted(text) for text in answers.names]
        said["from_names"] = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    if isinstance(answers.images, FolderSource):
        said["exif"] = "true"
    if not said:
        return ""
    head = _BESIDE_COLUMNS if isinstance(answers.images, ManifestSource) else ""
    return f"{head}metadata: {{{', '.join(f'{key}: {value}' for key, value in said.items())}}}\n"


def _unit(answers: Answers) -> str:
    if answers.unit is None:
        return _NO_UNIT
    return (_UNIT if answers.unit_is_known else _UNIT_LATER).format(unit=_quoted(answers.unit))


def _points(answers: Answers) -> str:
    if answers.points is None:
        return _OWN_POINTS
    others = " Those that people labelled\n  # in the source: {from: coralnet}" * isinstance(
        answers.images, CoralNetSource
    )
    return _POINTS.format(others=others, points=answers.points)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_PLAIN = re.compile(r"(?!(true|false|null)\Z)[A-Za-z_][A-Za-z0-9_.-]*", re.IGNORECASE)
"""A name that YAML reads as text without quotes."""


_SCHEMA = """\
# yaml-language-server: $schema={schema}
"""

_HEAD = """\
# A survey for coralrun: which photographs are classified, at which points, by which classifier.
# Check it with `coralrun validate`, and see what it would do with `coralrun plan`. Lines that begin with # are notes;
# take the # away from those that you want.
version: 1
name: {name}
"""

_SERVICE = f"""
# What classifies: `{EMULATOR}` is the CoralNet inside coralrun, to try things out, and `local` your own computers.
# Without this line it is the real CoralNet.
service: {{service}}
"""

_CLASSIFIER = """
# The newest classifier of this CoralNet source labels the points. `pick: most-accurate` takes the one with the highest
# accuracy, and {{id: 41004}} instead of all this one certain classifier.
classifier: {{source: {source}, pick: newest}}
"""

_OWN_CLASSIFIER = """
# A classifier of your own labels the points, on this computer. `coralrun train` makes one from labelled photos.
classifier: {{folder: {folder}}}
# compute: {{workers: 2, memory: 2GB}}
"""

_CRAWLED = """
sources:
  - coralnet: {source}
    # CoralNet searches the source first; then names are kept and left out, and images by what is known of them.
    # search: {{image_name: "2024", photo_date: {{from: 2024-01-01, to: 2024-12-31}}}}
    # filters: {{include: ["*_10m_*"], exclude: ["*_test*"], where: {{site: [A, B], depth: {{max: 15}}}}}}

# What is known of the images (date, site, depth): CoralNet's own metadata. A table with a column Name would be
# `metadata: sites.csv`, and names that say it themselves {{from_names: "{{site}}_{{transect}}_{{date:%Y%m%d}}.jpg"}}.
"""

_MANIFEST = """
sources:
  - manifest: {path}
    # Names are kept and left out, and images by what the further columns of the table say of them.
    # filters: {{include: ["*_10m_*"], exclude: ["*_test*"], where: {{site: [A, B], depth: {{max: 15}}}}}}
"""

_BUCKET = """
sources:
  - bucket: {address}
    # Storage that is not Amazon's has an address of its own:
    # endpoint: https://storage.example.org
    # Names are kept and left out:
    # filters: {{include: ["*_10m_*"], exclude: ["*_test*"]}}

# What is known of the images (date, site, depth): a table with a column Name would be `metadata: sites.csv`, and names
# that say it themselves {{from_names: "{{site}}_{{transect}}_{{date:%Y%m%d}}.jpg"}}.
"""

_FOLDER = """
sources:
  - folder: {path}
{upload}{filters}
# What is known of the images: what the camera wrote (date, coordinates). A table with a column Name would be
# `from: sites.csv` in it, and names that say it themselves `from_names: "{{site}}/{{transect}}_{{number}}.jpg"`.
"""

_FILTERS = """\
    # Names are kept and left out; a name is the path below the folder.
    # filters: {include: ["*_10m_*"], exclude: ["*_test*"]}
"""

_NOT_TRAINED_ON = """\
    # Photos that trained the classifier are left out: what it says of them is no measure of it. Names are kept and left
    # out by `include: ["*_10m_*"]` and `exclude: ["*_test*"]` beside it; a name is the path below the folder.
    filters: {{not_trained_on: {folder}}}
"""

_UPLOAD = """\
    # They are uploaded there first, and stay there. `strip-private` takes out places, names and numbers.
    upload_to: {{coralnet: {source}, exif: {exif}}}
"""

_SAMPLING = """
sampling:
"""

_ALL = """\
  # All images. To draw some of them, or so many of each site:
  # images: {count: 200, seed: 7}
  # images: {count: 5, by: site, seed: 7}
"""

_SOME = """\
  # So many images, drawn at random; the same seed draws the same ones. With `by: site` it is so many of each site.
  images: {{count: {count}, seed: 7}}
"""

_POINTS = """\
  # Each image is cut into so many cells, with one random point in each. Points of your own: {{from: points.csv}}
  points: {{method: stratified random, points: {points}, seed: 42}}
"""

_OTHER_POINTS = """\
  # Where people have annotated the source, {from: coralnet} looks at their points, so that both labels stand together.
"""

_OWN_POINTS = """\
  # The points that have a label in the source, people's or the machine's: the classifier's stand beside these. Images
  # without any are left out. Others would be {method: stratified random, points: 200, seed: 42}.
  points: {from: coralnet}
"""

_NO_UNIT = """
# How the survey was laid out. The unit is what was chosen independently of the others, such as the site: no interval
# between images is printed without it. This changes nothing of what is run, and can be said afterwards.
# design: {unit: site, strata: {field: habitat, areas: strata.csv}}
# cover: {unusable: [SHAD, TAPE], unclear: [UNK]}
"""

_BESIDE_COLUMNS = """
# What is known of the images beside the further columns of the table.
"""

_UNIT_LATER = """
# How the survey was laid out. The unit is what was chosen independently of the others: intervals rest on it. Nothing
# says yet which one each image is of: let `metadata` do so, and take the # away. This changes nothing of what is run.
# design: {{unit: {unit}}}
# cover: {{unusable: [SHAD, TAPE], unclear: [UNK]}}
"""

_UNIT = """
# How the survey was laid out. The unit is what was chosen independently of the others: intervals rest on it. This
# changes nothing of what is run, and can be changed afterwards. Strata would be {{field: habitat, areas: strata.csv}}.
design: {{unit: {unit}}}
# cover: {{unusable: [SHAD, TAPE], unclear: [UNK]}}
"""

_REST = """
outputs: {{formats: [csv]}}
"""
