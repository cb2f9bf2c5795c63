"""Which keywords each kind of thing in a schema has, what stands at them, and what they mean.

By this table short forms are read, misspelt words told, and the JSON Schema of the language made.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cache


class Form(Enum):
    """What stands at a keyword."""

    TEXT = auto()
    """A text."""
    TEXTS = auto()
    """Texts, or one."""
    WORD = auto()
    """One of a few words: those of `Keyword.about`."""
    TRUTH = auto()
    """``true`` or ``false``."""
    PRESENCE = auto()
    """``optional: true``: the keyword is the word."""
    COUNT = auto()
    """``1``, ``1..``, ``0..1``, ``2..8``, or a blank."""
    LEAF = auto()
    """One value, of the type that the field has."""
    LEAVES = auto()
    """Values, or one."""
    LIMIT = auto()
    """A number, a number with a unit, or a blank."""
    UNIT = auto()
    """A unit that NIX knows."""
    PATTERN = auto()
    """A regular expression."""
    ASCENDING = auto()
    """``true``, ``false`` or ``strictly``."""
    EVERY = auto()
    """``true``, or a type of group."""
    BLANK = auto()
    """A blank, ``<word>``."""
    BLANK_OR_NOT = auto()
    """A blank, or the keyword is missing."""
    CONSTRAINT = auto()
    """A constraint on one value; `Keyword.about` is the type of the value."""
    SAME = auto()
    """A constraint on the same value, or an entity of the same kind."""
    SAMES = auto()
    """Several of them."""
    ITEMS = auto()
    """Constraints on the items of a list, each on its own."""
    CLAUSE = auto()
    """An entity; `Keyword.about` is its kind."""
    CLAUSES = auto()
    """A list of links to entities."""
    CONTAINER = auto()
    """Entities by name."""
    DIMENSIONS = auto()
    """A list of dimensions, or a word."""
    CONDITIONS = auto()
    """A list of ``if``, ``then``, ``else``."""
    TOGETHER = auto()
    """Which arrays belong together."""
    ACCEPT = auto()
    """Reasons by rule."""
    OVERRIDE = auto()
    """What replaces constraints of lower layers, and why."""
    EXTRA = auto()
    """Constraints by attribute, below ``attributes``."""
    MEMBER_OF = auto()
    """Lists of clauses, below ``groups``."""
    COLUMN_OF = auto()
    """A data frame and its column."""
    NAMESPACES = auto()
    """Words by beginning of types."""
    PROVENANCE = auto()
    """Anything."""
    TREE = auto()
    """A part of the tree of a file."""
    TREES = auto()
    """A list of parts of the tree of a file."""
    EXAMPLES = auto()
    """Files to try the schema with."""
    INVALID = auto()
    """Files that must not pass, each with what is found."""
    PASSED_OVER = auto()
    """Something for editors."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword of a kind of thing."""

    name: str
    """As it is written."""
    form: Form
    """What stands at it."""
    field: str
    """The field of the model."""
    about: str = ""
    """The type of the value, the kind of entity, or the words."""
    says: str = ""
    """What it means, in a sentence."""


_SUFFIXED = frozenset(("is", "not", "or", "if", "else", "schema"))
"""Words of Python, and one of pydantic: their fields end in ``_``."""


def _one(name: str, form: Form, about: str = "", says: str = "", *, field: str = "") -> Keyword:
    return Keyword(name, form, field or (f"{name}_" if name in _SUFFIXED else name), about, says)


STRICTNESS = "forbid|warn|allow"
KINDS = "Block|Group|DataArray|DataFrame|Tag|MultiTag|Source|Section|Property"

_SAID = (
    _one("level", Form.WORD, "error|warning|info", "How grave it is when it does not hold."),
    _one("message", Form.TEXT, says="The sentence of the finding, in place of the usual one."),
    _one("reason", Form.TEXT, says="Why it is asked for: shown as help."),
    _one("id", Form.TEXT, says="Replaces its part in the ids of findings."),
)

_PRESENCE = (
    _one("optional", Form.PRESENCE, says="If it is there, then so.", field="presence"),
    _one("required", Form.PRESENCE, says="It must be there.", field="presence"),
    _one("forbidden", Form.PRESENCE, says="It must not be there.", field="presence"),
)

_LIMITS = (
    _one("min", Form.LIMIT, says="The least value; may have a unit: 0.1 ms."),
    _one("max", Form.LIMIT, says="The greatest value; may have a unit: 20 mV."),
    _one("above", Form.LIMIT, says="The value is greater than this."),
    _one("below", Form.LIMIT, says="The value is less than this."),
)

CONSTRAINT = (
    *_PRESENCE,
    _one("fits", Form.LEAVES, says="It is one of these; they may have wildcards and blanks."),
    _one("items", Form.ITEMS, says="One constraint for each item of a list."),
    _one("equals", Form.LEAF, says="It is exactly this."),
    _one("one_of", Form.LEAVES, says="It is one of these."),
    _one("not", Form.SAME, says="It is not so."),
    _one("pattern", Form.PATTERN, says="A regular expression on the whole text."),
    _one("like", Form.UNIT, says="Any unit that is convertible to this one."),
    *_LIMITS,
    _one("length", Form.COUNT, says="How many values there are: 1, 1.., 0..1, 2..8, or a blank."),
    _one("formerly", Form.TEXTS, says="Old spellings: accepted, and reported."),
    _one("names", Form.CLAUSE, "Entity", "The value names such an entity."),
    _one("finite", Form.TRUTH, says="No value is NaN or infinite."),
    _one("ascending", Form.ASCENDING, says="Values do not become less; strictly: they increase."),
    _one("unique", Form.TRUTH, says="No value occurs twice."),
    _one("ids_of", Form.CLAUSE, "Entity", "Each value is the id of such an entity."),
    _one("names_of", Form.CLAUSE, "Entity", "Each value is the name of such an entity."),
    _one("column_of", Form.COLUMN_OF, says="Each value is found in that column of a data frame."),
    _one("or", Form.LEAVES, says="Values that are allowed beside those that are found elsewhere."),
    _one("any_of", Form.SAMES, says="At least one of these holds."),
    _one("all_of", Form.SAMES, says="All of these hold, each with a level of its own."),
    *_SAID,
)

_CLAUSE = (
    _one("is", Form.WORD, KINDS, "Which kind of entity it is."),
    *_PRESENCE,
    _one("blank", Form.BLANK, says="The blank that the entity fills."),
    _one("count", Form.COUNT, says="How many there are: 1, 1.., 0..1, 2..8, or a blank."),
    _one("select", Form.SAME, says="Which entities it is about; its key is a mere label then."),
)

_RULES = (
    _one("when", Form.CONDITIONS, says="Where one clause holds, another must."),
    _one("any_of", Form.SAMES, says="At least one of these holds."),
    _one("all_of", Form.SAMES, says="All of these hold, each with a level of its own."),
    _one("accept", Form.ACCEPT, says="Generic rules that are accepted here, each with a reason."),
    _one("override", Form.OVERRIDE, says="Replaces constraints of lower layers, with a reason."),
    *_SAID,
)

_NAMED = (
    *_CLAUSE,
    _one("name", Form.CONSTRAINT, "text", "The name."),
    _one("type", Form.CONSTRAINT, "text", "The type."),
    _one("formerly", Form.TEXTS, says="Old spellings of the type: accepted, and reported."),
    _one("definition", Form.CONSTRAINT, "text", "The definition."),
    _one("extra", Form.EXTRA, says="Attributes that the model does not know: below attributes."),
)

_METADATA = _one("metadata", Form.CLAUSE, "Section", "The section that it links to.")
_SOURCES = _one("sources", Form.CLAUSES, "Source", "The sources that it links to.")
_IN_GROUPS = _one("member_of", Form.MEMBER_OF, says="It is in at least one such group.")
_ADDITIONAL = _one("additional", Form.WORD, STRICTNESS, "Whether there may be others.")
_VALUES = _one("values", Form.CONSTRAINT, "value", "The values.")
_UNIT = _one("unit", Form.CONSTRAINT, "text", "The unit.")
_DTYPE = _one("dtype", Form.CONSTRAINT, "dtype", "The type of the values.")

_OF_TAGS = (
    _one("units", Form.CONSTRAINT, "texts", "The units, one for each axis."),
    _one("references", Form.CLAUSES, "DataArray", "The arrays that it refers to."),
    _one("features", Form.CLAUSES, "Feature", "Its features."),
    _SOURCES,
    _METADATA,
    _IN_GROUPS,
)

_MEMBERS = {
    "data_arrays": ("DataArray", "data arrays"),
    "data_frames": ("DataFrame", "data frames"),
    "tags": ("Tag", "tags"),
    "multi_tags": ("MultiTag", "multi tags"),
}

_CONTAINERS = tuple(
    _one(name, Form.CONTAINER, kind, f"The {words}, by name.")
    for name, (kind, words) in _MEMBERS.items()
)

_METADATA_TREE = _one("metadata", Form.CONTAINER, "Section", "The sections at the root, by name.")
_BLOCKS = _one("blocks", Form.CONTAINER, "Block", "The blocks, by name.")

_OF_KINDS: dict[str, tuple[Keyword, ...]] = {
    "Block": (
        *_NAMED,
        _METADATA,
        *_CONTAINERS,
        _one("groups", Form.CONTAINER, "Group", "The groups, by name."),
        _one("sources", Form.CONTAINER, "Source", "The sources, by name."),
        _ADDITIONAL,
        *_RULES,
    ),
    "Group": (
        *_NAMED,
        _METADATA,
        _SOURCES,
        *(
            _one(name, Form.CLAUSES, kind, f"The {words} that are in it.", field=f"members.{name}")
            for name, (kind, words) in _MEMBERS.items()
        ),
        *_RULES,
    ),
    "DataArray": (
        *_NAMED,
        _UNIT,
        _one("label", Form.CONSTRAINT, "text", "The label."),
        _DTYPE,
        _one("rank", Form.CONSTRAINT, "size", "How many axes it has."),
        _one("shape", Form.CONSTRAINT, "sizes", "Its extent along each axis."),
        _one("dimensions", Form.DIMENSIONS, says="The dimension of each axis, or a word."),
        _one("values", Form.CONSTRAINT, "value", "The values: read with --depth full only."),
        _one("polynom_coefficients", Form.CONSTRAINT, "numbers", "The coefficients."),
        _one("expansion_origin", Form.CONSTRAINT, "number", "The origin of the calibration."),
        _SOURCES,
        _METADATA,
        _IN_GROUPS,
        _one("together", Form.TOGETHER, says="Which arrays belong together."),
        *_RULES,
    ),
    "DataFrame": (
        *_NAMED,
        _one("columns", Form.CONTAINER, "Column", "The columns, by name."),
        _one("rows", Form.CONSTRAINT, "count", "How many rows there are."),
        _SOURCES,
        _METADATA,
        _IN_GROUPS,
        _ADDITIONAL,
        *_RULES,
    ),
    "Column": (
        *_CLAUSE[1:],
        _one("name", Form.CONSTRAINT, "text", "The name."),
        _UNIT,
        _DTYPE,
        _VALUES,
        *_RULES,
    ),
    "Tag": (
        *_NAMED,
        _one("position", Form.CONSTRAINT, "numbers", "The position along each axis."),
        _one("extent", Form.CONSTRAINT, "numbers", "The extent along each axis."),
        *_OF_TAGS,
        *_RULES,
    ),
    "MultiTag": (
        *_NAMED,
        _one("positions", Form.CLAUSE, "DataArray", "The array of the positions."),
        _one("extents", Form.CLAUSE, "DataArray", "The array of the extents."),
        *_OF_TAGS,
        *_RULES,
    ),
    "Feature": (
        *_CLAUSE[1:],
        _one("data", Form.CLAUSE, "Data", "The array or frame of the feature."),
        _one("link_type", Form.CONSTRAINT, "link_type", "Tagged, untagged or indexed."),
        *_RULES,
    ),
    "Data": (
        *_NAMED,
        _UNIT,
        _one("label", Form.CONSTRAINT, "text", "The label."),
        _DTYPE,
        _one("rank", Form.CONSTRAINT, "size", "How many axes it has."),
        _one("shape", Form.CONSTRAINT, "sizes", "Its extent along each axis."),
        _one("dimensions", Form.DIMENSIONS, says="The dimension of each axis, or a word."),
        _one("values", Form.CONSTRAINT, "value", "The values: read with --depth full only."),
        _one("columns", Form.CONTAINER, "Column", "The columns of a frame, by name."),
        _one("rows", Form.CONSTRAINT, "count", "How many rows a frame has."),
        _SOURCES,
        _METADATA,
        _IN_GROUPS,
        _ADDITIONAL,
        *_RULES,
    ),
    "Source": (
        *_NAMED,
        _one("sources", Form.CONTAINER, "Source", "The sources in it, by name."),
        _METADATA,
        _ADDITIONAL,
        *_RULES,
    ),
    "Section": (
        *_NAMED,
        _one("path", Form.CONSTRAINT, "text", "Its path from the root: /<name>."),
        _one("parent", Form.CLAUSE, "Section", "The section that it is in."),
        _one("properties", Form.CONTAINER, "Property", "The properties, by name."),
        _one("sections", Form.CONTAINER, "Section", "The sections in it, by name."),
        _one("repository", Form.CONSTRAINT, "text", "The repository."),
        _one("reference", Form.CONSTRAINT, "text", "The reference."),
        _one("link", Form.CONSTRAINT, "text", "The section that it links to."),
        _ADDITIONAL,
        *_RULES,
    ),
    "Property": (
        *_CLAUSE,
        _one("name", Form.CONSTRAINT, "text", "The name."),
        _VALUES,
        _one("dtype", Form.CONSTRAINT, "odml_type", "The type of the values."),
        _UNIT,
        _one("length", Form.COUNT, says="How many values there are."),
        _one("uncertainty", Form.CONSTRAINT, "number", "The uncertainty."),
        _one("definition", Form.CONSTRAINT, "text", "The definition."),
        _one("reference", Form.CONSTRAINT, "text", "The reference."),
        _one("dependency", Form.CONSTRAINT, "text", "The property that it depends on."),
        _one("dependency_value", Form.CONSTRAINT, "text", "The value that it depends on."),
        _one("value_origin", Form.CONSTRAINT, "text", "Where the values come from."),
        _one("extra", Form.EXTRA, says="Attributes that the model does not know."),
        *_RULES,
    ),
    "Dimension": (
        *_PRESENCE,
        _one("type", Form.CONSTRAINT, "dimension_type", "Sampled, range, set or data_frame."),
        _UNIT,
        _one("label", Form.CONSTRAINT, "text", "The label."),
        _one("sampling_interval", Form.CONSTRAINT, "number", "The sampling interval."),
        _one("offset", Form.CONSTRAINT, "number", "The offset."),
        _one("ticks", Form.CONSTRAINT, "numbers", "The ticks."),
        _one("labels", Form.CONSTRAINT, "texts", "The labels: a list is these labels."),
        _one("link", Form.CONSTRAINT, "text", "The array or frame that it links to, or self."),
        _one("data_frame", Form.CONSTRAINT, "text", "The frame that a data_frame dimension is of."),
        _one("column", Form.CONSTRAINT, "text", "The column that a data_frame dimension takes."),
        _one("any_of", Form.SAMES, says="At least one of these holds."),
        *_SAID,
    ),
    "File": (
        _one("metadata", Form.CONTAINER, "Section", "The root sections.", field="sections"),
        _BLOCKS,
        *_SAID,
    ),
    "Tree": (
        _METADATA_TREE,
        _BLOCKS,
        _one("any_of", Form.TREES, "Tree", "At least one of these is there."),
        *_SAID,
    ),
    "Schema": (
        _one("$schema", Form.PASSED_OVER, says="The JSON Schema of this language."),
        _one("schema", Form.TEXT, says="The id of the schema: our-lab."),
        _one("version", Form.TEXT, says="The version of the schema."),
        _one("title", Form.TEXT, says="What the schema is about."),
        _one("provenance", Form.PROVENANCE, says="Where it comes from: free text."),
        _one("extends", Form.TEXTS, says="The schemas that it builds on: names, paths."),
        _one("recognise", Form.TREE, "Tree", "What a file has that the schema is about."),
        _one("namespaces", Form.NAMESPACES, "closed|warn|open", "Beginnings of types."),
        _METADATA_TREE,
        _BLOCKS,
        _ADDITIONAL,
        _one("types", Form.CONTAINER, "Entity", "What an entity of a type looks like."),
        _one("when", Form.CONDITIONS, says="Where one clause holds, another must."),
        _one("rules", Form.TEXTS, says="Rules in Python: package.module:function."),
        _one("examples", Form.EXAMPLES, says="Files to try the schema with."),
        *_SAID,
    ),
    "When": (
        _one("if", Form.SAME, says="What decides; never a finding by itself."),
        _one("then", Form.SAME, says="What must hold where it does."),
        _one("else", Form.SAME, says="What must hold where it does not."),
        *_SAID,
    ),
    "Together": (
        _one("by", Form.BLANK, says="The blank whose filling the arrays share."),
        _one("same", Form.TEXTS, says="The fields that are the same in all of them."),
        _one("counting", Form.BLANK, says="The blank that counts them: 0, 1, 2."),
        _one("size", Form.BLANK, says="The blank that their number fills."),
        *_SAID,
    ),
    "ColumnOf": (
        _one("data_frame", Form.TEXT, says="The name of the data frame."),
        _one("column", Form.TEXT, says="The name of the column."),
        *_SAID,
    ),
    "Examples": (
        _one("valid", Form.TEXTS, says="Files that pass."),
        _one("invalid", Form.INVALID, says="Files that do not, each with what is found."),
        *_SAID,
    ),
    "Example": (
        _one("file", Form.TEXT, says="The file."),
        _one("finds", Form.TEXT, says="The id of the finding."),
        *_SAID,
    ),
    "Constraint": CONSTRAINT,
}

ENTITIES = (*KINDS.split("|"), "Column", "Feature", "Data")
"""Kinds of entity that clauses are about."""

_LISTED = (
    _one("every", Form.EVERY, says="Every such entity is listed; or a type of group they share."),
    _one("only", Form.TRUTH, says="Nothing else is listed."),
)


def _any_entity() -> dict[str, Keyword]:
    """The keywords of all kinds of entity, for clauses that do not say theirs."""
    found: dict[str, Keyword] = {}
    for kind in KINDS.split("|"):
        if kind not in ("Group", "Source", "Property"):
            found |= {one.name: one for one in _OF_KINDS[kind] if one.name not in found}
    for kind in ("Property", "Feature", "Group", "Source"):
        found |= {one.name: one for one in _OF_KINDS[kind] if one.name not in found}
    return found


@cache
def keywords_of(kind: str, *, listed: bool = False) -> dict[str, Keyword]:
    """The keywords of a kind of thing.

    Args:
        kind: ``DataArray``, ``Constraint``, ``Schema`` …; ``Entity`` where a clause does not say.
        listed: whether it is an entity in a list of links.
    """
    found = _any_entity() if kind == "Entity" else {one.name: one for one in _OF_KINDS[kind]}
    if listed or kind == "Entity":
        found |= {one.name: one for one in _LISTED}
    return found


LISTS = frozenset(("texts", "numbers", "sizes"))
"""Types of values that are lists: a list at them goes item by item."""

WORDS = {
    "Schema": "a schema",
    "Tree": "a part of a file's tree",
    "File": "a file",
    "Entity": "an entity",
    "Block": "a block",
    "Group": "a group",
    "DataArray": "a data array",
    "DataFrame": "a data frame",
    "Column": "a column",
    "Data": "a data array or data frame",
    "Tag": "a tag",
    "MultiTag": "a multi tag",
    "Feature": "a feature",
    "Source": "a source",
    "Section": "a section",
    "Property": "a property",
    "Dimension": "a dimension",
    "Constraint": "a constraint",
    "When": "a condition",
    "Together": "`together`",
    "ColumnOf": "`column_of`",
    "Examples": "`examples`",
    "Example": "an invalid example",
}
"""What kinds of things are called in messages."""
