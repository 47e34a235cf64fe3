"""The corrections of the protocol: what a classifier takes for what, as a table that anyone may have."""

from __future__ import annotations

import csv
import io

from tests.contract.peers import LOGIN, Control, Peer, Raw


def asked(peer: Peer, query: str = "?confidence_threshold=0&label_mode=full", **more: str) -> Raw:
    """The table of the source's classifier, asked for by a stranger."""
    token = peer.get(LOGIN).cookies["csrftoken"]
    path = f"/source/{peer.source}/backend/{query}"
    form = {"csrfmiddlewaretoken": token, "export_cm": "1", **more}
    return peer.call("POST", path, body=form, cookie=f"csrftoken={token}", referer=peer.base_url + path)


def rows(reply: Raw) -> list[list[str]]:
    return list(csv.reader(io.StringIO(reply.text, newline="")))


def test_anyone_may_have_what_a_public_source_s_classifier_takes_for_what(peer: Peer) -> None:
    reply = asked(peer)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/html"), "though it is a table"
    assert reply.headers["content-disposition"].endswith("confusion_matrix_full_0.csv")
    table = rows(reply)
    assert all(len(row) == len(table) + 1 for row in table), "a square, with names before it and no heading"
    counts = [sum(map(int, row[1:])) for row in table]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0


def test_the_table_may_be_of_functional_groups_and_of_sure_points_alone(peer: Peer) -> None:
    def points(query: str) -> int:
        return sum(int(count) for row in rows(asked(peer, query)) for count in row[1:])

    assert len(rows(asked(peer, "?confidence_threshold=0&label_mode=func"))) <= len(rows(asked(peer)))
    usual = points("?confidence_threshold=0&label_mode=full")
    assert points("?confidence_threshold=50&label_mode=full") < usual
    for query in ("", "?confidence_threshold=50", "?label_mode=func", "?confidence_threshold=101&label_mode=func"):
        assert points(query) == usual, "both choices, or neither"


def test_the_table_needs_a_csrf_token_and_leave_to_see_the_source(peer: Peer, control: Control) -> None:
    path = f"/source/{peer.source}/backend/"
    assert peer.call("POST", path, body={"export_cm": "1"}, referer=peer.base_url + path).status == 403
    private = peer.get(f"/source/{control.private_source}/backend/")
    assert b"have permission to view this page." in private.body
