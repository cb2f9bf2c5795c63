"""What `nixschema new` writes: a description to start from, which teaches by its comments."""

from __future__ import annotations

from nixschema.descriptions.description import SCHEMA
from nixschema.descriptions.drafts import Reading
from nixschema.descriptions.placing import Placing
from nixschema.descriptions.reading import read_nodes
from nixschema.descriptions.writing import Teller
from nixschema.text.emit import json_text
from nixschema.text.nodes import Mapping
from nixschema.text.yaml import read_text

STARTER = """\
# yaml-language-server: $schema=nix.schema.json
#
# A NIX file as text. `nixschema validate` checks it, `nixschema show` shows it, and
# `nixschema convert` makes a NIX file of it. Everything here is an example: change it, and
# delete what you do not need.

nix: 1.2.1                       # the version of the format; this makes the file a description

# What one knows about the experiment: sections of properties, as deep as you like.
metadata:
  subject:
    type: subject                # a word of your own that says what kind of thing it is
    properties:
      id: M-17
      species: Mus musculus
      age: {value: 9, unit: weeks}               # a value with its unit
      born: {value: 2024-03-01, dtype: date}     # `dtype` where the kind of value is to be certain
  recording:
    type: recording
    properties:
      experimenter: [Ada, Grace]                 # several values, all of one kind
      temperature: {value: 34.5, unit: °C, uncertainty: 0.5}
      notes: |
        Text may go on
        for several lines.

# What was measured: blocks, one for each session for instance.
blocks:
  session:
    type: recording.session
    metadata: /recording         # the section that describes it

    # Arrays of numbers (or texts), each with a descriptor for every axis.
    data_arrays:
      voltage:
        type: signal.voltage
        label: membrane voltage
        unit: mV                 # SI units; a unit that begins with % needs quotes
        # Ten values stand here. Larger data stay in files of their own beside this one:
        #   data: {file: trace.npy}
        #   data: {file: trace.csv, column: voltage}
        #   data: {file: trace.raw, dtype: <i2, shape: [-1, 32]}
        data: [-70.1, -69.8, -70.3, -65.2, 12.5, -74.9, -71.2, -70.4, -70.0, -69.9]
        dimensions:
          # Regular samples: at 1 kHz one every 1/1000 s. `offset` is the time of the first.
          - {type: sampled, sampling_interval: 1/1000, unit: s, offset: 0, label: time}
        metadata: /subject

      temperature:
        type: signal.temperature
        label: temperature
        unit: K
        data: [[307.1, 295.0], [307.4, 295.1], [307.6, 295.1]]     # three rows of two values
        dimensions:
          # The first axis, the rows: times that are not regular.
          - {type: range, ticks: [0, 10, 25.5], unit: s, label: time}
          # The second axis: things that have names.
          - {type: set, labels: [bath, room], label: place}

    # Regions and points: a tag marks one, a multi tag many. Others are referred to by name.
    tags:
      stimulus:
        type: stimulus
        position: [0.002]        # one number for each axis of the arrays it refers to
        extent: [0.003]
        units: [s]
        references: [voltage]

    multi_tags:
      spikes:
        type: spike_times
        positions: [0.004, 0.008]         # a list becomes an array of its own, `spikes-positions`
        units: [s]
        references: [voltage]

    # Tables: columns with their types and units, and rows.
    data_frames:
      trials:
        type: table
        columns:
          onset: {dtype: float64, unit: s}
          kind: {dtype: string}
          correct: {dtype: bool}
        rows:                    # or: {file: trials.csv}
          - [0.5, noise, true]
          - [1.5, tone, false]
"""
"""A description with one of everything. It is sound, and needs no other file."""


def starter_text(*, as_json: bool) -> str:
    """The text of the starter; JSON has no comments, and says the same without them."""
    if not as_json:
        return STARTER
    root, _ = read_text(STARTER.encode())
    assert isinstance(root, Mapping)
    file = read_nodes(root, Reading("", is_json=False))
    placing = Placing("inline", plain=True, folder="", shown="", origin="", is_json=True)
    tree = Teller(file, placing, plain=True).tree()
    return "".join(json_text({"$schema": SCHEMA, **tree}))
