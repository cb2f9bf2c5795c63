# %% [markdown]
# # NIX in eleven steps
#
# This course shows how data, and all that is needed to understand them, are kept in one file: what
# was measured, in which unit, when, where something happened, and in whom.
#
# It writes `tutorial.nix`, reads it again, and draws every plot from what the file says alone. Run
# it with `python examples/tutorial.py FOLDER`, or step by step as the notebook `tutorial.ipynb`.
# Needed is `pip install 'nixschema[plot]'`.

# %%
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import nixschema as nx

folder = Path(*sys.argv[1:2] or ["tutorial"])
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(seed=1)

# %% [markdown]
# ## 1. A file and a block
#
# A file holds **blocks** of data, one for a session for instance, and **metadata**. Each thing in
# it has a name, by which it is found, and a type, which says what kind of thing it is. Types are
# yours to choose.

# %%
file = nx.File(blocks=[nx.Block(name="session", type="recording")])
block = file.blocks["session"]

# %% [markdown]
# ## 2. A sampled signal
#
# A **data array** holds values, with a label and a unit. Its **dimensions** say what its axes mean,
# one for each axis. Values taken at regular intervals need the interval only: sample `i` was taken
# at `offset + i * sampling_interval`.

# %%
interval = 0.002
time = np.arange(0, 1, interval)
sine = nx.DataArray(
    name="sine",
    type="signal",
    label="voltage",
    unit="mV",
    data=np.sin(2 * np.pi * 3 * time),
    dimensions=[nx.SampledDimension(sampling_interval=interval, unit="s", label="time")],
)
block.data_arrays.append(sine)

# %% [markdown]
# ## 3. Values at irregular times
#
# A camera drops frames, so the pupil is measured whenever there is one. A **range dimension** has a
# position of its own for each value, its ticks.

# %%
times = np.sort(random.uniform(0, 30, 40))
pupil = nx.DataArray(
    name="pupil",
    type="signal.irregular",
    label="pupil diameter",
    unit="mm",
    data=1.2 + 0.3 * np.sin(times / 4) + random.normal(0, 0.02, len(times)),
    dimensions=[nx.RangeDimension(ticks=times, unit="s", label="time")],
)
block.data_arrays.append(pupil)

# %% [markdown]
# ## 4. Values of named things
#
# Six temperatures, each of another place in the lab: the elements of a **set dimension** have
# labels instead of positions.

# %%
temperatures = {
    "liquid nitrogen": 77,
    "dry ice": 195,
    "freezer": 253,
    "fridge": 277,
    "room": 295,
    "incubator": 310,
}
temperature = nx.DataArray(
    name="temperature",
    type="temperatures",
    label="temperature",
    unit="K",
    data=list(temperatures.values()),
    dimensions=[nx.SetDimension(labels=list(temperatures), label="place")],
)
block.data_arrays.append(temperature)

# %% [markdown]
# ## 5. Two signals in one array
#
# Signals that were sampled together belong into one array of two axes. The first axis is a set, the
# channels; the second one is time. The offset tells that the recording began at 50 ms.

# %%
time = np.arange(0, 400, 0.5)
waves = np.array([40 * np.sin(time / 20), 25 * np.cos(time / 12)])
traces = nx.DataArray(
    name="traces",
    type="signal.multichannel",
    label="field potential",
    unit="uV",
    data=waves + random.normal(0, 4, waves.shape),
    dimensions=[
        nx.SetDimension(labels=["cortex", "thalamus"], label="electrode"),
        nx.SampledDimension(sampling_interval=0.5, offset=50, unit="ms", label="time"),
    ],
)
block.data_arrays.append(traces)

# %% [markdown]
# ## 6. An array that is filled later
#
# What an array will hold can be said before there is a value in it. Values are appended as they
# come, here in pieces of 100.

# %%
respiration = nx.DataArray(
    name="respiration",
    type="signal",
    label="chest expansion",
    unit="mm",
    data=np.empty(0),
    dimensions=[nx.SampledDimension(sampling_interval=0.05, unit="s", label="time")],
)
block.data_arrays.append(respiration)

for second in range(0, 20, 5):
    piece = second + 0.05 * np.arange(100)
    respiration.append(2 + np.sin(2 * np.pi * piece / 4) + random.normal(0, 0.05, 100))

print(f"{len(respiration)} values of {respiration.label}")

# %% [markdown]
# ## 7. A neuron
#
# A leaky integrate-and-fire neuron: its membrane voltage leaks towards rest, and is driven by a
# noisy current while a stimulus is on. When it reaches the threshold, the neuron spikes, and starts
# again below rest.

# %%
interval, duration = 0.1, 1000
stimulus_onset, stimulus_duration = 200, 600
rest, threshold, reset, peak, time_constant = -65, -50, -70, 20, 10

time = np.arange(0, duration, interval)
is_on = (time >= stimulus_onset) & (time < stimulus_onset + stimulus_duration)
drive = 17 * is_on + random.normal(0, 12, len(time))

membrane = np.empty(len(time))
potential = rest
for i in range(len(time)):
    potential += (rest - potential + drive[i]) * interval / time_constant
    is_spike = potential > threshold
    membrane[i] = peak if is_spike else potential
    potential = reset if is_spike else potential
spike_times = time[membrane == peak]

voltage = nx.DataArray(
    name="voltage",
    type="signal.membrane_voltage",
    label="membrane voltage",
    unit="mV",
    data=membrane,
    dimensions=[nx.SampledDimension(sampling_interval=interval, unit="ms", label="time")],
)
block.data_arrays.append(voltage)

# %% [markdown]
# ## 8. Many points in a signal: spike times
#
# A **multi tag** marks many points, or regions, in the arrays that it refers to. The positions are
# in units of its own: they are converted where it is used.

# %%
spikes = nx.MultiTag(
    name="spikes",
    type="spike_times",
    positions=spike_times / 1000,
    units=["s"],
    references=[voltage],
)
block.multi_tags.append(spikes)

print(f"{len(spike_times)} spikes in {spikes.references[0].name}")

# %% [markdown]
# ## 9. A region in a signal: the stimulus
#
# A **tag** marks one point or, with an extent, one region.

# %%
stimulus = nx.Tag(
    name="stimulus",
    type="stimulus",
    position=[stimulus_onset],
    extent=[stimulus_duration],
    units=["ms"],
    references=[voltage],
)
block.tags.append(stimulus)

# %% [markdown]
# ## 10. Metadata
#
# **Sections** hold **properties**: named values, with a unit where they need one. Everything in a
# block can refer to the section that describes it. NIX has SI units for data, so that they can be
# converted; the unit of a property is text, and may be `weeks`.

# %%
subject = nx.Section(
    name="subject",
    type="subject",
    properties=[
        nx.Property(name="id", values=["M-17"]),
        nx.Property(name="species", values=["Mus musculus"]),
        nx.Property(name="age", values=[9], unit="weeks"),
    ],
)
file.metadata.append(subject)

voltage.metadata = subject
stimulus.metadata = subject

# %% [markdown]
# ## 11. Into the file, and back
#
# `nx.write` checks before it writes: a file with errors is not written, and the message tells where
# they are. `nixschema validate tutorial.nix` checks it again, `nixschema show tutorial.nix` shows
# its tree.

# %%
path = folder / "tutorial.nix"
nx.write(file, path)

report = nx.validate(path)
print("sound" if report.ok else report.findings)

# %% [markdown]
# From here on, there is only the file. Names lead to what is in it; values are read when they are
# asked for.

# %%
file = nx.read(path)
block = file.blocks["session"]
voltage = block.data_arrays["voltage"]

print(voltage)
print(f"the first values in {voltage.unit}: {voltage[:3].round(1)}")

# %% [markdown]
# `nx.plot` draws an array. Labels and units of the axes are in the file.


# %%
def draw(entity):
    """Draw an entity into a file of its name."""
    figure = plt.figure(figsize=(8, 4.5), layout="constrained")
    nx.plot(entity, figure=figure)
    figure.savefig(folder / f"{entity.name}.png")


draw(block.data_arrays["sine"])

# %%
draw(block.data_arrays["pupil"])

# %%
draw(block.data_arrays["temperature"])

# %%
draw(block.data_arrays["traces"])

# %%
draw(block.data_arrays["respiration"])

# %%
draw(voltage)

# %% [markdown]
# A tag is drawn into the arrays it refers to.

# %%
stimulus = block.tags["stimulus"]
draw(stimulus)

# %%
spikes = block.multi_tags["spikes"]
draw(spikes)

# %% [markdown]
# A tag also gives the values that it marks, here the voltage while the stimulus was on, and an axis
# knows which of its elements is at a time, whatever its unit.

# %%
during = stimulus.data(voltage)
print(f"mean voltage during the stimulus: {during.mean():.1f} {voltage.unit}")

at = voltage.dimensions[0].index_of(0.25, unit="s")
print(f"voltage at 250 ms: {voltage[at]:.1f} {voltage.unit}")

# %% [markdown]
# In whom was it measured? From the array to its section, and from the section to all that it
# describes.

# %%
subject = voltage.metadata
age = subject.properties["age"]
print(f"{subject.properties['species'].value}, {age.value} {age.unit}")

for entity in subject.referring:
    print(f"{subject.name} describes {entity}")
