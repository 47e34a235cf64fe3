"""The labels of a run, by which those that people wrote are read.

Rule: a label that the run does not know, and that nobody accepted, is held back with its rows: a typing error would be
a class of its own. So is a row whose id and code are two labels of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from coralrun.files.spreadsheet import plain_cell
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.name_match import look
from coralrun.review.draws import Place
from coralrun.review.matching import Match
from coralrun.spec.suggest import suggestion
from coralrun.values.classified import LabelKey


@dataclass(frozen=True, slots=True)
class Label:
    """A label as a person named it; `id` is None where the classifier never gave it and the file does not say."""

    id: int | None
    code: str


@dataclass(frozen=True, slots=True)
class Held:
    """A person's row whose label the run does not know, and the label that it may mean, None where none is near.

    `other` is the label of its id, "" for none, where its code is another label of the run.
    """

    place: Place
    row: LabelledPoint
    code: str
    meant: str | None
    other: str = ""


class Labels:
    """The labels of a run, to read people's: exact codes first, then the one that is the same but for case, then the
    one that looks the same.

    They are those that the classifier gave, `codes` by key, and those that people `accepted` beside them.
    """

    def __init__(self, codes: Mapping[LabelKey, str], accepted: Iterable[str] = ()) -> None:
        self._codes = codes
        self._ids: dict[str, int | None] = dict.fromkeys(accepted)
        self._ids.update((code, key if isinstance(key, int) else None) for key, code in codes.items())
        self._alike = [_only_ones(form, self._ids) for form in _FORMS]

    def of(self, row: LabelledPoint) -> Label:
        """The label of a row: by its number where the run knows that, else by its code."""
        if row.label_id is not None and row.label_id in self._codes:
            return Label(row.label_id, self._codes[row.label_id])
        code = self._code(row.label_code or str(row.label_id))
        known = self._ids.get(code)
        return Label(row.label_id if known is None else known, code)

    def _code(self, written: str) -> str:
        """The code of a label as somebody wrote it, itself where the run knows none such."""
        for text in dict.fromkeys((written, plain_cell(written))):
            if text in self._ids:
                return text
            for form, codes in zip(_FORMS, self._alike, strict=True):
                if form(text) in codes:
                    return codes[form(text)]
        return written

    def other(self, row: LabelledPoint) -> str:
        """The label of a row's id where the row's code is another label of the run, "" everywhere else."""
        of_id, of_code = self.of(row).code, self._code(row.label_code)
        return of_id if row.label_id in self._codes and of_code in self._ids and of_code != of_id else ""

    def knows(self, row: LabelledPoint) -> bool:
        """Whether a row's label is one of them, and one alone."""
        label = self.of(row)
        return (label.id in self._codes or label.code in self._ids) and not self.other(row)

    def near(self, code: str) -> str | None:
        """The label that a code which is none of them may mean, None where none is near."""
        return suggestion(code, self._ids)

    def taken(self, pairs: Iterable[Match]) -> list[Match]:
        """Those rows that people labelled with one of them."""
        return [pair for pair in pairs if pair.human.is_persons and self.knows(pair.human)]

    def held(self, pairs: Iterable[Match]) -> Iterator[Held]:
        """Those rows that people labelled with anything else, in the order of their file."""
        unknown = (pair for pair in pairs if pair.human.is_persons and not self.knows(pair.human))
        for pair in sorted(unknown, key=lambda pair: pair.human.line):
            place, row = (pair.image, pair.point), pair.human
            code, other = self.of(row).code, self.other(row)
            yield Held(place, row, row.label_code, None, other) if other else Held(place, row, code, self.near(code))


_FORMS = (str.lower, look)


def _only_ones(form: Callable[[str], str], codes: Iterable[str]) -> dict[str, str]:
    """The codes by a form of them, where that form is one code's alone."""
    of_form: dict[str, list[str]] = {}
    for code in codes:
        of_form.setdefault(form(code), []).append(code)
    return {key: found[0] for key, found in of_form.items() if len(found) == 1}
