"""What the machine says of a source's points, and by which labels: read exactly, or not understood."""

from __future__ import annotations

import pytest

from coralrun.coralnet.codec.labelset_page import read_labelset
from coralrun.coralnet.codec.machine_labels import read_machine_labels
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.values.classified import Classification, Label

CCA = Label(3, "CCA", "Crustose coralline algae")
HEADING = "Name,Row,Column,Label code,Label ID,Annotator,Date annotated," + ",".join(
    f"Machine suggestion {rank},Machine confidence {rank}" for rank in range(1, 6)
)
WHEN = "2026-01-01 07:50:42+00:00"


def table(*rows: str) -> bytes:
    """An export with these rows."""
    return "\n".join((HEADING, *rows, "")).encode()


def test_points_have_what_the_machine_gave_whoever_labelled_them_since() -> None:
    rows = (
        f'"a,b.jpg",10,20,CCA,3,robot,{WHEN},CCA,49,T&S,41,,,,,,',
        f'"a,b.jpg",1,2,T&S,4,alice,{WHEN},CCA,100,,,,,,,,',
        f"é.jpg,0,0,CCA,3,alice,{WHEN},,,,,,,,,,",
    )
    found = read_machine_labels(table(*rows), [CCA])
    first, second = found["a,b.jpg"]
    assert (first.row, first.column) == (10, 20)
    assert first.classifications == (
        Classification(0.49, 3, "CCA", "Crustose coralline algae"),
        Classification(0.41, None, "T&S", "T&S"),
    )
    assert [one.score for one in second.classifications] == [1.0]
    assert found["é.jpg"][0].classifications == ()


@pytest.mark.parametrize(
    "text",
    [
        b"\xff",
        b"<html>",
        b"Name,Row,Column\na,1,2\n",
        table(f"a,1,-2,CCA,3,robot,{WHEN},CCA,49,,,,,,,,"),
        table(f"a,1,2,CCA,3,robot,{WHEN},CCA,101,,,,,,,,"),
        table(f"a,1,2,CCA,3,robot,{WHEN},CCA,0.49,,,,,,,,"),
        table("a,1,2"),
        b'Name\n"a',
    ],
)
def test_an_export_of_another_form_is_not_understood(text: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read_machine_labels(text, [CCA])


def page(rows: str, title: str = "Reef | Labelset") -> bytes:
    """A labelset's page."""
    html = f"<head><title>{title} | CoralNet</title></head><table class='detail_table' id='label-table'>{rows}</table>"
    return html.encode()


def test_a_labelset_gives_numbers_codes_and_whole_names() -> None:
    row = (
        '<tr><td class="name"><a href="/label/3/"> Crustose\n coralline algae</a></td> <td>CCA</td><td>Algae</td></tr>'
    )
    assert read_labelset(page(row)) == (CCA,)
    assert read_labelset(page("", "No labelset")) == ()
    for wrong in (page(row.replace("/label/3/", "/3/")), page(row.replace("CCA", "")), b"<html></html>", b"\xff"):
        with pytest.raises(NotUnderstood):
            read_labelset(wrong)
