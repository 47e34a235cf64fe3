"""What a message says in YAML is typed as Python where a survey was made of arguments; all else stays as it is."""

from __future__ import annotations

import pytest

from coralrun.app.survey.yaml_as_python import as_python


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("which labels the points: {id: 7}", 'which labels the points: {"id": 7}'),
        ("say `service: local`, or take it out", 'say `service="local"`, or take it out'),
        (
            "say `design: {unit: transect, levels: [site, transect]}`: 4",
            'say `design={"unit": "transect", "levels": ["site", "transect"]}`: 4',
        ),
        (
            "(`upload_to: {coralnet: 3420, exif: keep}` beside",
            '(`"upload_to": {"coralnet": 3420, "exif": "keep"}` beside',
        ),
        ('such as `include: ["*_10m_*"]`', 'such as `"include": ["*_10m_*"]`'),
        ("such as `- coralnet: 3420`", 'such as `[{"coralnet": 3420}]`'),
        ("{id: 41004} or {folder: models/reef}", '{"id": 41004} or {"folder": "models/reef"}'),
        ("say `metadata: {exif: true}`", 'say `metadata={"exif": True}`'),
        ("Name it: design: {unit: reef}", 'Name it: design={"unit": "reef"}'),
        ("Look at it: {unit: reef}", 'Look at it: {"unit": "reef"}'),
        ("from {date: 2024-06-01}", 'from {"date": "2024-06-01"}'),
        ("`{site}_{date:%Y%m%d}.jpg` and {site}", "`{site}_{date:%Y%m%d}.jpg` and {site}"),
        ("the text `a: b: c`, `points: [`, `key: null`", "the text `a: b: c`, `points: [`, `key: null`"),
        ("points: 5 and `sampling`: x", "points: 5 and `sampling`: x"),
    ],
)
def test_yaml_becomes_what_is_typed(said: str, typed: str) -> None:
    assert as_python(said, {"design", "service", "metadata", "points"}) == typed
