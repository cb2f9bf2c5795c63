"""Rules about relacs' files that join rows of several arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nixschema.errors import NixError
from nixschema.findings import Level
from nixschema.model import Block, DataArray, MultiTag, Property, Section
from nixschema.rules.rule import Sentence, at
from nixschema.schema.checking.run import linked
from nixschema.schema.python_rules import lab_rule

_STIMULUS = "relacs.stimulus.segment"
_RUN = "relacs.repro_run"
_RUN_OF = "relacs.feature.repro_tag_id"
_MUTABLE = "parameter is mutable"
"""How relacs begins the definition of a setting that changes from one time to the next."""
_MOST_ROWS = 1_000_000
_SLACK = 1e-9


@lab_rule(cost="values")
def onsets_lie_in_their_run(stimulus: MultiTag, block: Block | None) -> Iterator[Sentence]:
    """A stimulus begins within the run that its row names.

    A run without an end was interrupted: only its start is compared.
    """
    if block is None or stimulus.type != _STIMULUS:
        return
    runs = _runs(block)
    outside = []
    for row, (onset, run_id) in enumerate(_rows(stimulus)):
        run = runs.get(run_id)
        if run is None:
            continue
        start, end = run
        slack = _SLACK * max(1.0, abs(onset))
        if onset < start - slack or (end is not None and onset > end + slack):
            outside.append((row, onset, run_id))
    if outside:
        row, onset, run_id = outside[0]
        name = next(one.name for one in block.tags if one.id == run_id)
        told = (
            f"{len(outside):,} onset{'s lie' if len(outside) > 1 else ' lies'} outside of the run"
        )
        yield at(
            "positions", f"{told} named for it: the first is row {row}, {onset:g} s in `{name}`"
        )


def _runs(block: Block) -> dict[str, tuple[float, float | None]]:
    """Start and end of each run, by its id; None for an end that was never written."""
    found: dict[str, tuple[float, float | None]] = {}
    for tag in block.tags:
        position, extent = _numbers(tag.position), _numbers(tag.extent)
        if tag.type == _RUN and tag.id and position:
            found[tag.id] = (position[0], position[0] + extent[0] if extent else None)
    return found


@lab_rule(level=Level.WARNING)
def mutable_settings_have_features(stimulus: MultiTag) -> Iterator[Sentence]:
    """A setting that changes has a feature with its values, `<stimulus>_<setting>`.

    The section of a stimulus keeps the value of the first time only.
    """
    if stimulus.type != _STIMULUS:
        return
    section = next(iter(linked(stimulus, "metadata")), None)
    if not isinstance(section, Section):
        return
    names = {data.name for feature in stimulus.features for data in linked(feature, "data")}
    for setting in _settings(section):
        if not (setting.definition or "").startswith(_MUTABLE):
            continue
        if setting.values and isinstance(setting.values[0], bool):
            continue  # relacs has features of numbers and texts alone.
        wanted = f"{stimulus.name}_{(setting.name or '').replace('/', '_')}"
        if not any(name and name.endswith(wanted) for name in names):
            yield at("features", f"no feature `{wanted}` for the mutable setting `{setting.name}`")


def _settings(section: Section) -> Iterator[Property]:
    yield from section.properties
    for channel in section.sections:
        yield from channel.properties


@lab_rule(level=Level.WARNING, cost="values")
def last_stimulus_is_in_the_group(block: Block) -> Iterator[Sentence]:
    """The group of a run has the stimulus that was given last.

    relacs puts it there when the run ends, and leaves out the stimuli that were given before it.
    """
    last: dict[str, tuple[float, MultiTag]] = {}
    for stimulus in block.multi_tags:
        if stimulus.type == _STIMULUS:
            for onset, run_id in _rows(stimulus):
                if run_id not in last or onset > last[run_id][0]:
                    last[run_id] = (onset, stimulus)
    for run in block.tags:
        group = block.groups.by_name(run.name or "")
        if run.type != _RUN or group is None or not _numbers(run.extent) or run.id not in last:
            continue
        stimulus = last[run.id][1]
        if all(one is not stimulus for one in linked(group, "multi_tags")):
            told = f"lacks `{stimulus.name}`, the last stimulus of the run"
            yield at("groups", f"the group `{group.name}` {told}")


def _numbers(values: object) -> list[float]:
    return [float(one) for one in values] if isinstance(values, Iterable) else []


def _rows(stimulus: MultiTag) -> list[tuple[float, str]]:
    """Onset and id of the run of each row."""
    onsets = next(iter(linked(stimulus, "positions")), None)
    named = [
        data
        for feature in stimulus.features
        for data in linked(feature, "data")
        if isinstance(data, DataArray) and data.type == _RUN_OF
    ]
    if not isinstance(onsets, DataArray) or not named:
        return []
    if max(onsets.size, named[0].size) > _MOST_ROWS or onsets.size != named[0].size:
        return []
    try:
        times, ids = onsets[...].ravel().tolist(), named[0][...].ravel().tolist()
    except (NixError, OSError, ValueError):
        return []  # That they cannot be read is told by the generic rules.
    return [
        (float(time), one.decode() if isinstance(one, bytes) else str(one))
        for time, one in zip(times, ids, strict=True)
    ]
