"""`extends`: bases merged under a survey, each value keeping the place where it was written.

Rule: mappings are merged key by key, everything else is replaced; of several bases the later one wins, and the survey
wins over all. `key: null` drops what a base says. A base's relative paths are relative to the base, so they are
rewritten to be relative to the survey. Paths are POSIX text; nothing here opens a file but `read`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from coralrun.errors import InvalidInput, Problem
from coralrun.spec.environment import expanded
from coralrun.spec.load import Document, Node, load
from coralrun.spec.model import FROM_CORALNET
from coralrun.spec.text import shown

MAX_BASES: Final = 50  # ours: counted with repetitions, so that bases of bases cannot multiply
_ABSOLUTE = re.compile(r"/|[A-Za-z]:[/\\]")
# Where paths that are read stand in a survey; "*" is any item of a list.
PATHS: Final = (
    ("classifier", "folder"),
    ("compute", "scheduler_file"),
    ("sources", "*", "manifest"),
    ("sources", "*", "folder"),
    ("sources", "*", "filters", "names_from"),
    ("sources", "*", "filters", "not_trained_on"),
    ("sampling", "points", "from"),
    ("metadata",),
    ("metadata", "from"),
    ("design", "strata", "areas"),
    ("design", "weights", "from"),
    ("cover", "groups"),
)
_WORDS: Final = dict.fromkeys([("metadata",), ("metadata", "from"), ("sampling", "points", "from")], FROM_CORALNET)
"""What stands for something else where a path may stand."""

Read = Callable[[str], bytes]


def load_with_bases(
    file: str,
    data: bytes,
    read: Read,
    variables_at: frozenset[tuple[str, ...]] = frozenset(),
    environment: Mapping[str, str] | None = None,
) -> Document:
    """The survey with its bases merged in, and variables of the `environment` in their places, `variables_at`.

    `file` is a POSIX path; `read` is given a base's path in the same terms (relative to what `file` is relative to)
    and raises OSError if there is no such file. `InvalidInput` if a file cannot be read.
    """
    merger = _Merger(read, variables_at, environment or {})
    root = merger.merged(file, data, folder="", open_files=(identity(file),))
    return Document(root, tuple(merger.problems))


def join(folder: str, path: str) -> str:
    """A path that is relative to `folder`, or absolute."""
    if not folder or _ABSOLUTE.match(path):
        return path
    return folder + path if folder.endswith("/") else f"{folder}/{path}"


def folder_of(path: str) -> str:
    """The folder that a file stands in, "" if its path names none."""
    head, slash, _ = path.rpartition("/")
    return head or slash


def identity(path: str) -> str:
    """A path without `.` and `x/..`, by which a file is known again."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] not in ("..", ""):
            parts.pop()
        elif part not in (".", "") or (part == "" and not parts):
            parts.append(part)
    return "/".join(parts)


def merge(base: Node, over: Node) -> Node:
    """`over` laid upon `base`."""
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    values, keys = dict(base.value), dict(base.keys)
    for key, node in over.value.items():
        if node.value is None and key in base.value:
            del values[key], keys[key]
            continue
        values[key] = merge(base.value[key], node) if key in base.value else node
        keys[key] = over.keys[key]
    return Node(over.place, values, keys)


class _Merger:
    """Reads a survey's bases, and theirs, counting them."""

    def __init__(self, read: Read, variables_at: frozenset[tuple[str, ...]], environment: Mapping[str, str]) -> None:
        self._read = read
        self._variables_at = variables_at
        self._environment = environment
        self._bases = 0
        self.problems: list[Problem] = []

    def merged(self, file: str, data: bytes, *, folder: str, open_files: tuple[str, ...]) -> Node:
        """One file upon its bases; `folder` is the file's, relative to the survey's; `open_files` lead to it."""
        try:
            document = load(file if len(open_files) == 1 else open_files[-1], data)
        except InvalidInput as error:
            raise InvalidInput([*self.problems, *error.problems]) from None
        self.problems.extend(document.problems)
        root = expanded(document.root, self._variables_at, self._environment, self.problems)
        assert isinstance(root.value, dict)  # noqa: S101 - `load` returns a mapping
        extends = root.value.pop("extends", None)
        own = _rebased(root, folder, ())
        if extends is None:
            return own
        result: Node | None = None
        for name in self._names(extends):
            base = self._base(name, file, folder, open_files)
            result = base if result is None else merge(result, base)
        return own if result is None else merge(result, own)

    def _names(self, extends: Node) -> list[Node]:
        """The bases that `extends` names."""
        nodes = extends.value if isinstance(extends.value, list) else [extends]
        for node in nodes:
            if not isinstance(node.value, str) or not node.value:
                raise self._refused(node, "`extends` must be the path of a base survey, or a list of paths")
        if not nodes:
            raise self._refused(extends, "`extends` must be the path of a base survey, or a list of paths")
        return nodes

    def _base(self, name: Node, file: str, folder: str, open_files: tuple[str, ...]) -> Node:
        path = join(folder_of(file), str(name.value))
        if identity(path) in open_files:
            raise self._refused(name, f"{shown(name.value)} leads back to itself: a base cannot extend what extends it")
        self._bases += 1
        if self._bases > MAX_BASES:
            raise self._refused(name, f"more than {MAX_BASES} bases are read for one survey")
        try:
            data = self._read(path)
        except OSError as error:
            why = error.strerror or "it cannot be opened"
            raise self._refused(name, f"the base {shown(identity(path))} cannot be read: {why}") from None
        return self.merged(
            path,
            data,
            folder=folder_of(join(folder, str(name.value))),
            open_files=(*open_files, identity(path)),
        )

    def _refused(self, node: Node, message: str) -> InvalidInput:
        place = node.place
        return InvalidInput([*self.problems, Problem(place.file, place.line, place.column, message)])


def _rebased(node: Node, folder: str, path: tuple[str, ...]) -> Node:
    """The node with each path that is read made relative to the survey's folder."""
    if not folder or not any(pattern[: len(path)] == path for pattern in PATHS):
        return node
    if isinstance(node.value, dict):
        return Node(node.place, {k: _rebased(child, folder, (*path, k)) for k, child in node.value.items()}, node.keys)
    if isinstance(node.value, list):
        return Node(node.place, [_rebased(child, folder, (*path, "*")) for child in node.value])
    if isinstance(node.value, str) and node.value and path in PATHS and node.value != _WORDS.get(path):
        return Node(node.place, join(folder, node.value))
    return node
