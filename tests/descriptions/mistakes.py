"""Mistakes that newcomers make in a description: what they write, and the one thing that is said.

Each replaces some text of a sound description. Said is `line:column: rule level: message`, and what
to do about it.
"""

# ruff: noqa: E501  (messages stand in one line, as they are told)

from __future__ import annotations

from typing import NamedTuple

SOUND = """\
nix: 1.2.1
metadata:
  subject:
    type: odml.subject
    properties:
      species: Mus musculus
      age: {value: 4, unit: weeks}
blocks:
  session:
    type: nix.session
    metadata: /subject
    sources:
      cell: {type: cell}
    data_arrays:
      voltage:
        type: nix.sampled
        unit: mV
        label: membrane voltage
        data: [-70.1, -69.8, -70.3]
        dimensions:
          - {type: sampled, sampling_interval: 0.1, unit: ms, label: time}
        sources: [cell]
      spike_times:
        type: nix.events
        unit: ms
        data: [0.1, 0.2]
        dimensions:
          - {type: range, link: spike_times}
    data_frames:
      trials:
        type: table
        columns:
          onset: {dtype: float64, unit: s}
          kind: {dtype: string}
        rows:
          - [0.5, noise]
          - [1.5, tone]
    tags:
      stimulus:
        type: nix.epoch
        position: [0.1]
        extent: [0.1]
        units: [ms]
        references: [voltage]
    multi_tags:
      spikes:
        type: spike_times
        positions: spike_times
        units: [ms]
        references: [voltage]
    groups:
      trial_1: {type: trial, data_arrays: [voltage]}
"""
"""A description that nothing is wrong with."""


class Mistake(NamedTuple):
    """A mistake, and what is said about it."""

    sound: str
    """What ought to be written."""
    written: str
    """What is written."""
    said: str
    help: str | None

    @property
    def text(self) -> str:
        """The description with the mistake."""
        assert SOUND.count(self.sound) > 0
        return SOUND.replace(self.sound, self.written, 1)


MISTAKES: dict[str, Mistake] = {
    "a tab": Mistake(
        "        unit: mV\n",
        "\tunit: mV\n",
        "17:1: NIX042 error: the line is indented with a tab",
        "indent with spaces",
    ),
    "indented less": Mistake(
        "        unit: mV\n",
        "       unit: mV\n",
        "17:8: NIX042 error: the line is indented by 7 spaces, which fits no line above",
        "indent it by 6 or 8 spaces, like what it belongs to",
    ),
    "indented more": Mistake(
        "        unit: mV\n",
        "          unit: mV\n",
        "17:11: NIX042 error: the line is indented by 10 spaces, and line 16 above it has a value already",
        "indent it by 8 spaces like the key above, or take the value there away",
    ),
    "indented far too deep": Mistake(
        "        label: membrane voltage\n",
        "            label: membrane voltage\n",
        "18:13: NIX042 error: the line is indented by 12 spaces, and line 17 above it has a value already",
        "indent it by 8 spaces like the key above, or take the value there away",
    ),
    "a percent sign": Mistake(
        "        unit: mV\n",
        "        unit: %\n",
        "17:15: NIX042 error: a text begins with `%`",
        'put it between quotes: `unit: "%"`',
    ),
    "a decimal comma within braces": Mistake(
        "sampling_interval: 0.1",
        "sampling_interval: 0,5",
        "21:48: NIX102 error: `0,5`, expected a number",
        "write the decimal comma as a point: `0.5`",
    ),
    "a decimal comma": Mistake(
        "          - {type: sampled, sampling_interval: 0.1, unit: ms, label: time}",
        "          - type: sampled\n            sampling_interval: 0,5\n            unit: ms",
        "22:32: NIX102 error: `0,5`, expected a number",
        "write the decimal comma as a point: `0.5`",
    ),
    "a decimal comma in quotes": Mistake(
        "[-70.1, -69.8, -70.3]",
        '["-70,1", 3, 4]',
        "19:16: NIX054 error: `-70,1` beside values of another kind; expected values of one kind",
        "write the decimal comma as a point: `-70.1`",
    ),
    "a decimal comma in a position": Mistake(
        "position: [0.1]",
        "position: 0,1",
        "41:19: NIX102 error: `0,1`, expected a number",
        "write the decimal comma as a point: `0.1`",
    ),
    "a number that begins with zeros": Mistake(
        "species: Mus musculus",
        "species: 007",
        "6:16: NIX132 warning: `007` begins with a zero, and is read as the number 7",
        "put a text between quotes, or say what it is by `dtype`",
    ),
    "an id that looks like a number": Mistake(
        "species: Mus musculus",
        "species: 12e03",
        "6:16: NIX132 warning: `12e03` is read as the number 12000",
        "put a text between quotes, or say what it is by `dtype`",
    ),
    "a misspelt key of an array": Mistake(
        "        label: membrane",
        "        lable: membrane",
        "18:9: NIX131 error: no key `lable` in a data array: did you mean `label`?",
        None,
    ),
    "a misspelt key of the file": Mistake(
        "blocks:\n",
        "bloks:\n",
        "8:1: NIX131 error: no key `bloks` in a description: did you mean `blocks`?",
        None,
    ),
    "a misspelt key of a block, which is needed": Mistake(
        "    data_arrays:\n",
        "    dataarrays:\n",
        "14:5: NIX131 error: no key `dataarrays` in a block: did you mean `data_arrays`?",
        None,
    ),
    "a misspelt key of a section": Mistake(
        "    properties:\n",
        "    propertys:\n",
        "5:5: NIX131 error: no key `propertys` in a section: did you mean `properties`?",
        None,
    ),
    "a misspelt key of a property": Mistake(
        "{value: 4, unit: weeks}",
        "{value: 4, units: weeks}",
        "7:23: NIX131 error: no key `units` in a property: did you mean `unit`?",
        None,
    ),
    "a misspelt key of a dimension, which is needed": Mistake(
        "sampling_interval: 0.1",
        "samplinginterval: 0.1",
        "21:29: NIX131 error: no key `samplinginterval` in a sampled dimension: did you mean `sampling_interval`?",
        None,
    ),
    "a misspelt key of a tag, which is needed": Mistake(
        "        position: [0.1]",
        "        positions: [0.1]",
        "41:9: NIX131 error: no key `positions` in a tag: did you mean `position`?",
        None,
    ),
    "a misspelt key of a multi tag, which is needed": Mistake(
        "        positions: spike_times",
        "        position: spike_times",
        "48:9: NIX131 error: no key `position` in a multi tag: did you mean `positions`?",
        None,
    ),
    "a misspelt key of a group": Mistake(
        "{type: trial, data_arrays: [voltage]}",
        "{type: trial, data_array: [voltage]}",
        "52:30: NIX131 error: no key `data_array` in a group: did you mean `data_arrays`?",
        None,
    ),
    "half of a key of a source": Mistake(
        "cell: {type: cell}",
        "cell: {type: cell, meta: /subject}",
        "13:26: NIX131 error: no key `meta` in a source: did you mean `metadata`?",
        None,
    ),
    "a misspelt key of a frame, which is needed": Mistake(
        "        columns:\n",
        "        colums:\n",
        "32:9: NIX131 error: no key `colums` in a data frame: did you mean `columns`?",
        None,
    ),
    "a misspelt key of a column": Mistake(
        "onset: {dtype: float64, unit: s}",
        "onset: {dtype: float64, units: s}",
        "33:35: NIX131 error: no key `units` in a column: did you mean `unit`?",
        None,
    ),
    "a misspelt key of a feature, which is needed": Mistake(
        "        references: [voltage]\n",
        "        references: [voltage]\n        features: [{data: trials, linktype: untagged}]\n",
        "45:35: NIX131 error: no key `linktype` in a feature: did you mean `link_type`?",
        None,
    ),
    "a data file that is not there": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {file: nothere.npy}",
        "19:22: NIX051 error: there is no file `nothere.npy`: did you mean `trace.npy`?",
        "paths are relative to the description",
    ),
    "a shape that is not that of the file": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {file: trace.npy, shape: [4]}",
        "19:40: NIX053 error: the values have the shape [3]; expected [4]",
        "`shape` is that of all values, before `select` and `transpose`",
    ),
    "a reference to nothing": Mistake(
        "references: [voltage]",
        "references: [voltge]",
        "44:22: NIX701 error: no data array named `voltge`: did you mean `voltage`?",
        None,
    ),
    "positions that are not there": Mistake(
        "positions: spike_times",
        "positions: spiketimes",
        "48:9: NIX701 error: no data array named `spiketimes`: did you mean `spike_times`?",
        None,
    ),
    "a source that is not there": Mistake(
        "sources: [cell]",
        "sources: [cel]",
        "22:19: NIX701 error: no source named `cel`: did you mean `cell`?",
        None,
    ),
    "a section that is not there": Mistake(
        "metadata: /subject",
        "metadata: /subjekt",
        "11:5: NIX701 error: no section named `/subjekt`: did you mean `subject`?",
        None,
    ),
    "a member that is defined in its group": Mistake(
        "{type: trial, data_arrays: [voltage]}",
        "\n        type: trial\n        data_arrays:\n          voltage: {type: nix.sampled}",
        "55:11: NIX102 error: `data_arrays` is a mapping; expected names of data arrays",
        "define it in the block, and write its name here",
    ),
    "a member that is defined in a list of its group": Mistake(
        "{type: trial, data_arrays: [voltage]}",
        "\n        type: trial\n        data_arrays:\n          - {name: x, type: nix.sampled}",
        "55:13: NIX102 error: `data_arrays` is a mapping; expected the name of a data array",
        "define it in the block, and write its name here",
    ),
    "a definition of a column": Mistake(
        "{dtype: float64, unit: s}",
        "{dtype: float64, unit: s, definition: when}",
        "33:44: NIX131 error: no NIX file has definitions of columns",
        "put it into the frame's definition",
    ),
    "an array without type": Mistake(
        "        type: nix.sampled\n",
        "",
        "15:7: NIX101 error: `type` is missing",
        "such as `type: nix.sampled`",
    ),
    "a block without type": Mistake(
        "    type: nix.session\n",
        "",
        "9:3: NIX101 error: `type` is missing",
        "such as `type: nix.session`",
    ),
    "a group without type": Mistake(
        "{type: trial, data_arrays",
        "{data_arrays",
        "52:7: NIX101 error: `type` is missing",
        "such as `type: nix.trial`",
    ),
    "a unit of another kind": Mistake(
        "units: [ms]",
        "units: [mV]",
        "43:17: NIX319 error: on axis 1 of `voltage`, `mV` does not convert to `ms`: their dimensions differ, `g*m^2*s^-3*A^-1` and `s`",
        None,
    ),
    "an interval of nothing": Mistake(
        "sampling_interval: 0.1",
        "sampling_interval: 0",
        "21:48: NIX104 error: `sampling_interval` is `0`; expected a number above 0",
        None,
    ),
    "an interval below nothing": Mistake(
        "sampling_interval: 0.1",
        "sampling_interval: -0.1",
        "21:48: NIX104 error: `sampling_interval` is `-0.1`; expected a number above 0",
        None,
    ),
    "a division by zero": Mistake(
        "sampling_interval: 0.1",
        "sampling_interval: 1/0",
        "21:48: NIX102 error: `1/0` divides by zero, expected a number",
        None,
    ),
    "a number with its unit": Mistake(
        "sampling_interval: 0.1",
        "sampling_interval: 0.1 ms",
        "21:48: NIX102 error: `0.1 ms`, expected a number",
        "write the number alone: `0.1`; its unit `ms` has a field of its own",
    ),
    "a number in quotes": Mistake(
        "sampling_interval: 0.1",
        'sampling_interval: "0.1"',
        "21:48: NIX102 error: the text `0.1`, expected a number",
        "take the quotes away",
    ),
    "no interval": Mistake(
        "sampling_interval: 0.1, ",
        "",
        "21:13: NIX101 error: `sampling_interval` is missing",
        "such as `sampling_interval: 0.1`",
    ),
    "two dimensions of one axis": Mistake(
        "label: time}\n",
        "label: time}\n          - set\n",
        "20:9: NIX201 error: 2 dimension descriptors for 1 axis",
        "remove the surplus descriptors",
    ),
    "no dimensions": Mistake(
        "        dimensions:\n          - {type: sampled, sampling_interval: 0.1, unit: ms, label: time}\n",
        "",
        "15:7: NIX201 error: 0 dimension descriptors for 1 axis",
        "give each axis a descriptor: sampled, range or set",
    ),
    "the name of a file as data": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: trace.npy",
        "19:15: NIX102 error: `data` is `trace.npy`; expected a list of values, or a mapping with their file",
        "write `data: {file: trace.npy}`",
    ),
    "a text as data": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: hello",
        "19:15: NIX102 error: `data` is `hello`; expected a list of values, or a mapping with their file",
        "put values between brackets: `data: [hello]`",
    ),
    "lists of several lengths": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: [[1, 2], [3]]",
        "19:24: NIX053 error: a list of 1 beside one of 2; expected lists of one length",
        None,
    ),
    "a text among numbers": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: [1, x, 3]",
        "19:19: NIX054 error: `x` beside values of another kind; expected values of one kind",
        "quote all values that are texts, or say the `dtype`",
    ),
    "nothing among numbers": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: [1, null, 3]",
        "19:19: NIX054 error: nothing beside values of another kind; expected values of one kind",
        "write `.nan` for a number that is missing",
    ),
    "NaN as numpy writes it": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: [1, NaN, 3]",
        "19:19: NIX054 error: `NaN` beside values of another kind; expected values of one kind",
        "write `.nan`",
    ),
    "a position with too many numbers": Mistake(
        "position: [0.1]",
        "position: [0.1, 0.2]",
        "41:9: NIX314 error: a position of 2 numbers for the 1 axis of `voltage`",
        None,
    ),
    "an extent with too many numbers": Mistake(
        "extent: [0.1]",
        "extent: [0.1, 0.3]",
        "42:9: NIX307 error: an extent of 2 for a position of 1",
        None,
    ),
    "value and values": Mistake(
        "{value: 4, unit",
        "{value: 4, values: [1], unit",
        "7:13: NIX133 error: a property has `value` or `values`, not both",
        "keep one of them",
    ),
    "a list as value": Mistake(
        "{value: 4, unit",
        "{value: [4, 5], unit",
        "7:20: NIX102 error: `value` is a list; expected one value",
        "write `values` for several",
    ),
    "a quote that is not closed": Mistake(
        "label: membrane voltage",
        'label: "membrane voltage',
        '18:16: NIX042 error: the quote (`"`) is not closed',
        'close it with `"` where its text ends',
    ),
    "a bracket that is not closed": Mistake(
        "references: [voltage]",
        "references: [voltage",
        "44:21: NIX042 error: the `[` is not closed",
        "close it with `]`",
    ),
    "a time without zone": Mistake(
        "    type: nix.session\n",
        "    type: nix.session\n    created_at: 2021-03-04T12:00:00\n",
        "11:17: NIX102 error: `2021-03-04T12:00:00` has no zone",
        "put `Z` behind it for UTC, or the offset: `+01:00`",
    ),
    "a time in words": Mistake(
        "    type: nix.session\n",
        "    type: nix.session\n    created_at: yesterday\n",
        "11:17: NIX102 error: `yesterday`, expected a time with date and zone",
        "write it as `2021-03-04T12:00:00Z`",
    ),
    "an id of their own": Mistake(
        "    type: nix.session\n",
        "    type: nix.session\n    id: 17\n",
        "11:9: NIX107 error: `id` is `17`; expected a UUID",
        "leave it out: each time that the file is written, there is a new one",
    ),
    "a dimension of a kind that is nearly there": Mistake(
        "{type: sampled,",
        "{type: sample,",
        "21:20: NIX106 error: `type` is `sample`: did you mean `sampled`?",
        None,
    ),
    "a dimension of a kind that is not there": Mistake(
        "{type: sampled,",
        "{type: time,",
        "21:20: NIX106 error: `type` is `time`; expected one of `sampled`, `range`, `set`, `data_frame`",
        None,
    ),
    "a dimension without its list": Mistake(
        "          - {type: sampled, sampling_interval: 0.1, unit: ms, label: time}",
        "          type: sampled\n          sampling_interval: 0.1",
        "21:11: NIX102 error: `dimensions` is a mapping; expected a list, one item for each axis",
        "begin each item with `- `",
    ),
    "a key of another dimension": Mistake(
        "sampling_interval: 0.1",
        "sampling_interval: 0.1, ticks: [1, 2, 3]",
        "21:53: NIX131 error: no key `ticks` in a sampled dimension",
        "it is a key of a range dimension; there are type, sampling_interval, offset, unit, label",
    ),
    "a key of another dimension instead of one that is needed": Mistake(
        "sampling_interval: 0.1",
        "ticks: [1, 2, 3]",
        "21:29: NIX131 error: no key `ticks` in a sampled dimension",
        "it is a key of a range dimension; there are type, sampling_interval, offset, unit, label",
    ),
    "a column that is not there": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {file: t.csv, column: volt}",
        "19:37: NIX052 error: `t.csv`: there is no column `volt`: did you mean `voltage`?",
        "its columns are `time`, `voltage`, `word`",
    ),
    "a file of several columns": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {file: t.csv}",
        "19:15: NIX052 error: `t.csv`: the file has 3 columns; which one is meant?",
        "give `column`, one of: `time`, `voltage`, `word`; or `columns: all`",
    ),
    "the number of a column that is not there": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {file: t.csv, column: 7}",
        "19:37: NIX052 error: `t.csv`: there is no column 7; the file has 3, counted from 0",
        None,
    ),
    "raw values without type": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {file: t.raw}",
        "19:15: NIX054 error: a raw file does not tell the type of its values; expected `dtype`",
        "such as `dtype: <i2` for integers of two bytes, the low one first",
    ),
    "a file in another folder": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {file: ../trace.npy}",
        "19:22: NIX051 error: `../trace.npy` lies outside the folder of the description",
        "put the file beside the description, or allow it with `--allow-outside`",
    ),
    "an array without data": Mistake(
        "        data: [-70.1, -69.8, -70.3]\n",
        "",
        "15:7: NIX206 error: there is no `data`",
        "write the data, or remove the array",
    ),
    "a type that is not there": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {values: [1,2,3], dtype: int7}",
        "19:40: NIX054 error: there is no type `int7`: did you mean `int8`?",
        "types are `float64`, `int16`, `bool`, `string`, `<i2`, `S8` and the like",
    ),
    "a fraction as a whole number": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {values: [1.5,2,3], dtype: int16}",
        "19:25: NIX102 error: `1.5`, expected a whole number",
        None,
    ),
    "no space behind a colon": Mistake(
        "        unit: mV",
        "        unit:mV",
        "17:13: NIX042 error: a space is missing after the colon of `unit:mV`",
        "write `unit: mV`",
    ),
    "no space behind a colon within braces": Mistake(
        "{type: sampled, sampling_interval: 0.1",
        "{type: sampled, sampling_interval:0.1",
        "21:29: NIX131 error: a space is missing after the colon of `sampling_interval:0.1`",
        "write `sampling_interval: 0.1`",
    ),
    "no space behind the only colon": Mistake(
        "cell: {type: cell}",
        "cell:\n        type:cell",
        "14:9: NIX102 error: the source is `type:cell`; expected a mapping of keys",
        "write a space after the colon: `type: cell`",
    ),
    "entities in a list of names": Mistake(
        "cell: {type: cell}",
        "- cell",
        "13:9: NIX102 error: the source is `cell`; expected a mapping of keys",
        "write `cell: {type: …}`",
    ),
    "entities in a list of mappings": Mistake(
        "blocks:\n  session:\n    type",
        "blocks:\n  - session:\n    type",
        "9:5: NIX101 error: a block in a list has no `name`",
        "take away the `- ` before `session:`; or write `- name: session`",
    ),
    "a property of several parts": Mistake(
        "species: Mus musculus",
        "species: {genus: Mus, epithet: musculus}",
        "6:16: NIX102 error: the property is a mapping of `genus`, `epithet`; expected `value` or `values`",
        "values do not nest: make a section of it, with these as its properties",
    ),
    "nested lists as values": Mistake(
        "species: Mus musculus",
        "species: [[1, 2], [3, 4]]",
        "6:17: NIX102 error: a value is a list; expected texts, numbers or booleans",
        "values do not nest: make several properties of it, or a section",
    ),
    "values of several kinds": Mistake(
        "species: Mus musculus",
        "species: [1, two, 3]",
        "6:20: NIX102 error: `two` beside values of another kind; expected values of one kind",
        "quote all values that are texts, or say the `dtype`",
    ),
    "a text as a number": Mistake(
        "{value: 4, unit: weeks}",
        "{value: four, dtype: int}",
        "7:20: NIX102 error: `four`, expected a whole number",
        None,
    ),
    "a date as people write it": Mistake(
        "{value: 4, unit: weeks}",
        "{value: 1.2.2020, dtype: date}",
        "7:13: NIX406 warning: value 1 is `1.2.2020`; expected a date such as `2021-03-04`",
        None,
    ),
    "a type of property that is not there": Mistake(
        "{value: 4, unit: weeks}",
        "{value: 4, dtype: integer}",
        "7:30: NIX112 warning: `dtype` is `integer`; expected a type of odML",
        "there are string, text, url, person, int, float, boolean, date, time, datetime",
    ),
    "half of a key of a property": Mistake(
        "{value: 4, unit: weeks}",
        "{val: 4, unit: weeks}",
        "7:13: NIX131 error: no key `val` in a property: did you mean `value`?",
        None,
    ),
    "a tuple with a comma": Mistake(
        "{value: 4, unit: weeks}",
        '{value: "(1,2)", dtype: 2-tuple}',
        "7:20: NIX102 error: `(1,2)`, expected a tuple of 2",
        "write it as `(1;2)`, with `;` between the elements",
    ),
    "a tuple of too many": Mistake(
        "{value: 4, unit: weeks}",
        "{value: (1;2;3), dtype: 2-tuple}",
        "7:20: NIX102 error: `(1;2;3)`, expected a tuple of 2",
        "write it as `(1;2)`, with `;` between the elements",
    ),
    "tuples that are lists": Mistake(
        "{value: 4, unit: weeks}",
        "{values: [[1, 2]], dtype: 2-tuple}",
        "7:22: NIX102 error: a value is a list; expected texts, numbers or booleans",
        "values do not nest: make several properties of it, or a section",
    ),
    "a number of values without `odml`": Mistake(
        "{value: 4, unit: weeks}",
        "{value: 4, unit: weeks, val_cardinality: [1, 3]}",
        "7:36: NIX131 error: no key `val_cardinality` in a property",
        "odML has it, and NIX has not: write it below `odml`, as `odml: {val_cardinality: …}`",
    ),
    "an author at the top": Mistake(
        "nix: 1.2.1\n",
        "author: Ada\nnix: 1.2.1\n",
        "1:1: NIX131 error: no key `author` in a description",
        "odML has it, and NIX has not: write it below `odml`, as `odml: {author: …}`",
    ),
    "an author of a section": Mistake(
        "    type: odml.subject\n",
        "    type: odml.subject\n    odml: {author: Ada}\n",
        "5:12: NIX131 error: no key `author` in `odml` of a section",
        "it is a key of a document; there are include, sec_cardinality, prop_cardinality, link, name, id, type, definition, reference, repository",
    ),
    "a misspelt key of odML": Mistake(
        "{value: 4, unit: weeks}",
        "{value: 4, unit: weeks, odml: {val_cardinalty: 3}}",
        "7:43: NIX131 error: no key `val_cardinalty` in `odml` of a property: did you mean `val_cardinality`?",
        None,
    ),
    "a number as XML has it": Mistake(
        "{value: 4, unit: weeks}",
        '{value: 4, unit: weeks, odml: {val_cardinality: "(1, 3)"}}',
        "7:60: NIX102 error: `val_cardinality` is `(1, 3)`; expected at least and at most",
        "write `[1, 3]` for one to three, `[1, null]` for at least one, `3` for at most three",
    ),
    "at least more than at most": Mistake(
        "{value: 4, unit: weeks}",
        "{value: 4, unit: weeks, odml: {val_cardinality: [3, 1]}}",
        "7:60: NIX102 error: `val_cardinality` is at least 3 and at most 1; expected the lower number first",
        "write `[1, 3]` for one to three, `[1, null]` for at least one, `3` for at most three",
    ),
    "a number that is none": Mistake(
        "{value: 4, unit: weeks}",
        "{value: 4, unit: weeks, odml: {val_cardinality: [one, 3]}}",
        "7:60: NIX102 error: `val_cardinality` is a list with `one`; expected at least and at most",
        "write `[1, 3]` for one to three, `[1, null]` for at least one, `3` for at most three",
    ),
    "a date of a document as people write it": Mistake(
        "nix: 1.2.1\n",
        "nix: 1.2.1\nodml: {date: 4.3.2021}\n",
        "2:14: NIX102 error: `date` is `4.3.2021`; expected a date",
        "write it as `2021-03-04`",
    ),
    "`odml` that is a list": Mistake(
        "    type: odml.subject\n",
        "    type: odml.subject\n    odml: [include]\n",
        "5:11: NIX102 error: `odml` is a list; expected a mapping of keys",
        "there are include, sec_cardinality, prop_cardinality, link, name, id, type, definition, reference, repository",
    ),
    "an address that is a mapping": Mistake(
        "    type: odml.subject\n",
        "    type: odml.subject\n    odml: {include: {file: a.xml}}\n",
        "5:21: NIX102 error: `include` is a mapping; expected a text",
        None,
    ),
    "a property beside its mapping": Mistake(
        "    properties:\n      species: Mus musculus\n",
        "    species: Mus musculus\n    properties:\n",
        "5:5: NIX131 error: no key `species` in a section",
        "put a property below `properties`; there are name, type, definition, repository, reference, link, id, created_at, updated_at, properties, sections",
    ),
    "a row that is too long": Mistake(
        "[0.5, noise]",
        "[0.5, noise, 3]",
        "36:13: NIX053 error: a row of 3 values for 2 columns",
        None,
    ),
    "a text in a column of numbers": Mistake(
        "[0.5, noise]", "[half, noise]", "36:14: NIX102 error: `half`, expected a number", None
    ),
    "columns as a list of names": Mistake(
        "columns:\n          onset: {dtype: float64, unit: s}\n          kind: {dtype: string}\n",
        "columns: [onset, kind]\n",
        "32:18: NIX102 error: `columns` is a list; expected a mapping of names",
        "write `columns: {onset: {unit: s}}`, a key for each column",
    ),
    "a type of C in a column": Mistake(
        "{dtype: float64, unit: s}",
        "{dtype: double, unit: s}",
        "33:26: NIX054 error: `dtype` of the column `onset` is `double`, which is no element type",
        "such as `float64`, `int16`, `bool` or `string`",
    ),
    "a type alone as a column": Mistake(
        "onset: {dtype: float64, unit: s}",
        "onset: float64",
        "33:18: NIX102 error: the column `onset` is `float64`; expected `dtype`, `unit`, `values`",
        "write `onset: {dtype: float64}`",
    ),
    "a key that is written twice": Mistake(
        "        unit: mV\n",
        "        unit: mV\n        unit: uV\n",
        "18:9: NIX043 error: the key `unit` is there twice, the first in line 17",
        "keep one of them, or give the other another name",
    ),
    "half a version": Mistake(
        "nix: 1.2.1",
        "nix: 1.2",
        "1:6: NIX102 error: `nix` is `1.2`; expected a version such as `1.2.1`",
        None,
    ),
    "a star before a name": Mistake(
        "references: [voltage]",
        "references: [*voltage]",
        "44:22: NIX042 error: `*voltage` repeats what `&voltage` marks, and nothing is marked so",
        "mark it above, or put a text that begins with `*` between quotes",
    ),
    "a link to nothing": Mistake(
        "link: spike_times",
        "link: spikes_time",
        "28:33: NIX701 error: no data array named `spikes_time`: did you mean `spike_times`?",
        None,
    ),
    "a link to a column that is not there": Mistake(
        "link: spike_times",
        "link: {data_frame: trials, column: onst}",
        "28:62: NIX701 error: no column named `onst` in `trials`: did you mean `onset`?",
        None,
    ),
    "a unit within data": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {values: [1,2,3], unit: mV}",
        "19:33: NIX131 error: no key `unit` in what says where values are",
        "put it beside `data`, not into it",
    ),
    "a position with its unit": Mistake(
        "position: [0.1]",
        "position: [0.1 ms]",
        "41:20: NIX102 error: `0.1 ms`, expected a number",
        "write the number alone: `0.1`; its unit `ms` has a field of its own",
    ),
    "one letter less": Mistake(
        "units: [ms]",
        "unit: ms",
        "43:9: NIX131 error: no key `unit` in a tag: did you mean `units`?",
        None,
    ),
    "a feature of nothing": Mistake(
        "        references: [voltage]\n",
        "        references: [voltage]\n        features: [amp]\n",
        "45:20: NIX701 error: no data array or data frame named `amp`",
        None,
    ),
    "an uncertainty in percent": Mistake(
        "{value: 4, unit: weeks}",
        "{value: 4, unit: weeks, uncertainty: 5%}",
        "7:49: NIX102 error: `5%`, expected a number",
        "write it without the percent sign",
    ),
    "a line of dashes": Mistake(
        "metadata:\n",
        "---\nmetadata:\n",
        "2:1: NIX044 error: a second document begins here (`---`), expected one in a text",
        "put it into a file of its own",
    ),
    "a link to a section that is not there": Mistake(
        "{value: 4, unit: weeks}",
        "{value: 4, unit: weeks}\n    link: /templates/subject",
        "8:5: NIX701 error: no section named `/templates/subject`: did you mean `subject`?",
        None,
    ),
    "columns of several lengths": Mistake(
        "columns:\n          onset: {dtype: float64, unit: s}\n          kind: {dtype: string}\n        rows:\n          - [0.5, noise]\n          - [1.5, tone]\n",
        "columns:\n          onset: {values: [0.5], unit: s}\n          kind: {values: [a, b]}\n",
        "33:11: NIX053 error: columns are of one length: `onset` has 1, `kind` has 2",
        None,
    ),
    "a name written twice": Mistake(
        "cell: {type: cell}",
        "cell: {type: cell}\n      cell: {type: other}",
        "14:7: NIX043 error: the key `cell` is there twice, the first in line 13",
        "keep one of them, or give the other another name",
    ),
    "labels too few": Mistake(
        "      spike_times:\n        type: nix.events",
        "      sides:\n        type: nix.sides\n        data: [1, 2, 3]\n        dimensions:\n          - {type: set, labels: [left, right]}\n      spike_times:\n        type: nix.events",
        "27:25: NIX203 error: 2 labels for 3 elements",
        None,
    ),
    "ticks too few": Mistake(
        "      spike_times:\n        type: nix.events",
        "      sides:\n        type: nix.sides\n        data: [1, 2, 3]\n        dimensions:\n          - {type: range, ticks: [0, 1]}\n      spike_times:\n        type: nix.events",
        "27:27: NIX202 error: 2 ticks for 3 elements",
        None,
    ),
    "ticks that go back": Mistake(
        "      spike_times:\n        type: nix.events",
        "      sides:\n        type: nix.sides\n        data: [1, 2, 3]\n        dimensions:\n          - {type: range, ticks: [0, 2, 1]}\n      spike_times:\n        type: nix.events",
        "27:27: NIX204 error: tick 3 (1) is below the one before (2)",
        None,
    ),
    "a name with a slash": Mistake(
        "cell: {type: cell}",
        "cell: {type: cell}\n      ax/on: {type: axon}",
        "14:7: NIX713 error: the name has a `/` in it, which HDF5 takes for a path",
        None,
    ),
    "decimal commas in a list": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data:\n          - -70,1\n          - -69,8\n          - -70,3",
        "20:13: NIX102 error: `-70,1`, expected a number",
        "write the decimal comma as a point: `-70.1`",
    ),
    "data in a file of another kind": Mistake(
        "data: [-70.1, -69.8, -70.3]",
        "data: {file: trace.abf}",
        "19:22: NIX052 error: the name `trace.abf` does not tell the format of the file",
        "give `format`, one of `csv`, `hdf5`, `npy`, `npz`, `raw`",
    ),
}
