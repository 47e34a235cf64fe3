"""Whatever was seen: shares add up, intervals hold their mean, and every image has one fate."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.cover.samples import IDS, Photo, reader

from coralrun.spec.model import CoverOptions, Design

LABELS = st.sampled_from(sorted(IDS))
PHOTOS = st.lists(
    st.builds(
        Photo,
        where=st.tuples(st.sampled_from(["", "a", "b", "c"]), st.sampled_from(["shallow", "deep"])),
        points=st.lists(LABELS, max_size=12).map(tuple),
        score=st.sampled_from([0.2, 0.9]),
        inclusion=st.sampled_from([1.0, 0.5, 0.01]),
    ),
    min_size=1,
    max_size=12,
)
DESIGNS = st.sampled_from(
    [
        Design(),
        Design(unit="site"),
        Design(unit="image"),
        Design(unit="site", strata_field="depth"),
        Design(unit="site", levels=("depth", "site", "image"), strata_field="depth", areas="areas.csv"),
    ]
)
OPTIONS = st.builds(
    CoverOptions,
    unusable=st.sampled_from([(), ("shadow",)]),
    unclear=st.sampled_from([(), ("unknown", "7")]),
    min_usable_points=st.sampled_from([0.0, 0.5, 1.0]),
    min_confidence=st.sampled_from([None, 0.5]),
)


@settings(max_examples=60, deadline=None)
@given(PHOTOS, DESIGNS, OPTIONS)
def test_shares_add_up_intervals_hold_their_mean_and_every_image_has_one_fate(
    photos: list[Photo], design: Design, options: CoverOptions
) -> None:
    areas = {"shallow": 1.0, "deep": 4.0} if design.areas else {}
    cover = reader(photos, ("site", "depth"), design, options, areas=areas).cover()

    for frame in (cover.overall, cover.strata, cover.units):
        shown = frame.dropna(subset=["mean"])
        assert ((shown["mean"] >= 0) & (shown["mean"] <= 100)).all()
        with_interval = shown.dropna(subset=["lo"])
        assert (with_interval["lo"] >= 0).all() and (with_interval["hi"] <= 100).all()
        assert (with_interval["lo"] < with_interval["hi"]).all()
        assert (with_interval["lo"] <= with_interval["mean"] + 1e-9).all()
        assert (with_interval["mean"] <= with_interval["hi"] + 1e-9).all()
        assert (with_interval["df"] >= 1).all()
        fates = frame[["images_used", "images_failed", "images_dropped", "images_pending"]].sum(axis=1)
        assert (fates == frame["images_planned"]).all()
    whole = cover.overall
    if len(whole) and not whole["mean"].isna().any():
        np.testing.assert_allclose(whole["mean"].sum() + whole["unassigned"].iloc[0], 100)
        assert whole["points_seen"].sum() <= whole["points_usable"].iloc[0]
    assert set(cover.images["name"]) == {f"photo {number}" for number in range(len(photos))}
