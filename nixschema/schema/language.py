"""The language of schemas: constraints in place of values, clauses in place of entities.

One class for each thing that a schema says something about, one field for each keyword. Short forms
(``unit: mV``, ``label: required``, ``references: [{only: true}]``) become these long ones when a
schema is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from nixschema.findings import Level

Leaf: TypeAlias = str | bool | int | float
"""A text, which may have wildcards and blanks in it, or a number, which may be a text with a unit
(``0.1 ms``), or a boolean."""

Presence: TypeAlias = Literal["required", "optional", "forbidden"]
"""Whether something must be there, may be missing, or must not be there."""

Strictness: TypeAlias = Literal["forbid", "warn", "allow"]
"""What is said of entities that no clause names."""

EntityKind: TypeAlias = Literal[
    "Block", "Group", "DataArray", "DataFrame", "Tag", "MultiTag", "Source", "Section", "Property"
]
"""Classes of the model that clauses are about by their types."""


class Place(NamedTuple):
    """Where in a schema something stands."""

    schema: str
    """The schema's id."""
    file: str | None
    """Its file; None where it was made in Python."""
    line: int
    """Line, from 1; 0 where it was made in Python."""
    column: int
    """Column, from 1."""


class Said(BaseModel):
    """What everything in a schema can have: a level, words, and its place."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, protected_namespaces=())

    level: Level | None = None
    """How grave it is when it does not hold; inherited downwards, ``error`` at the top."""
    message: str | None = None
    """The sentence of the finding, in place of ours."""
    reason: str | None = None
    """Why it is asked for; shown as help."""
    id: str | None = None
    """Replaces its part in the ids of findings, which then stay when a key is renamed."""

    _places: dict[str, Place] = PrivateAttr(default_factory=dict)
    """Where each keyword stands; ``""`` for the whole."""

    @model_validator(mode="before")
    @classmethod
    def _in_long_form(cls, given: Any) -> Any:
        """Short forms, as a schema's text has them, become long ones."""
        if not given:
            return given
        from nixschema.schema.given import long_form

        return long_form(cls, given)

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, wherever they stand."""
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def place(self, keyword: str = "") -> Place | None:
        """Where a keyword stands, or the whole; None where it was made in Python."""
        return self._places.get(keyword) or self._places.get("")


class Count(NamedTuple):
    """How many there may be: ``1``, ``1..``, ``0..1``, ``2..8``, or a blank."""

    least: int = 1
    most: int | None = None
    """None for any number."""
    blank: str | None = None
    """The blank that the number fills, ``<channels>``."""


class Constraint(Said):
    """What one value must be: of a field, of each value of a property, or of an array.

    Without any keyword it asks that the value is there.
    """

    if TYPE_CHECKING:  # Short forms are taken as well.

        def __init__(self, **given: Any) -> None: ...

    presence: Presence = "required"
    fits: list[Leaf] | None = None
    """The short form: it is one of these; ``*``, ``?`` and blanks stand for what they do."""
    items: list[Constraint] | None = None
    """The short form for fields that are lists (``shape``, ``labels``, ``units``, ``position``):
    one constraint for each item, and as many items."""
    equals: Leaf | None = None
    """It is exactly this."""
    one_of: list[Leaf] | None = None
    not_: Constraint | None = Field(default=None, alias="not")
    pattern: str | None = None
    """A regular expression on the whole text."""
    like: str | None = None
    """A unit, to which this one is convertible."""
    min: Leaf | None = None
    max: Leaf | None = None
    above: Leaf | None = None
    below: Leaf | None = None
    """Limits: numbers, numbers with a unit (``0.1 ms``), or blanks."""
    length: Count | None = None
    """How many values, labels, positions."""
    formerly: list[str] = []
    """Old spellings: accepted, and reported as information."""
    names: Clause | None = None
    """The value names such an entity."""
    finite: bool | None = None
    """No value of an array is NaN or infinite."""
    ascending: bool | Literal["strictly"] | None = None
    unique: bool | None = None
    ids_of: Clause | None = None
    """Each value is the id of such an entity."""
    names_of: Clause | None = None
    """Each value is the name of such an entity."""
    column_of: ColumnOf | None = None
    """Each value is found in a column."""
    or_: list[Leaf] = Field(default=[], alias="or")
    """Values that are allowed beside those of ``ids_of``, ``names_of`` and ``column_of``."""
    any_of: list[Constraint] = []
    all_of: list[Constraint] = []


class ColumnOf(Said):
    """A column of a data frame of the same block."""

    data_frame: str
    column: str


class Override(Said):
    """Constraints that replace those of lower layers at the same place."""

    reason: str
    clause: Clause | Constraint | None = None
    """What stands in their place: only what is set counts."""


class When(Said):
    """A condition: where one clause holds, another must."""

    if TYPE_CHECKING:  # Short forms are taken as well.

        def __init__(self, **given: Any) -> None: ...

    if_: Clause = Field(alias="if")
    """Never a finding by itself."""
    then: Clause | None = None
    else_: Clause | None = Field(default=None, alias="else")


class Together(Said):
    """Arrays that belong together though nothing links them."""

    by: str
    """The blank whose filling they share."""
    same: list[str] = []
    """Fields that are the same in all of them."""
    counting: str | None = None
    """The blank that counts them: 0, 1, 2 …"""
    size: str | None = None
    """The blank that their number fills."""


class Clause(Said):
    """What an entity must be.

    Fields that its class does not have are never set.
    """

    if TYPE_CHECKING:  # Short forms are taken as well.

        def __init__(self, **given: Any) -> None: ...

    is_: EntityKind | None = Field(default=None, alias="is")
    """Class of the entity, where its place does not say it: in ``types``, ``names``, ``ids_of``."""
    blank: str | None = None
    """The short form ``<segment>``: the entity that fills the blank."""
    presence: Presence = "required"
    count: Count | None = None
    """How many entities fit; ``1..`` if not said, ``0..`` where it is optional."""
    select: Clause | None = None
    """Which entities it is about; its key is a mere label then."""
    name: Constraint | None = None
    type: Constraint | None = None
    formerly: list[str] = []
    """Old spellings of the type."""
    definition: Constraint | None = None
    metadata: Clause | None = None
    """On the section that the entity links to."""
    path: Constraint | None = None
    """Path of a section from the root, ``/<name>``."""
    parent: Clause | None = None
    """The section that a section is in."""
    extra: dict[str, Constraint] = {}
    """Attributes that the model does not know, by name (``extra: {attributes: {…}}``)."""
    member_of: dict[str, list[Clause]] = {}
    """The way back: for ``groups``, clauses of which each is fulfilled by a group that has it."""
    when: list[When] = []
    any_of: list[Clause] = []
    all_of: list[Clause] = []
    together: Together | None = None
    accept: dict[str, str] = {}
    """Ids of rules that are accepted for what the clause is about, each with a reason."""
    additional: Strictness | None = None
    """What is said of members that no clause names."""
    every: bool | str | None = None
    """In lists of links: every entity that the clause selects is listed; or the type of group that
    such an entity shares with this one."""
    only: bool = False
    """In lists of links: nothing else is listed."""
    override: Override | None = None

    # File, in a `when` of the schema; its sections are in `sections`
    blocks: dict[str, Clause] = {}

    # Block
    data_arrays: dict[str, Clause] = {}
    data_frames: dict[str, Clause] = {}
    tags: dict[str, Clause] = {}
    multi_tags: dict[str, Clause] = {}
    groups: dict[str, Clause] = {}
    sources: dict[str, Clause] | list[Clause] | None = None
    """Of a block or a source its members; of arrays, tags and groups what they link to."""

    # DataArray
    unit: Constraint | None = None
    label: Constraint | None = None
    dtype: Constraint | None = None
    rank: Constraint | None = None
    shape: Constraint | None = None
    dimensions: list[DimensionClause] | Presence | None = None
    values: Constraint | None = None
    """Of an array or a property; those of arrays are read only with ``--depth full``."""
    polynom_coefficients: Constraint | None = None
    expansion_origin: Constraint | None = None

    # DataFrame
    columns: dict[str, Clause] = {}
    """Name, unit, dtype and values."""
    rows: Constraint | None = None

    # Tag, MultiTag, Feature
    position: Constraint | None = None
    extent: Constraint | None = None
    units: Constraint | None = None
    positions: Clause | None = None
    extents: Clause | None = None
    references: list[Clause] | None = None
    features: list[Clause] | None = None
    data: Clause | None = None
    """Of a feature: the array or frame."""
    link_type: Constraint | None = None

    # Group
    members: dict[str, list[Clause]] = {}
    """Of a group: by ``data_arrays``, ``data_frames``, ``tags``, ``multi_tags``."""

    # Section, Property
    repository: Constraint | None = None
    reference: Constraint | None = None
    link: Constraint | None = None
    sections: dict[str, Clause] = {}
    properties: dict[str, Clause] = {}
    """The clause of a property; its values are in ``values``."""
    length: Count | None = None
    uncertainty: Constraint | None = None
    dependency: Constraint | None = None
    dependency_value: Constraint | None = None
    value_origin: Constraint | None = None


class DimensionClause(Said):
    """What a dimension descriptor must be."""

    if TYPE_CHECKING:  # Short forms are taken as well.

        def __init__(self, **given: Any) -> None: ...

    presence: Presence = "required"
    type: Constraint | None = None
    """``sampled``, ``range``, ``set`` or ``data_frame``."""
    unit: Constraint | None = None
    label: Constraint | None = None
    sampling_interval: Constraint | None = None
    offset: Constraint | None = None
    ticks: Constraint | None = None
    labels: Constraint | None = None
    link: Constraint | None = None
    """Name of the array or frame that it links to; ``self`` for its own."""
    data_frame: Constraint | None = None
    """Of a dimension that takes its elements from a frame: the frame's name."""
    column: Constraint | None = None
    """The column that it takes."""
    any_of: list[DimensionClause] = []


class Example(Said):
    """A file that must not pass, and the id of the finding that says why."""

    file: str
    finds: str


class Examples(Said):
    """Files to try a schema with, by paths relative to its own."""

    valid: list[str] = []
    invalid: list[Example] = []


class Tree(Said):
    """A part of the tree of a file: its sections and blocks."""

    metadata: dict[str, Clause] = {}
    blocks: dict[str, Clause] = {}
    any_of: list[Tree] = []
    """One of these is there as well; only in ``recognise``."""


class Schema(Tree):
    """What files must contain, and how that is told."""

    if TYPE_CHECKING:  # Short forms are taken as well.

        def __init__(self, **given: Any) -> None: ...

    schema_: str = Field(alias="schema")
    """Its id, the first part of the ids of its findings."""
    version: str | None = None
    title: str | None = None
    provenance: dict[str, Any] = {}
    extends: list[str] = []
    """Lower layers: ids of shipped schemas, with a version where it matters (``neo >=1.2``), paths,
    or ``package:name``."""
    recognise: Tree | None = None
    """What a file has that the schema is about."""
    namespaces: dict[str, Literal["closed", "warn", "open"]] = {}
    """Beginnings of types that are declared in ``types``, all of them if ``closed``."""
    additional: Strictness | None = None
    types: dict[str, Clause] = {}
    """What an entity of a type looks like, wherever it stands."""
    when: list[When] = []
    rules: list[str] = []
    """Functions of installed packages, ``package.module:function``."""
    examples: Examples = Examples()


class SchemaDocument(NamedTuple):
    """A schema with those that it extends, the lowest first."""

    schema: Schema
    layers: tuple[Schema, ...]
    """All layers, this one last."""
