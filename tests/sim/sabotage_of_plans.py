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
        5,
        "the plan does not name unit",
    ),
    Sabotage(
        "what is wanted again is forgotten",
        lambda: patch.object(apply, "come_into_force", breakages.forgotten),
        41,
        "nothing is waited for",
    ),
    Sabotage("what was withdrawn stays in a batch", breakages.kept_in_batches, 20, "what no plan wants is submitted"),
    Sabotage(
        "what was withdrawn is accounted for",
        lambda: patch.object(apply, "_end", breakages.all_accounted_for),
        5,
        "not every image ended exactly once",
    ),
    Sabotage(
        "what is in a job is sent again",
        lambda: patch.object(Durable, "units_in_batches", breakages.in_no_job),
        29,
        "has a result and is submitted again",
    ),
    Sabotage(
        "what succeeded is sent again",
        lambda: patch.object(Durable, "succeeded_units", breakages.without_success),
        35,
        "has a result and is submitted again",
    ),
    Sabotage(
        "other points are the same work",
        lambda: patch.object(reconcile._Contents, "points", breakages.any_points),
        5,
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
        17,
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
        5,
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
