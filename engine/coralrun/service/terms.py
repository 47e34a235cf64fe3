"""What a survey may say of a service: a record that each service hands over.

Rule: how a survey is checked and read follows from these records, and none of them is known by name. A path is that of
a key in a survey, `run.web_rate`; the items of a list have one path, `sources.coralnet`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Option = str | int | float | bool
Options = Mapping[str, Option]
"""What a survey says by the keys that are its service's own, by their paths."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceTerms:
    """What a survey may say of one service.

    `name` is what people call it. `service` means it where that matches the pattern `spelling`, which `spelt` says in
    words. `options` are its own keys, by their paths, with what holds where a survey does not say, None for nothing:
    they are kept for it and mean nothing to anybody else; those in `paths` are paths, relative to the survey, and those
    in `folders` of folders that are to be there. `keys` are the paths of further keys that not every service knows;
    `instead` says, for such a path that it does not know, what people do instead, and `beside` the key that it does
    know it with.
    `classifier_id` is what the schema says of a classifier's id there. `points_per_image` is
    the most that an image may have. `account` names the variables of the environment that an account's credentials
    stand in; empty where there is none to sign in to.
    """

    name: str
    spelling: str
    spelt: str
    options: Mapping[str, Option | None] = field(default_factory=dict)
    paths: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    instead: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    classifier_id: Mapping[str, Any] = field(default_factory=dict)
    points_per_image: int | None = None
    account: str = ""

    @property
    def own_keys(self) -> frozenset[str]:
        """All keys that it knows and another service may not."""
        return self.keys | self.options.keys()
