"""The browse page, as text: the search form of a source, and a page of what a search finds.

Rule: as in `pages`: the marks that a reader of the real page depends on, each exactly as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from coralrun.emulator.pages import STATUS_WORDS, page
from coralrun.emulator.search import MAX_DROPDOWN_VALUES
from coralrun.emulator.site import Photo, Source

_ANNOTATORS = {
    "annotation_tool": "Annotation Tool",
    "alleviate": "Alleviate",
    "imported": "Importing",
    "machine": "Machine",
}
_PLACEHOLDER = "/static/img/placeholders/media-loading__150x150.e1f6a8b2c3d4.png"


def browse_page(
    source: Source, photos: Sequence[Photo] | None, number: int, per_page: int, parameters: dict[str, str], head: str
) -> str:
    """One page of a search's results; `photos` are all of them, None for an invalid search."""
    title = f"{source.name} | Images"
    form = _search_form(source)
    if photos is None:
        return page(title, form + "<p>Search parameters were invalid.</p>", head)
    if not photos:
        return page(title, form + "<p>No image results.</p>", head)
    last = -(-len(photos) // per_page)
    start = (number - 1) * per_page
    shown = photos[start : start + per_page]
    kept = {key: value for key, value in parameters.items() if key != "page"}

    def link(target: int, word: str) -> str:
        query = escape("?" + urlencode({**kept, "page": target}))
        return f'<a href="{query}" class="prev-next-page" title="{word} page">{word}</a>'

    before = link(number - 1, "Previous") if number > 1 else ""
    after = link(number + 1, "Next") if number < last else ""
    return page(
        title,
        f'{form}<div class="pagination">\n  Showing {start + 1}-{start + len(shown)}\n  of {len(photos)}\n'
        f"  {before}\n  <span>Page {number}\n  of {last}</span>\n  {after}\n</div>\n" + "\n".join(map(_thumb, shown)),
        head,
    )


def _search_form(source: Source) -> str:
    """The search: a label is the text before its control, in one wrapper. Auxiliary fields are a list of their values
    while there are few, else free text, and absent where all are blank (protocol 9 and its corrections)."""
    fields = [
        ("Image name contains", _text("image_name")),
        ("Photo date", _date("photo_date", source.photo_years)),
    ]
    for index, label in enumerate(source.aux_names):
        values = source.aux_values[index]
        name = f"aux{index + 1}"
        if not values:
            continue
        if len(values) > MAX_DROPDOWN_VALUES:
            fields.append((label, _text(name, f"Example: {values[0]}")))
        else:
            fields.append((label, _choice(name, [*((value, value) for value in values), ("(none)", "(None)")], "Any")))
    editors = [(str(number), name) for number, name in source.editors]
    fields += [
        ("Annotation status", _choice("annotation_status", list(STATUS_WORDS.items()), "Any")),
        ("Last annotated", _date("last_annotated", source.annotated_years)),
        (
            "By",
            _choice("last_annotator_0", list(_ANNOTATORS.items()), "Any")
            + _choice("last_annotator_1", editors, "Any user"),
        ),
    ]
    rows = (
        f'<div class="field-and-label-wrapper">\n    {escape(label)}: {control}\n  </div>\n'
        for label, control in fields
    )
    return f'<form action="" method="get" class="no-padding" id="search-form">\n{"".join(rows)}</form>\n'


def _date(name: str, years: Sequence[int]) -> str:
    """How a date is searched by: what of it, and for each kind the control that it needs."""
    kinds = [("year", "Year"), ("date", "Exact date"), ("date_range", "Date range"), ("(none)", "(None)")]
    days = "".join(f'<input type="date" name="{name}_{part}" id="id_{name}_{part}">' for part in (2, 3, 4))
    year = _choice(f"{name}_1", [(str(year), str(year)) for year in years], "---")
    return _choice(f"{name}_0", kinds, "Any") + year + days


def _text(name: str, example: str = "") -> str:
    return f'<input type="text" name="{name}" placeholder="{escape(example)}" id="id_{name}">'


def _choice(name: str, values: Sequence[tuple[str, str]], any_of_them: str) -> str:
    options = "".join(f'<option value="{escape(value)}">{escape(shown)}</option>' for value, shown in values)
    return f'<select name="{name}" id="id_{name}"><option value="" selected>{any_of_them}</option>{options}</select>'


def _thumb(photo: Photo) -> str:
    name = escape(photo.name)
    return (
        f'<span class="thumb_wrapper"><a href="/image/{photo.id}/view/"><img class="thumb {photo.status} media-async"'
        f' src="{_PLACEHOLDER}" data-media-batch-key="b{photo.id}" data-media-key="thumb:{photo.file}:150:150"'
        f'\n title="{name} - {STATUS_WORDS[photo.status]}" alt="{name}" /></a></span>'
    )
