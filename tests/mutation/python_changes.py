"""What can be changed in a Python file: its syntax tree says where, and the text beside it stays as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mutation.changes import Change

_COMPARED = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
}
_COMPUTED = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "//"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.BitOr: (r"\|", "&"),
    ast.BitAnd: ("&", "|"),
}
#: Keywords that only a type checker, or a reader of the code, can tell from their absence.
_FOR_READERS = {"frozen", "slots", "strict", "default_factory"}
#: Calls that say something to a type checker alone.
_FOR_TYPES = {"cast", "TypeVar", "NewType"}


def changes(path: str, source: bytes) -> Iterator[Change]:
    """Every change of this file that this knows of; a few leave what is no code, such as `f(*a, b)` without its `b`."""
    finder = _Finder(path, source)
    finder.visit(ast.parse(source))
    yield from finder.changes


def is_code(change: Change) -> bool:
    """Whether Python can read the changed file."""
    try:
        ast.parse(change.changed)
    except SyntaxError:
        return False
    return True


class _Finder(ast.NodeVisitor):
    def __init__(self, path: str, source: bytes) -> None:
        self.changes: list[Change] = []
        self._path, self._source = path, source
        self._lines = [0, *(line.end() for line in re.finditer(b"\n", source))]

    def _start(self, node: ast.AST) -> int:
        return self._lines[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]

    def _end(self, node: ast.AST) -> int:
        return self._lines[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def _text(self, node: ast.AST) -> bytes:
        return self._source[self._start(node) : self._end(node)]

    def _replace(self, node: ast.AST, new: bytes) -> None:
        self._change(self._start(node), self._end(node), new)

    def _change(self, start: int, end: int, new: bytes) -> None:
        self.changes.append(Change(self._path, self._source, start, end, new))

    def _operator(self, left: ast.AST, right: ast.AST, old: str, new: str) -> None:
        """Another operator between two operands."""
        begin = self._end(left)
        if match := re.search(old.encode(), self._source[begin : self._start(right)]):
            self._change(begin + match.start(), begin + match.end(), new.encode())

    def _negate(self, test: ast.expr) -> None:
        if not isinstance(test, ast.Constant | ast.Compare) or (isinstance(test, ast.Compare) and len(test.ops) > 1):
            self._replace(test, b"not (%s)" % self._text(test))

    # Statements.

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self._replace(node, b"pass")
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.targets[0], ast.Attribute | ast.Subscript):
            self._replace(node, b"pass")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._remove(node)
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self._replace(node, b"return None")
        self.generic_visit(node)

    def _remove(self, node: ast.stmt) -> None:
        self._replace(node, b"pass")

    visit_Continue = visit_Break = visit_Delete = visit_Raise = _remove  # what is raised says something to people

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if not (len(node.body) == 1 and isinstance(node.body[0], ast.Raise) and node.body[0].exc is None):
            self._change(self._start(node.body[0]), self._end(node.body[-1]), b"raise")
        self.generic_visit(node)

    def _visit_test(self, node: ast.If | ast.While | ast.IfExp) -> None:
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self._negate(node.test)
            self.generic_visit(node)

    visit_If = visit_While = visit_IfExp = _visit_test

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._negate(test)
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg not in _FOR_READERS:
            self.generic_visit(node)

    # Annotations are for type checkers, and Python 3.11 does not say where the parts of an f-string are.

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.value, ast.Name) or node.value.id != "Literal":  # which a type checker alone looks at
            self.generic_visit(node)

    def _pass_over(self, node: ast.AST) -> None:
        pass

    visit_arg = visit_JoinedStr = _pass_over

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for part in (*node.decorator_list, node.args, *node.body):
            self.visit(part)

    # Expressions.

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, operands, operands[1:], strict=False):
            self._operator(left, right, *_COMPARED[type(operator)])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        words = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._operator(left, right, *words)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if words := _COMPUTED.get(type(node.op)):
            self._operator(node.left, node.right, *words)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._replace(node, self._text(node.operand))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in _FOR_TYPES:
            return
        first = [argument for argument in node.args[:2] if not isinstance(argument, ast.Starred)]
        if len(first) == 2 and self._text(first[0]) != self._text(first[1]):
            between = self._source[self._end(first[0]) : self._start(first[1])]
            both = self._text(first[1]) + between + self._text(first[0])
            self._change(self._start(first[0]), self._end(first[1]), both)
        for keyword in node.keywords:
            if keyword.arg and keyword.arg not in _FOR_READERS:
                self._drop(keyword)
        self.generic_visit(node)

    def _drop(self, keyword: ast.keyword) -> None:
        """Without the comma before it, or the one behind it where it is the first."""
        start, end = self._start(keyword), self._end(keyword)
        before = self._source[:start].rstrip()
        if before.endswith(b","):
            start = len(before) - 1
        elif behind := re.match(rb"\s*,\s*", self._source[end:]):
            end += behind.end()
        self._change(start, end, b"")

    def visit_Constant(self, node: ast.Constant) -> None:
        match node.value:
            case bool(value):
                self._replace(node, repr(not value).encode())
            case int(value):
                self._replace(node, repr(value + 1).encode())
            case float(value):
                self._replace(node, repr(value * 2 or 1.0).encode())
            case str(value) if not re.search(r"\s", value):  # what has blanks is a sentence for people
                self._replace(node, repr(value + "x").encode())
            case bytes(value):
                self._replace(node, repr(value + b"x").encode())
