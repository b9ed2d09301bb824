"""What a literal sets: the name it is assigned to, the parameter, the argument."""
# ruff: noqa: ARG002, D102, N802 - LibCST fixes the names of visitor methods and of their arguments

import libcst as cst

# Positional integers of these calls are axes and sizes that other code relies on.
SHAPERS = frozenset(
    {
        "chunk",
        "expand",
        "flatten",
        "flip",
        "gather",
        "movedim",
        "permute",
        "repeat",
        "repeat_interleave",
        "reshape",
        "roll",
        "size",
        "split",
        "squeeze",
        "stack",
        "swapaxes",
        "tile",
        "transpose",
        "tril",
        "triu",
        "unflatten",
        "unsqueeze",
        "view",
    }
)
AXES = frozenset({"axis", "dim", "dims", "dim0", "dim1", "keepdim", "start_dim", "end_dim"})


class SlotVisitor(cst.CSTVisitor):
    """Keeps track of the scope and of the slot that the visited node fills."""

    def __init__(self) -> None:
        super().__init__()
        self.scope: list[str] = []
        self.functions: list[cst.FunctionDef] = []
        self._slots: list[str] = [""]
        self._rigid = 0
        self._arguments: dict[cst.Arg, tuple[str, bool]] = {}
        self._settings: set[cst.CSTNode] = set()

    @property
    def slot(self) -> str:
        """What the visited node sets, for people; empty if it has no name."""
        return self._slots[-1]

    @property
    def is_rigid(self) -> bool:
        """Whether the visited node is an index, an axis or a shape."""
        return self._rigid > 0

    def is_setting(self, node: cst.CSTNode) -> bool:
        """Whether ``node`` is the whole value of a constant, a default or a keyword argument."""
        return node in self._settings

    # Scopes.

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.functions.append(node)
        self.scope.append(node.name.value)
        self._slots.append("")

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self.functions.pop()
        self.scope.pop()
        self._slots.pop()

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.scope.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self.scope.pop()

    # What a literal sets.

    def visit_Assign(self, node: cst.Assign) -> None:
        target = node.targets[0].target
        self._open_slot(
            target.value if isinstance(target, cst.Name) else "",
            node.value,
            is_setting=not self.functions,
        )

    def leave_Assign(self, original_node: cst.Assign) -> None:
        self._slots.pop()

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        target = node.target
        self._open_slot(
            target.value if isinstance(target, cst.Name) else "",
            node.value,
            is_setting=not self.functions,
        )

    def leave_AnnAssign(self, original_node: cst.AnnAssign) -> None:
        self._slots.pop()

    def visit_Param(self, node: cst.Param) -> None:
        self._open_slot(node.name.value, node.default)

    def leave_Param(self, original_node: cst.Param) -> None:
        self._slots.pop()

    def visit_Call(self, node: cst.Call) -> None:
        name = called(node)
        for position, argument in enumerate(node.args, 1):
            if argument.keyword is None:
                label = f"argument {position} of {name}" if name else ""
                self._arguments[argument] = (label, name in SHAPERS)
            else:
                keyword = argument.keyword.value
                self._arguments[argument] = (
                    f"{keyword} of {name}" if name else keyword,
                    keyword in AXES,
                )
                self._settings.add(argument.value)

    def visit_Arg(self, node: cst.Arg) -> None:
        label, is_rigid = self._arguments.get(node, ("", False))
        self._slots.append(label or self._slots[-1])
        self._rigid += is_rigid

    def leave_Arg(self, original_node: cst.Arg) -> None:
        self._slots.pop()
        self._rigid -= self._arguments.get(original_node, ("", False))[1]

    def visit_SubscriptElement(self, node: cst.SubscriptElement) -> None:
        self._rigid += 1

    def leave_SubscriptElement(
        self,
        original_node: cst.SubscriptElement,
    ) -> None:
        self._rigid -= 1

    def _open_slot(self, name: str, value: cst.CSTNode | None, *, is_setting: bool = True) -> None:
        scope = f" of {self.scope[-1]}" if self.scope else ""
        self._slots.append(f"{name}{scope}" if name else "")
        if value is not None and is_setting:
            self._settings.add(value)


def called(node: cst.Call) -> str:
    """Returns the last name of what is called, or an empty string."""
    if isinstance(node.func, cst.Attribute):
        return str(node.func.attr.value)
    return str(node.func.value) if isinstance(node.func, cst.Name) else ""
