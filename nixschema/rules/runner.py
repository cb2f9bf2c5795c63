"""Run rules over a file, and turn their sentences into findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, TypeAlias

import numpy as np

from nixschema.errors import StaleFileError
from nixschema.findings import Finding, Level, facts_of
from nixschema.layout import Value, layout_of
from nixschema.model import Entity, File, Model, UnknownDimension
from nixschema.model.display import printable
from nixschema.model.extra import Foreign, Problem, Stored
from nixschema.model.lookup import nearest
from nixschema.odml_model.document import Document, Property, Section
from nixschema.odml_model.where import Where
from nixschema.rules.container import OpenFailure, UnreadableValues
from nixschema.rules.contents import DOCUMENT, Contents
from nixschema.rules.descriptions import Fault
from nixschema.rules.marked import Marked
from nixschema.rules.odml import OdmlProblem
from nixschema.rules.odml_losses import ConversionLoss
from nixschema.rules.origin import Origin, Withheld
from nixschema.rules.rule import At, Rule, Sentence
from nixschema.rules.schemas import SchemaProblem
from nixschema.rules.terminology import Terminology
from nixschema.rules.twins import Twins
from nixschema.rules.uses import Uses
from nixschema.storage.tree import Node, Tree

Held: TypeAlias = Document | Section | Property
"""What findings about odML are about."""


class Runner:
    """The rules chosen for a run, sorted by what they are about."""

    def __init__(
        self,
        rules: Iterable[Rule],
        *,
        depth: str = "full",
        readers: Iterable[str] = (),
        terminology: Terminology | None = None,
    ) -> None:
        """Choose rules.

        Args:
            rules: those to apply.
            depth: ``metadata`` leaves out rules that read values.
            readers: what must be able to read the files; findings of rules about other readers are
                information, and what would be information to them is left out.
            terminology: what sections of odML documents are compared with; rules about that are
                left out without.
        """
        wanted = frozenset(readers)
        self.rules = [
            one
            for one in rules
            if (depth == "full" or one.cost == "metadata")
            and (one.level is not Level.INFO or one.reader is None or one.reader in wanted)
            and (terminology is not None or "terminology" not in one.needs)
        ]
        self._terminology = terminology
        self._by_class: dict[type, list[Rule]] = {}
        self._levels = {
            one.id: one.level if one.reader is None or one.reader in wanted else Level.INFO
            for one in self.rules
        }
        self._by_id = {one.id: one for one in self.rules}
        self._by_problem = {one.id: one for one in self.rules if Problem in one.on}

    def check(
        self, file: File, tree: Tree | None = None, origin: Origin | None = None
    ) -> list[Finding]:
        """All findings about a file, in order of its entities.

        Args:
            file: the models.
            tree: what was read, for rules on what models cannot show.
            origin: the text they were read from: findings get its lines.
        """
        findings: list[Finding] = []
        models = list(file.walk())
        known = {
            "file": file,
            "tree": tree,
            "uses": Uses(models),
            "twins": Twins(models),
            "marked": Marked(),
        }
        others = outside(models)
        withheld = Withheld(origin.unsure if origin is not None else ())
        if withheld.fields:
            others = iter(list(others))
        # Numbers in files may be as large as they like.
        with np.errstate(all="ignore"), withheld.held():
            for model in chain(models, others):
                if id(model) not in withheld.entities:
                    findings += self._check_model(model, known, origin, withheld)
            if tree is not None:
                findings += self._check_nodes(tree, file)
        return findings

    def check_document(
        self, document: Document | None, problems: Iterable[OdmlProblem] = ()
    ) -> list[Finding]:
        """All findings about an odML document, in order of its text.

        Args:
            document: what was read; None where a problem ended the reading.
            problems: what was met while it was read.
        """
        if document is None:
            return [found for one in problems if (found := self.tell(one)) is not None]
        contents = Contents(document)
        known = {"contents": contents, "terminology": self._terminology}
        findings = [
            found
            for one in problems
            if (found := self.tell(one, contents.at(one.path))) is not None
        ]
        findings += self._check_held(document, DOCUMENT, None, known)
        for entity, where, owner in contents.held:
            findings += self._check_held(entity, where, owner, known)
        return sorted(findings, key=lambda one: (one.line or 0, one.column or 0))

    def _check_held(
        self,
        entity: Held,
        where: Where,
        owner: Section | None,
        known: Mapping[str, Any],
    ) -> Iterator[Finding]:
        for one in self._for(type(entity)):
            needed = (owner if need == "section" else known[need] for need in one.needs)
            for sentence in one.check(entity, *needed):
                steps = sentence.steps if isinstance(sentence, At) else ()
                place = entity.place.of(str(steps[0]) if steps else "")
                found = self._finding(one, where.path, sentence, entity)
                yield _placed(found, place[0] or None, place[1] or None)

    def check_failure(self, failure: OpenFailure) -> list[Finding]:
        """What there is to say about a file that cannot be opened."""
        return [
            self._finding(one, "/", sentence)
            for one in self._for(OpenFailure)
            for sentence in one.check(failure)
            if isinstance(sentence, str)
        ]

    def tell(
        self,
        fault: Fault | OdmlProblem | SchemaProblem | ConversionLoss,
        model: Model | Held | None = None,
    ) -> Finding | None:
        """The finding of what is wrong with a text, or lost; None where its rule is not applied.

        Args:
            fault: what is wrong.
            model: the entity that it is about.
        """
        one = self._by_id.get(fault.rule)
        if one is None:
            return None
        sentence = At((), fault.message, fault.help)
        found = self._finding(one, fault.path, sentence, model)
        return _placed(found, fault.line or None, fault.column or None)

    def _for(self, kind: type) -> list[Rule]:
        known = self._by_class.get(kind)
        if known is None:
            known = [one for one in self.rules if any(issubclass(kind, on) for on in one.on)]
            self._by_class[kind] = known
        return known

    def _check_model(
        self, model: Model, known: Mapping[str, Any], origin: Origin | None, withheld: Withheld
    ) -> Iterator[Finding]:
        for one in self._for(type(model)):
            try:
                needed = _needed(one, model, known) if one.needs else ()
                for sentence in one.check(model, *needed):
                    found = self._about(model, one, sentence)
                    if origin is not None:
                        steps = sentence.steps if isinstance(sentence, At) else ()
                        found = _placed(found, *origin.at(one.id, model, steps))
                    yield found
            except StaleFileError:
                raise
            except (OSError, MemoryError) as error:
                for found in self._unreadable(model, one, error):
                    at = None if origin is None else origin.at(one.id, model, ())
                    yield found if at is None else _placed(found, *at)
            except (AttributeError, KeyError) as error:
                if not withheld.explains(error):
                    raise
        if model.extra:
            for found in self._check_extra(model):
                yield found if origin is None else _placed(found, *origin.of(found.path))

    def _unreadable(self, model: Model, failed: Rule, error: Exception) -> Iterator[Finding]:
        values = UnreadableValues(failed.id, " ".join(str(error).split())[:200])
        for one in self._for(UnreadableValues):
            for sentence in one.check(values):
                yield self._about(model, one, sentence)

    def _check_extra(self, model: Model) -> Iterator[Finding]:
        # Paths of deeply nested models take long to put together: only for what is told.
        for inside, name, thing in model.extra.walk(""):
            if thing.problem is not None:
                told = self._by_problem.get(thing.problem.rule)
                if told is not None:
                    for sentence in told.check(thing.problem):
                        here = _place_of(model, inside, name, thing)
                        yield self._finding(told, here, sentence, model)
            elif not isinstance(model, UnknownDimension):
                for one in self._for(type(thing)):
                    around = (None if inside else model,) if one.needs[1:] else ()
                    for sentence in one.check(thing, name, *around):
                        here = f"{model.path.rstrip('/')}{inside}" if inside else model.path
                        yield self._finding(one, here, sentence, model)

    def _check_nodes(self, tree: Tree, file: File) -> Iterator[Finding]:
        for one in self._for(Tree):
            for sentence in one.check(tree):
                yield self._about_node(tree.root, one, sentence, file)
        known = {"file": file, "tree": tree}
        rules = [(one, one.check, [known[need] for need in one.needs]) for one in self._for(Node)]
        for node in tree.nodes.values():
            for one, check, needed in rules:
                for sentence in check(node, *needed):
                    yield self._about_node(node, one, sentence, file)

    def _about(self, model: Model, one: Rule, sentence: Sentence) -> Finding:
        path = model.path
        if isinstance(sentence, At):
            layout = layout_of(type(model))
            for step in sentence.steps:
                if isinstance(step, str) and layout[step].has_path:
                    path = f"{path.rstrip('/')}/{layout[step].name}"
        return self._finding(one, path, sentence, model)

    def _about_node(self, node: Node, one: Rule, sentence: Sentence, file: File) -> Finding:
        steps = sentence.steps if isinstance(sentence, At) else ()
        path = "/".join([node.path.rstrip("/"), *map(str, steps)]) or "/"
        return self._finding(one, path, sentence, nearest(file, path))

    def _finding(
        self, one: Rule, path: str, sentence: Sentence, model: Model | Held | None = None
    ) -> Finding:
        told = sentence if isinstance(sentence, At) else At((), sentence)
        text, help_text = printable(told.sentence), told.help or one.help
        entity = _entity_of(model) if isinstance(model, Model) else model
        fixable = one.fix is not None if told.fixable is None else told.fixable
        return Finding(
            rule=one.id,
            level=self._levels[one.id],
            path=_readable(path),
            message=text,
            help=None if help_text is None else printable(help_text),
            fixable=fixable,
            fix=one.fix if fixable else None,
            entity_id=None if entity is None else entity.id,
            entity_type=None if entity is None else getattr(entity, "type", None) or None,
            part=_readable(_part(path, entity.path)) if isinstance(entity, Entity) else "",
            facts=facts_of(text) if told.facts is None else tuple(map(printable, told.facts)),
        )


def finding_at(
    model: Model,
    steps: tuple[str, ...],
    *,
    rule: str,
    level: Level,
    message: str,
    help: str | None = None,
) -> Finding:
    """What somebody else than a rule says about a field of a model, or about the model.

    Args:
        model: what it is about.
        steps: the field, as for `At`.
        rule: its id.
        level: how grave it is.
        message: the sentence.
        help: what to do.
    """
    path = model.path
    layout = layout_of(type(model))
    for step in steps:
        if step in layout and layout[step].has_path:
            path = f"{path.rstrip('/')}/{layout[step].name}"
    entity = _entity_of(model)
    text = printable(message)
    return Finding(
        rule=rule,
        level=level,
        path=_readable(path),
        message=text,
        help=None if help is None else printable(help),
        entity_id=None if entity is None else entity.id,
        entity_type=None if entity is None else getattr(entity, "type", None) or None,
        part="" if entity is None else _readable(_part(path, entity.path)),
        facts=facts_of(text),
    )


def outside(models: Iterable[Model]) -> Iterator[Model]:
    """What models refer to that nothing owns, as in a broken file, and all that belongs to it.

    Args:
        models: a file, and all that belongs to it.
    """
    roots: dict[int, Model] = {}
    for model in models:
        _note_outside(model, roots)
    done: set[int] = set()
    while len(done) < len(roots):
        for key, root in list(roots.items()):
            if key not in done:
                done.add(key)
                for model in root.walk():
                    yield model
                    _note_outside(model, roots)


def _note_outside(model: Model, roots: dict[int, Model]) -> None:
    for _, _, item in model.outgoing():
        target = item.target
        if target is not None and target.owner is None and target.scope != "file":
            roots.setdefault(id(target), target)


def _placed(finding: Finding, line: int | None, column: int | None) -> Finding:
    """A finding with its place in a text, which no program mends."""
    return replace(finding, line=line, column=column, fixable=False, fix=None)


def _needed(one: Rule, model: Model, known: Mapping[str, Any]) -> list[Any]:
    return [model.block if need == "block" else known[need] for need in one.needs]


def _place_of(model: Model, inside: str, name: str, thing: Stored | Foreign) -> str:
    """Where a problem is: at a member or dataset of a known name, else at what holds it."""
    path = f"{model.path.rstrip('/')}{inside}" if inside else model.path
    if isinstance(thing, Stored):
        return path
    fields = {one.name: one.place for one in layout_of(type(model)).values()}
    place = None if inside else fields.get(name)
    if place is None or (isinstance(place, Value) and place.itself):
        return path
    return f"{path.rstrip('/')}/{name}"


def _entity_of(model: Model) -> Entity | None:
    """The entity that a model is or belongs to, which has an id."""
    here: Model | None = model
    while here is not None and not (isinstance(here, Entity) and here.id):
        here = here.owner
    return here


def _part(path: str, whole: str) -> str:
    """The end of a path below that of an entity; all of it where it is elsewhere."""
    if whole == "/" or path == whole or path.startswith(f"{whole}/"):
        return path[len(whole) :].lstrip("/")
    return path


def _readable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()
