"""The house keeps to the sizes that CONTRIBUTING.md names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import coralrun

MODULES = sorted(Path(coralrun.__file__).parent.rglob("*.py"))
MODULE_LINES = 300
FUNCTION_LINES = 70


def _functions(module: ast.Module) -> Iterator[tuple[str, int]]:
    """The functions of a module, each with its lines without its docstring."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.end_lineno:
            first = node.body[0]
            documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            yield node.name, node.end_lineno - node.lineno + 1 - docstring


def test_no_module_is_longer_than_the_style_says() -> None:
    lengths = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert len(lengths) > 100
    assert {name: length for name, length in lengths.items() if length > MODULE_LINES} == {}


def test_no_function_is_longer_than_the_style_says() -> None:
    functions = [(path.name, *found) for path in MODULES for found in _functions(ast.parse(path.read_bytes()))]
    assert len(functions) > 1000
    assert [found for found in functions if found[2] > FUNCTION_LINES] == []
