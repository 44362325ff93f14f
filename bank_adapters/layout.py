"""Where named values stand in one JSON object of a bank, and in which form."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from pydantic import BaseModel

from bank_adapters.forms import Form, Malformed, as_list, as_object

Places: TypeAlias = Mapping[str, tuple[str, Form]]
Tree: TypeAlias = "dict[str, Tree | Place]"


class Place(NamedTuple):
    """A value's name on our side and its form on the bank's."""

    name: str
    form: Form


class Layout:
    """Places and forms of the values in one JSON object, readable in both directions."""

    def __init__(self, places: Places) -> None:
        """Lay out the values.

        Args:
            places: Per value name, the dotted path in the bank's object and the form it is written in.
        """
        self._paths = [(Place(name, form), path.split(".")) for name, (path, form) in places.items()]
        self._tree: Tree = {}
        for place, path in self._paths:
            _plant(self._tree, path, place)

    def write(self, values: Mapping[str, Any]) -> dict[str, object]:
        """Write the values that are there; None and missing are left out."""
        body: dict[str, object] = {}
        for (name, form), path in self._paths:
            value = values.get(name)
            if value is not None:
                _put(body, path, form.write(value))
        return body

    def read(self, received: object) -> dict[str, Any]:
        """Read whatever known values are there.

        Raises:
            Malformed: A value has another form, or a field is unknown.
        """
        found: dict[str, Any] = {}
        _read_branch(self._tree, received, found)
        return found


def rows(model: type[BaseModel], layout: Layout) -> Form:
    """A list of objects, each of which is one value of the model."""

    def write(values: Sequence[BaseModel]) -> object:
        return [layout.write(vars(value)) for value in values]

    def read(received: object) -> tuple[BaseModel, ...]:
        return tuple(read_one(place, one) for place, one in enumerate(as_list(received)))

    def read_one(place: int, received: object) -> BaseModel:
        try:
            return model(**layout.read(received))
        except Malformed as finding:
            raise finding.below(f"[{place}]") from None

    return Form(write, read)


def _plant(tree: Tree, path: Sequence[str], place: Place) -> None:
    step, *rest = path
    if not rest:
        tree[step] = place
        return
    branch = tree.setdefault(step, {})
    if isinstance(branch, Place):
        raise TypeError(f"{step} cannot be both a value and an object")
    _plant(branch, rest, place)


def _put(body: dict[str, object], path: Sequence[str], written: object) -> None:
    step, *rest = path
    if rest:
        _put(as_object(body.setdefault(step, {})), rest, written)
    else:
        body[step] = written


def _read_branch(tree: Tree, received: object, found: dict[str, Any]) -> None:
    for step, value in as_object(received).items():
        branch = tree.get(step)
        if branch is None:
            raise Malformed("no such field", step)
        try:
            if isinstance(branch, Place):
                found[branch.name] = branch.form.read(value)
            else:
                _read_branch(branch, value, found)
        except Malformed as finding:
            raise finding.below(step) from None
