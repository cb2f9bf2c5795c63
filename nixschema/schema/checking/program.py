"""A schema with its layers, made ready to check files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from nixschema.findings import Finding, Level, SchemaPlace
from nixschema.model import File
from nixschema.rules.origin import Origin, Withheld
from nixschema.rules.runner import finding_at
from nixschema.schema.checking.clauses import WhenStep
from nixschema.schema.checking.compiling import (
    blanks_in,
    container_steps,
    root_context,
    type_words,
    when_step,
)
from nixschema.schema.checking.fields import members_of
from nixschema.schema.checking.outcome import Accepted, Asked, Demand, Hit, Outcome
from nixschema.schema.checking.quantities import shown
from nixschema.schema.checking.recognising import RecognisingStep
from nixschema.schema.checking.run import ColumnView, Exhausted, Run
from nixschema.schema.checking.scope import Scope
from nixschema.schema.checking.together import compare_all, count_all
from nixschema.schema.checking.types import Namespaces, Types, counts_in, said_in
from nixschema.schema.language import Schema, SchemaDocument, Tree

Depth = Literal["metadata", "full"]

_CONTAINERS = (
    *("blocks", "metadata", "data_arrays", "data_frames", "tags", "multi_tags", "groups"),
    *("sources", "sections", "properties", "columns"),
)


class Checked(NamedTuple):
    """What a schema says about a file."""

    findings: list[Finding]
    accepted: list[Accepted]
    """Rules that it accepts for entities."""
    recognised: bool


class Program:
    """A schema with its layers, taken apart once to check many files."""

    def __init__(self, document: SchemaDocument | Sequence[Schema]) -> None:
        """Take it apart.

        Args:
            document: the schema with those that it extends, or these layers alone, lowest first.
        """
        layers = document.layers if isinstance(document, SchemaDocument) else tuple(document)
        self.schema = layers[-1]
        self.layers = layers
        self.types = Types(layers)
        self._namespaces = Namespaces(layers, self.types)
        self._layers = [_Layer(one) for one in layers]
        self._recognising = next((one for one in reversed(self._layers) if one.recognising), None)

    @property
    def name(self) -> str:
        """The schema's id."""
        return self.schema.schema_

    def recognises(self, file: File) -> str | None:
        """Why a file is none that the schema is about; None where it is one.

        A schema that does not say what it is about takes all files.
        """
        why = self._unrecognised(file)
        return None if why is None else why.sentence

    @property
    def can_recognise(self) -> bool:
        """Whether it says what it is about."""
        return self._recognising is not None

    @property
    def size(self) -> int:
        """How many clauses and constraints it has."""
        return sum(1 for layer in self.layers for _ in said_in(layer)) - len(self.layers)

    @property
    def looks_for(self) -> str:
        """What it recognises files by."""
        tree = self._recognising.schema.recognise if self._recognising is not None else None
        if tree is None:
            return ""
        return _looks_for(tree)

    def _unrecognised(self, file: File, metadata_only: bool = False) -> Hit | None:
        if self._recognising is None:
            return None
        try:
            return self._recognising.recognising.unlike(file, metadata_only)
        except Exhausted:
            return None

    def check(
        self,
        file: File,
        *,
        depth: Depth = "full",
        origin: Origin | None = None,
        metadata_only: bool = False,
        recognise: bool = True,
    ) -> Checked:
        """Check a file.

        Args:
            file: the file.
            depth: ``metadata`` leaves the values of arrays unread.
            origin: the text that it was read from: findings get its lines.
            metadata_only: it holds metadata only, as odML does: clauses on blocks are skipped, and
                it is told that they are.
            recognise: whether to look first if the file is one that the schema is about.
        """
        if recognise and (why := self._unrecognised(file, metadata_only)) is not None:
            article = "an" if self.name[:1].lower() in "aeiou" else "a"
            told = f"not {article} {self.name} file: {why.sentence}"
            asked = replace(why.asked, id=f"{self.name}:recognise", message=None)
            return Checked(_findings([why._replace(asked=asked, sentence=told)], origin), [], False)
        run, out = Run(file, depth=depth), Outcome()
        withheld = Withheld(origin.unsure if origin is not None else ())
        run.unsure = withheld.entities
        try:
            with withheld.held():
                self._check(file, run, out, metadata_only)
        except Exhausted:
            asked = Asked(f"{self.name}:steps", Level.WARNING, _place(self.schema))
            told = "the schema takes too many steps over this file: not all of it was checked"
            out.add(asked, file, (), told)
        if metadata_only and (skipped := self._skipped()):
            asked = Asked(f"{self.name}:blocks", Level.INFO, _place(self.schema))
            out.add(asked, file, (), f"there are no blocks here: {skipped} skipped")
        for told, entity in run.passed_over.items():
            asked = Asked(f"{self.name}:limits", Level.INFO, _place(self.schema))
            out.add(asked, entity, (), told)
        hits = self._namespaces.told_once(out.hits)
        return Checked(_findings(hits, origin), out.accepted, True)

    def _count(self, file: File, run: Run, metadata_only: bool) -> None:
        """Find out how many entities belong together, where a schema asks for that."""
        in_tree = [
            step
            for layer in self._layers
            for step in layer.counting
            if step.container == "metadata" or not metadata_only
        ]
        if not in_tree and not self.types.counts:
            return
        reads, run.reads_values = run.reads_values, False
        trial = Outcome()
        for step in in_tree:
            step.run(file, Scope(run), trial)
        if self.types.counts:
            for model in file.walk():
                if "type" in model.__dict__ and id(model) not in run.unsure:
                    self.types.apply(model, run, trial, counting=True)
        run.reads_values = reads
        run.answers.clear()  # Nothing that was found without values.
        count_all(trial.together, run)

    def _check(self, file: File, run: Run, out: Outcome, metadata_only: bool) -> None:
        self._count(file, run, metadata_only)
        for layer in self._layers:
            scope = Scope(run)
            for step in layer.metadata:
                step.run(file, scope, out)
            if not metadata_only:
                for step in layer.blocks:
                    step.run(file, scope, out)
            for when in () if metadata_only and layer.when_blocks else layer.when:
                when.run(file, scope, out)
            scope.finish()
            if layer.demand is not None:
                out.demands.append(Demand(layer.demand, file))
        if self.types or self._namespaces:
            for model in file.walk():
                if "type" in model.__dict__ and id(model) not in run.unsure:
                    run.spend()
                    if self._namespaces:
                        self._namespaces.apply(model, run, out)
                    self.types.apply(model, run, out)
        noted, out.together = out.together, []
        compare_all(noted, out)
        for demand in out.demands:
            _additional(demand, run, out)

    def _skipped(self) -> str:
        count = sum(len(one.schema.blocks) for one in self._layers)
        kinds = [
            one for layer in self.layers for one in layer.types.values()
            if one.is_ not in (None, "Section", "Property")
        ]  # fmt: skip
        if not count and not kinds:
            return ""
        total = count + len(kinds)
        return f"{total:,} clause{' is' if total == 1 else 's are'}"


class _Layer:
    """What one schema says about the tree of a file."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        context = replace(root_context(schema), kind="File")
        around = blanks_in(*schema.metadata, *schema.metadata.values())
        within = replace(context, around=around)
        self.metadata = container_steps("metadata", schema.metadata, within)
        self.blocks = container_steps("blocks", schema.blocks, context, is_root=True)
        self.counting = [
            step
            for steps, clauses in ((self.metadata, schema.metadata), (self.blocks, schema.blocks))
            for step, clause in zip(steps, clauses.values(), strict=True)
            if counts_in(clause)
        ]
        """Those that ask how many entities belong together."""
        self.when: list[WhenStep] = [when_step(one, within) for one in schema.when]
        self.when_blocks = any(
            one is not None and one.blocks for when in schema.when
            for one in (when.if_, when.then, when.else_)
        )  # fmt: skip
        self.demand: Asked | None = None
        if schema.additional in ("forbid", "warn"):
            level = Level.WARNING if schema.additional == "warn" else context.level
            place = context.place_of(schema, schema, "additional")
            self.demand = Asked(f"{schema.schema_}:additional", level, place, None, schema.reason)
        self.recognising = _Recognising(schema.recognise, schema)


class _Recognising:
    """What a file has that a schema is about."""

    def __init__(self, tree: Tree | None, schema: Schema) -> None:
        self._steps = _tree_steps(tree, schema)
        self._any_of = [_Recognising(one, schema) for one in tree.any_of] if tree else []

    def __bool__(self) -> bool:
        return bool(self._steps or self._any_of)

    def unlike(self, file: File, metadata_only: bool) -> Hit | None:
        """What a file lacks of it; of alternatives what all lack."""
        run = Run(file, depth="metadata")
        scope, out = Scope(run), Outcome()
        for step in self._told(metadata_only):
            step.run(file, scope, out)
        scope.finish()
        for found in out.hits:
            if not found.asked.is_old:
                return found
        lacks: list[Hit] = []
        for one in self._any_of:
            if metadata_only and not one._told(metadata_only):
                continue
            hit = one.unlike(file, metadata_only)
            if hit is None:
                return None
            lacks.append(hit)
        if not lacks:
            return None
        return lacks[0]._replace(sentence=" and ".join(one.sentence for one in lacks))

    def _told(self, metadata_only: bool) -> list[RecognisingStep]:
        return [one for one in self._steps if not metadata_only or one.step.container == "metadata"]


def _looks_for(tree: Tree) -> str:
    parts = []
    for words, clauses in (("section", tree.metadata), ("block", tree.blocks)):
        parts += [f"{words} `{key}`{type_words(one)}" for key, one in clauses.items()]
    if tree.any_of:
        parts.append(" or ".join(_looks_for(one) for one in tree.any_of))
    return ", ".join(parts)


def _tree_steps(tree: Tree | None, schema: Schema) -> list[RecognisingStep]:
    if tree is None:
        return []
    around = blanks_in(*tree.metadata, *tree.metadata.values())
    context = root_context(schema).inner(tree, "recognise", "", kind="File", around=around)
    steps = [
        *container_steps("metadata", tree.metadata, context),
        *container_steps("blocks", tree.blocks, context, is_root=True),
    ]
    return [RecognisingStep(one) for one in steps]


def _place(schema: Schema) -> SchemaPlace:
    return root_context(schema).place_of(schema)


def _additional(demand: Demand, run: Run, out: Outcome) -> None:
    """Tell of the members that no clause names."""
    for container in _CONTAINERS:
        members = members_of(demand.entity, container)
        if members is None or not hasattr(members, "__len__") or hasattr(members, "kinds"):
            continue
        run.spend(1 + len(members) // 4)
        for member in members:
            if id(member) in out.named:
                continue
            if isinstance(member, ColumnView) and member.key in out.columns:
                continue
            out.add(demand.asked, member, (), f"{shown(member)} is there, and no clause names it")


def _findings(hits: Iterable[Hit], origin: Origin | None) -> list[Finding]:
    """Findings of what does not hold; what several layers say is told by the lowest."""
    found: list[Finding] = []
    told: set[tuple[str, int, str]] = set()
    for hit in hits:
        key = (hit.asked.id.partition(":")[2], id(hit.entity), hit.sentence)
        if key in told:
            continue
        told.add(key)
        found.append(_finding(hit, origin))
    return found


def _finding(hit: Hit, origin: Origin | None) -> Finding:
    asked, model, steps = hit.asked, hit.entity, hit.steps
    sentence = asked.message or hit.sentence
    if isinstance(model, ColumnView):
        if asked.message is None:
            sentence = f"column `{model.name}`: {sentence}"
        model, steps = model.frame, ("columns",)
    one = finding_at(
        model, steps, rule=asked.id, level=asked.level, message=sentence, help=asked.reason
    )
    one = replace(one, schema=asked.place)
    if origin is None:
        return one
    line, column = origin.at(asked.id, model, steps)
    return replace(one, line=line, column=column)


def check(
    document: SchemaDocument | Sequence[Schema], file: File, *, depth: Depth = "full"
) -> list[Finding]:
    """What a schema says about a file."""
    return Program(document).check(file, depth=depth).findings
