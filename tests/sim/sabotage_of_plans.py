"""Deliberate breakages of how a run becomes what a changed survey says; see `sabotage`."""

from __future__ import annotations

from unittest.mock import patch

from coralrun.machine import apply, reconcile
from coralrun.machine.durable import Durable
from coralrun.store import plans

from . import breakages_of_plans as breakages
from .breakage import Sabotage

SABOTAGES_OF_PLANS: tuple[Sabotage, ...] = (
    Sabotage(
        "what was withdrawn is tried again",
        lambda: patch.object(apply, "come_into_force", breakages.still_wanted),
        56,
        "the plan does not name unit",
    ),
    Sabotage(
        "what is wanted again is forgotten",
        lambda: patch.object(apply, "come_into_force", breakages.forgotten),
        77,
        "nothing is waited for",
    ),
    Sabotage("what was withdrawn stays in a batch", breakages.kept_in_batches, 56, "what no plan wants is submitted"),
    Sabotage(
        "what was withdrawn is accounted for",
        lambda: patch.object(apply, "_end", breakages.all_accounted_for),
        761,
        "not every image ended exactly once",
    ),
    Sabotage(
        "what is in a job is sent again",
        lambda: patch.object(Durable, "units_in_batches", breakages.in_no_job),
        80,
        "has a result and is submitted again",
    ),
    Sabotage(
        "what succeeded is sent again",
        lambda: patch.object(Durable, "succeeded_units", breakages.without_success),
        77,
        "has a result and is submitted again",
    ),
    Sabotage(
        "other points are the same work",
        lambda: patch.object(reconcile._Contents, "points", breakages.any_points),
        8,
        "stands for something else now",
    ),
    Sabotage(
        "as many points of a file are the same work",
        lambda: patch.object(reconcile._Contents, "points", breakages.as_many),
        29,
        "stands for something else now",
    ),
    Sabotage(
        "points of a file in another order are the same work",
        lambda: patch.object(reconcile._Contents, "points", breakages.in_any_order),
        29,
        "stands for something else now",
    ),
    Sabotage(
        "another photo is the same work",
        lambda: patch.object(reconcile, "identity_of", breakages.any_photo),
        128,
        "stands for something else now",
    ),
    Sabotage(
        "another size is the same work",
        lambda: patch.object(reconcile._Known, "_has_size", breakages.any_size),
        92,
        "stands for something else now",
    ),
    Sabotage(
        "the same work is new",
        lambda: patch.object(reconcile._Known, "take", breakages.always_new),
        2,
        "and another one",
    ),
    Sabotage(
        "what was withdrawn is looked up in the plan in force",
        lambda: patch.object(plans, "withdrawn", breakages.by_the_plan_in_force),
        11,
        "the plan does not name unit",
    ),
    Sabotage(
        "an address that was refused is the last",
        lambda: patch.object(plans, "moved", breakages.nowhere_else),
        836,
        "ended as host-refused",
    ),
    Sabotage("a further plan is committed before its files", breakages.committed_too_soon, 2, "plan.json: missing"),
)
