"""Run rules over a file, and turn their sentences into findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nixschema.errors import StaleFileError
from nixschema.findings import Finding, Level
from nixschema.layout import Attribute, Columns, Link, Place, Unstored, Value, layout_of
from nixschema.model import File, Model, UnknownDimension
from nixschema.model.display import printable
from nixschema.model.extra import Foreign, Problem, Stored
from nixschema.rules.container import OpenFailure, UnreadableValues
from nixschema.rules.rule import At, Rule, Sentence
from nixschema.storage.tree import Node, Tree


class Runner:
    """The rules chosen for a run, sorted by what they are about."""

    def __init__(self, rules: Iterable[Rule], *, depth: str = "full") -> None:
        self.rules = [one for one in rules if depth == "full" or one.cost == "metadata"]
        self._by_class: dict[type, list[Rule]] = {}
        self._by_problem = {one.id: one for one in self.rules if Problem in one.on}

    def check(self, file: File, tree: Tree | None = None) -> list[Finding]:
        """All findings about a file, in order of its entities.

        Args:
            file: the models.
            tree: what was read, for rules on what models cannot show.
        """
        findings: list[Finding] = []
        for model in everything(file):
            findings += self._check_model(model, file)
        if tree is not None:
            findings += self._check_nodes(tree, file)
        return findings

    def check_failure(self, failure: OpenFailure) -> list[Finding]:
        """What there is to say about a file that cannot be opened."""
        return [
            _finding(one, "/", sentence, one.level, None)
            for one in self._for(OpenFailure)
            for sentence in one.check(failure)
            if isinstance(sentence, str)
        ]

    def _for(self, kind: type) -> list[Rule]:
        known = self._by_class.get(kind)
        if known is None:
            known = [one for one in self.rules if any(issubclass(kind, on) for on in one.on)]
            self._by_class[kind] = known
        return known

    def _check_model(self, model: Model, file: File) -> Iterator[Finding]:
        for one in self._for(type(model)):
            try:
                needed = _needed(one, model, file) if one.needs else ()
                for sentence in one.check(model, *needed):
                    yield _about(model, one, sentence)
            except StaleFileError:
                raise
            except (OSError, MemoryError) as error:
                yield from self._unreadable(model, one, error)
        if model.extra:
            yield from self._check_extra(model)

    def _unreadable(self, model: Model, failed: Rule, error: Exception) -> Iterator[Finding]:
        values = UnreadableValues(failed.id, " ".join(str(error).split())[:200])
        for one in self._for(UnreadableValues):
            for sentence in one.check(values):
                yield _about(model, one, sentence)

    def _check_extra(self, model: Model) -> Iterator[Finding]:
        for path, name, thing in model.extra.walk(model.path):
            if thing.problem is not None:
                told = self._by_problem.get(thing.problem.rule)
                if told is not None:
                    here = _place_of(model, path, name, thing)
                    for sentence in told.check(thing.problem):
                        yield _finding(told, here, sentence, told.level, _id(model))
            elif not isinstance(model, UnknownDimension):
                for one in self._for(type(thing)):
                    for sentence in one.check(thing, name):
                        yield _finding(one, path, sentence, one.level, _id(model))

    def _check_nodes(self, tree: Tree, file: File) -> Iterator[Finding]:
        for one in self._for(Tree):
            for sentence in one.check(tree):
                yield _about_node(tree.root, one, sentence)
        rules = self._for(Node)
        known = {"file": file, "tree": tree}
        for node in tree.nodes.values():
            for one in rules:
                needed = [known[need] for need in one.needs] if one.needs else ()
                for sentence in one.check(node, *needed):
                    yield _about_node(node, one, sentence)


def everything(file: File) -> Iterator[Model]:
    """All models of a file, and those outside it that a broken file refers to."""
    outside: dict[int, Model] = {}
    for model in file.walk():
        yield model
        _note_outside(model, outside)
    done: set[int] = set()
    while len(done) < len(outside):
        for key, root in list(outside.items()):
            if key not in done:
                done.add(key)
                for model in root.walk():
                    yield model
                    _note_outside(model, outside)


def _note_outside(model: Model, outside: dict[int, Model]) -> None:
    for _, _, item in model.outgoing():
        target = item.target
        if target is not None and target.owner is None and target.scope != "file":
            outside.setdefault(id(target), target)


def _needed(one: Rule, model: Model, file: File) -> list[Any]:
    return [file if need == "file" else model.block for need in one.needs]


def _place_of(model: Model, path: str, name: str, thing: Stored | Foreign) -> str:
    """Where a problem is: at a member or dataset of a known name, else at what holds it."""
    if isinstance(thing, Stored):
        return path
    fields = {one.name: one.place for one in layout_of(type(model)).values()}
    place = fields.get(name) if path == model.path else None
    if place is None or (isinstance(place, Value) and place.itself):
        return path
    return f"{path.rstrip('/')}/{name}"


def _about(model: Model, one: Rule, sentence: Sentence) -> Finding:
    path = model.path
    if isinstance(sentence, At):
        layout = layout_of(type(model))
        for step in sentence.steps:
            if isinstance(step, str):
                place = layout[step].place
                if not (isinstance(place, Attribute | Columns | Unstored) or _is_by_id(place)):
                    path = f"{path.rstrip('/')}/{place.name}"
    return _finding(one, path, sentence, one.level, _id(model))


def _about_node(node: Node, one: Rule, sentence: Sentence) -> Finding:
    steps = sentence.steps if isinstance(sentence, At) else ()
    path = "/".join([node.path.rstrip("/"), *map(str, steps)]) or "/"
    return _finding(one, path, sentence, one.level, None)


def _finding(
    one: Rule, path: str, sentence: Sentence, level: Level, entity_id: str | None
) -> Finding:
    text, help_text = sentence, one.help
    if isinstance(sentence, At):
        text, help_text = sentence.sentence, sentence.help or one.help
    return Finding(
        rule=one.id,
        level=level,
        path=path.encode("utf-8", "backslashreplace").decode(),
        message=printable(str(text)),
        help=None if help_text is None else printable(help_text),
        fixable=one.fix is not None,
        entity_id=entity_id,
    )


def _is_by_id(place: Place) -> bool:
    return isinstance(place, Link) and place.by == "id"


def _id(model: Model) -> str | None:
    return getattr(model, "id", None) or None
