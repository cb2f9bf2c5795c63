"""The small sound file that the examples of the rules patch.

It has an entity of each class and a value in nearly every field, and no rule has anything to say
about it. Names are unique in the whole file; `id_of` gives the id that goes with a name.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from tests.plain import Tree

_SPACE = UUID("5f0c3f5a-52a1-4d3c-8a70-4f4f6b1f0002")

NAMES: set[str] = set()
"""What has an id: entities, and features and dimension links, which are named only here."""


def id_of(name: str) -> str:
    """The id of what has a name.

    Raises:
        KeyError: nothing in the file has it.
    """
    if name not in NAMES:
        raise KeyError(f"nothing in the sound file is named {name!r}")
    return str(uuid5(_SPACE, name))


def _entity(name: str) -> Tree:
    assert name not in NAMES, f"two things are named {name}"
    NAMES.add(name)
    return {
        "id": id_of(name),
        "created_at": "20210304T120000",
        "updated_at": "20210305T120000",
    }


def _named(name: str, type_: str, **fields: Any) -> Tree:
    return {**_entity(name), "name": name, "type": type_, **fields}


def _property(name: str, elements: str, values: list[Any], **fields: Any) -> Tree:
    leaf = {"dtype": elements, "shape": [len(values)], "values": values}
    return {**_entity(name), "name": name, "values": leaf, **fields}


def _data(dtype: Any, shape: list[int], values: list[Any]) -> Tree:
    return {"dtype": dtype, "shape": shape, "values": values}


def _link(name: str, kind: str, target: str, index: list[int]) -> Tree:
    return {**_entity(name), "data_object_type": kind, "target": id_of(target), "index": index}


def _feature(name: str, link_type: str, target_type: str, data: str) -> Tree:
    kinds = {"link_type": link_type, "target_type": target_type}
    return {**_entity(name), **kinds, "data": id_of(data)}


_SECTIONS = [
    _named(
        "subject",
        "odml.subject",
        definition="the animal",
        repository="https://example.org/terms",
        reference="A-17",
        properties=[
            _property(
                "species",
                "string",
                ["Mus musculus"],
                definition="what it is",
                reference="the breeder",
                value_origin="cages.csv",
                dtype="string",
            ),
            _property("age", "float64", [12.5], unit="s", uncertainty=0.5, dtype="float"),
            _property("legs", "int64", [4], dtype="int"),
            _property("weights", "int32", [21, 22, 23], unit="g"),
            _property("alive", "bool", [True], dtype="boolean"),
            _property("born", "string", ["2021-02-20"], dtype="date"),
            _property("doses", "float64", [], unit="mg"),
            _property(
                "strain", "string", ["C57"], dependency="species", dependency_value="Mus musculus"
            ),
        ],
        sections=[_named("surgery", "odml.surgery", properties=[_property("layer", "int64", [4])])],
    ),
    _named("protocol", "odml.protocol", properties=[_property("region", "string", ["cortex"])]),
]
_SECTIONS[0]["sections"][0]["link"] = id_of("protocol")

_SOURCES = [
    _named(
        "cell",
        "odml.cell",
        definition="where the electrode was",
        metadata=id_of("surgery"),
        sources=[_named("axon", "odml.axon")],
    )
]

_ARRAYS = [
    _named(
        "voltage",
        "nix.sampled",
        definition="what the electrode saw",
        unit="mV",
        label="membrane voltage",
        data=_data("float64", [10], [-70.0, -69.5, -20.0, 15.0]),
        dimensions=[
            {
                "dimension_type": "sample",
                "sampling_interval": 0.1,
                "offset": 0.5,
                "unit": "ms",
                "label": "time",
            }
        ],
        sources=[id_of("axon")],
        metadata=id_of("surgery"),
    ),
    _named(
        "lfp",
        "nix.sampled",
        unit="uV",
        polynom_coefficients=_data("float64", [2], [0.0, 0.195]),
        expansion_origin=1.5,
        data=_data("int16", [4, 3], [1, -2, 3]),
        dimensions=[
            {"dimension_type": "sample", "sampling_interval": 1.0, "unit": "ms"},
            {"dimension_type": "set", "labels": ["left", "middle", "right"], "label": "channel"},
        ],
        sources=[id_of("cell")],
    ),
    _named(
        "events",
        "nix.events",
        unit="mV",
        data=_data("float64", [4], [1.0, 2.0, 2.5, 4.0]),
        dimensions=[
            {
                "dimension_type": "range",
                "ticks": _data("float64", [4], [0.0, 1.5, 2.0, 7.25]),
                "unit": "ms",
                "label": "time",
            }
        ],
    ),
]
_POINTS = [
    _named(
        name,
        f"nix.{name}",
        unit="ms",
        data=_data("float64", [3], values),
        dimensions=[{"dimension_type": "set"}],
    )
    for name, values in (("spike_times", [0.6, 0.8, 1.2]), ("spike_durations", [0.1]))
]
_FRAME = _named(
    "trials",
    "nix.trials",
    definition="one row a trial",
    data=_data(
        [["stimulus", "string"], ["onset", "float64"], ["count", "int32"], ["good", "bool"]],
        [3],
        [["flash", 0.5, 3, True], ["sound", 1.5, 0, False], ["flash", 2.5, 2, True]],
    ),
    units=["", "s", "", ""],
    metadata=id_of("subject"),
)
_LINKED = [
    _named(
        "linked",
        "nix.linked",
        data=_data("float64", [4, 3], [0.25]),
        dimensions=[
            {"dimension_type": "range", "link": _link("to_array", "DataArray", "events", [-1])},
            {"dimension_type": "set", "link": _link("to_frame", "DataFrame", "trials", [0])},
        ],
    ),
    _named(
        "rated",
        "nix.rated",
        data=_data("float64", [3], [0.75]),
        dimensions=[{"dimension_type": "data_frame", "data_frame": id_of("trials"), "column": 1}],
    ),
]

_TAG = _named(
    "stimulus",
    "nix.stimulus",
    position=[0.6],
    extent=[0.4],
    units=["ms"],
    references=[id_of("voltage")],
    features=[
        _feature("stimulus_events", "untagged", "DataArray", "events"),
        _feature("stimulus_trials", "untagged", "DataFrame", "trials"),
    ],
    sources=[id_of("cell")],
    metadata=id_of("subject"),
)
_MULTI_TAG = _named(
    "spikes",
    "nix.spikes",
    positions=id_of("spike_times"),
    extents=id_of("spike_durations"),
    units=["ms"],
    references=[id_of("voltage")],
    features=[_feature("spike_ratings", "indexed", "DataArray", "rated")],
    sources=[id_of("axon")],
    metadata=id_of("subject"),
)
_GROUP = _named(
    "trial_1",
    "nix.trial",
    data_arrays=[id_of("voltage"), id_of("lfp")],
    data_frames=[id_of("trials")],
    tags=[id_of("stimulus")],
    multi_tags=[id_of("spikes")],
    sources=[id_of("cell")],
    metadata=id_of("subject"),
)

SOUND: Tree = {
    **_entity("file"),
    "version": [1, 2, 1],
    "blocks": [
        _named(
            "session",
            "nix.session",
            definition="one day",
            data_arrays=[*_ARRAYS, *_POINTS, *_LINKED],
            data_frames=[_FRAME],
            tags=[_TAG],
            multi_tags=[_MULTI_TAG],
            groups=[_GROUP],
            sources=_SOURCES,
            metadata=id_of("subject"),
        )
    ],
    "metadata": _SECTIONS,
}
"""The sound file as a plain tree, see `tests.plain`."""
