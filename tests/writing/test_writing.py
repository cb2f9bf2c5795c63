"""What `nx.write`, `convert` and `upgrade` refuse, keep and tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import nixio
import numpy as np
import pytest
from click.testing import CliRunner, Result

import nixschema as nx
from nixschema import cli
from tests.patches import apply
from tests.plain import write
from tests.sound import SOUND
from tests.strategies import everything
from tests.writing.format_rules import violations
from tests.writing.objects import differences

VOLTAGE = "/data/session/data_arrays/voltage"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(one) for one in arguments], prog_name="nixschema")


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.nix"
    write(SOUND, path)
    return path


@pytest.fixture
def faulty(sound: Path) -> Path:
    """A file with one error."""
    with h5py.File(sound, "r+") as file:
        apply(file, {"at": VOLTAGE, "set": {"unit": {"int64": 3}}})
    return sound


def voltage(file: nx.File) -> nx.DataArray:
    return file.blocks["session"].data_arrays["voltage"]


def made(**fields: Any) -> nx.File:
    """A sound file made by hand, with one array."""
    given = {"name": "a", "type": "t", "data": [1.0, 2.0], "dimensions": [nx.SetDimension()]}
    array = nx.DataArray(**{**given, **fields})
    return nx.File(blocks=[nx.Block(name="b", type="t", data_arrays=[array])])


# Which errors keep a file from being written


def test_all_errors_of_what_is_made_by_hand_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "made.nix"
    with pytest.raises(nx.CheckFailed, match=r"1 error: /data/b/data_arrays/a: NIX201") as raised:
        nx.write(made(dimensions=[]), target)
    assert [one.rule for one in raised.value.findings] == ["NIX201"]
    assert list(tmp_path.iterdir()) == []
    nx.write(made(dimensions=[]), target, check="none")
    assert nx.read(target).blocks[0].data_arrays[0].dimensions == nx.read(target).blocks[0].tags


def test_errors_that_a_file_came_with_are_written(faulty: Path, tmp_path: Path) -> None:
    file = nx.read(faulty)
    voltage(file).label = "changed"
    nx.write(file, faulty)
    again = nx.read(faulty)
    assert voltage(again).label == "changed"
    assert voltage(again).extra.attributes["unit"].value == 3
    with pytest.raises(nx.CheckFailed, match="NIX102"):
        nx.write(file, tmp_path / "other.nix", check="all")


def test_new_errors_are_refused(faulty: Path) -> None:
    before = faulty.read_bytes()
    file = nx.read(faulty)
    voltage(file).name = "renamed"
    file.blocks[0].data_arrays["renamed"].dimensions.clear()
    with pytest.raises(nx.CheckFailed, match="1 error") as raised:
        nx.write(file, faulty)
    assert [one.rule for one in raised.value.findings] == ["NIX201"]
    assert faulty.read_bytes() == before


def test_field_that_is_set_takes_the_place_of_what_did_not_fit(faulty: Path) -> None:
    file = nx.read(faulty)
    voltage(file).unit = "mV"
    nx.write(file, faulty, check="all")
    assert voltage(nx.read(faulty)).unit == "mV"


@pytest.mark.parametrize("text", ["a\0b", "\0b"])
def test_text_with_nul(text: str, tmp_path: Path) -> None:
    file = made(label=text, dimensions=[nx.SetDimension(labels=["x", text])])
    nx.write(file, tmp_path / "made.nix")
    again = nx.read(tmp_path / "made.nix").blocks[0].data_arrays[0]
    assert (again.label, again.dimensions[0].labels) == (text, ["x", text])  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change",
    [
        lambda array: setattr(array, "label", "ends with a nul\0"),
        lambda array: list.append(array.dimensions[0].labels, 3),
        lambda array: array.dimensions[0].labels.append("nul\0"),
    ],
)
def test_what_no_file_can_hold_is_refused(change: Any, tmp_path: Path) -> None:
    file = made(dimensions=[nx.SetDimension(labels=["x"])])
    change(file.blocks[0].data_arrays[0])
    with pytest.raises(nx.CheckFailed):
        nx.write(file, tmp_path / "made.nix")
    with pytest.warns(nx.LossWarning, match=r"without 1 part: /data/b/data_arrays/a/"):
        nx.write(file, tmp_path / "made.nix", check="none")


@pytest.mark.parametrize(
    ("values", "more", "read"),
    [
        ([1, 2], 2.5, [1.0, 2.0, 2.5]),
        ([1, 2], 2**63, [1, 2, 2**63]),
        ([True], 5, None),
        ([1.0], True, None),
        (["a"], 5, None),
        ([1], "x", None),
        ([1], 2**64, None),
    ],
)
def test_values_changed_in_place_are_checked(
    values: Any, more: Any, read: Any, tmp_path: Path
) -> None:
    item = nx.Property(name="p", values=values)
    file = nx.File(metadata=[nx.Section(name="s", type="t", properties=[item])])
    if read is None:
        with pytest.raises(ValueError, match=r"values are all text|64 bits"):
            item.values.append(more)
        list.append(item.values, more)
        with pytest.raises(nx.CheckFailed, match="/metadata/s/properties/p: "):
            nx.write(file, tmp_path / "made.nix")
        return
    item.values.append(more)
    nx.write(file, tmp_path / "made.nix")
    found = nx.read(tmp_path / "made.nix").metadata["s"].properties["p"].values
    assert [(type(one), one) for one in found] == [(type(one), one) for one in read]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([1, 0], [True, False]),
        ([True, False], [1, 0]),
        ([1, 0], [3.0, 4.0]),
        ([1.0, 0.0], [3, 4]),
        ([0.0, 1.0], [-0.0, 1.0]),
        (["1"], [1]),
        ([1, 2], [1, 2, 3]),
    ],
)
def test_assigned_values_have_their_own_type(before: Any, after: Any, tmp_path: Path) -> None:
    path = tmp_path / "t.nix"
    item = nx.Property(name="p", values=before)
    nx.write(nx.File(metadata=[nx.Section(name="s", type="t", properties=[item])]), path)
    with h5py.File(path, "r+") as file:
        group = file["/metadata/s/properties"]
        data, attributes = group["p"][()], dict(group["p"].attrs)
        kind = group["p"].id.get_type()
        del group["p"]
        kept = group.create_dataset("p", data.shape, dtype=kind, chunks=(7,), maxshape=(None,))
        kept[...] = data
        kept.attrs.update(attributes)
    file = nx.read(path)
    file.metadata["s"].properties["p"].values = after
    nx.write(file, path)
    found = nx.read(path).metadata["s"].properties["p"].values
    assert list(map(repr, found)) == list(map(repr, after))
    with h5py.File(path) as written:
        assert written["/metadata/s/properties/p"].chunks == (7,)


def test_units_belong_to_columns_by_name(tmp_path: Path) -> None:
    records = np.array([(1.0, 2), (3.0, 4)], [("a", "f8"), ("b", "i4")])
    frame = nx.DataFrame(name="f", type="t", data=records)
    frame.columns[0].unit, frame.columns[1].unit = "mV", "s"
    file = nx.File(blocks=[nx.Block(name="b", type="t", data_frames=[frame])])
    frame.__dict__["columns"] = frame.columns[::-1]
    nx.write(file, tmp_path / "made.nix")
    columns = nx.read(tmp_path / "made.nix").blocks[0].data_frames[0].columns
    assert [(one.name, one.unit) for one in columns] == [("a", "mV"), ("b", "s")]
    frame.__dict__["columns"] = frame.columns[:-1]
    with pytest.raises(nx.CheckFailed, match="columns b do not fit data with a, b"):
        nx.write(file, tmp_path / "made.nix")


def test_records_are_as_they_will_be_read(tmp_path: Path) -> None:
    kind = np.dtype([("a", "i4"), ("c", "U4"), ("d", "f8")], align=True)
    frame = nx.DataFrame(name="f", type="t", data=np.array([(1, "é", 0.5)], kind)[["a", "c"]])
    file = nx.File(blocks=[nx.Block(name="b", type="t", data_frames=[frame])])
    nx.write(file, tmp_path / "made.nix")
    assert nx.read(tmp_path / "made.nix") == file
    with pytest.raises(ValueError, match="NIX has no dates"):
        nx.DataFrame(name="f", type="t", data=np.zeros(1, [("t", "M8[s]")]))


def test_a_file_that_somebody_else_has_written_is_not_replaced(sound: Path) -> None:
    mine, theirs = nx.read(sound), nx.read(sound)
    theirs.blocks["session"].definition = "theirs"
    nx.write(theirs, sound)
    mine.blocks["session"].definition = "mine"
    with pytest.raises(nx.StaleFileError, match="has changed since it was read"):
        nx.write(mine, sound)
    theirs.blocks["session"].definition = "again"
    nx.write(theirs, sound)
    assert nx.read(sound).blocks["session"].definition == "again"


def test_damaged_values_are_not_written_by_half(sound: Path, tmp_path: Path) -> None:
    with h5py.File(sound, "r+") as file:
        del file[VOLTAGE]["data"]
        data = file[VOLTAGE].create_dataset("data", (10,), "f8", chunks=(5,), compression="gzip")
        data[...] = np.arange(10.0)
        data.id.write_direct_chunk((5,), b"no deflate", 0)
    whole, part = tmp_path / "whole.nix", tmp_path / "part.nix"
    assert run("convert", sound, whole).exit_code == 0
    assert differences(sound, whole) == []
    result = run("convert", sound, part, "--compression", 0)
    assert result.exit_code == 0
    assert f"{sound}: lost {VOLTAGE}/data: " in result.stderr
    assert voltage(nx.read(part)).data is None
    assert run("convert", sound, part, "--compression", 0, "--strict", "--force").exit_code == 1


def test_unknown_links_in_a_copy_lead_to_the_copy(sound: Path, tmp_path: Path) -> None:
    with h5py.File(sound, "r+") as file:
        file["/data/session"].create_group("mine")["array"] = file[VOLTAGE]
    file = nx.read(sound)
    copy = file.blocks["session"].copy()
    copy.name = "copy"
    file.blocks.append(copy)
    nx.write(file, tmp_path / "made.nix", check="none")
    with h5py.File(tmp_path / "made.nix") as made_file:
        assert made_file["/data/copy/mine/array"] == made_file["/data/copy/data_arrays/voltage"]
        assert made_file["/data/session/mine/array"] == made_file[VOLTAGE]


def test_shuffling_and_checksums_stay_when_compression_changes(tmp_path: Path) -> None:
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    nx.write(made(data=np.arange(100.0)), source)
    with h5py.File(source, "r+") as file:
        group = file["/data/b/data_arrays/a"]
        del group["data"]
        options = {"compression": "gzip", "shuffle": True, "fletcher32": True, "chunks": (10,)}
        group.create_dataset("data", data=np.arange(100.0), maxshape=(None,), **options)
    nx.write(nx.read(source), target, compression=9)
    with h5py.File(target) as file:
        data = file["/data/b/data_arrays/a/data"]
        assert (data.compression_opts, data.shuffle, data.fletcher32) == (9, True, True)
        assert data[...].tolist() == list(range(100))


def test_data_that_a_file_cannot_hold_are_refused(tmp_path: Path) -> None:
    with pytest.raises(nx.CheckFailed, match="1 part cannot be: /data/b/data_arrays/a/data"):
        nx.write(made(data=["x", "a\0b"]), tmp_path / "made.nix")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="half a character"):
        made(data=["x", "\ud800"])


def test_references_out_of_the_file_are_refused(tmp_path: Path) -> None:
    file, other = made(), made()
    tag = nx.Tag(name="t", type="t", position=[0.0], references=[other.blocks[0].data_arrays[0]])
    file.blocks[0].tags.append(tag)
    with pytest.raises(nx.CheckFailed, match="NIX705"):
        nx.write(file, tmp_path / "made.nix")
    with pytest.warns(nx.LossWarning, match="/data/b/tags/t/references: `a` is not in the file"):
        nx.write(file, tmp_path / "made.nix", check="none")
    assert len(nx.read(tmp_path / "made.nix").blocks[0].tags[0].references) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"check": "some"}, "check is one of new, all, none, not 'some'"),
        ({"format_version": "1.3.0"}, "format version 1.3.0 cannot be written: 1.2.0 and 1.2.1"),
        ({"compression": 10}, "compression level 10 is not one from 0 to 9"),
        ({"compression": "gzip"}, "compression level 'gzip' is not one from 0 to 9"),
    ],
)
def test_options_are_checked(options: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        nx.write(made(), tmp_path / "made.nix", **options)
    assert list(tmp_path.iterdir()) == []


# Versions and compression


@pytest.mark.parametrize(
    ("given", "asked", "written"),
    [
        ([1, 2, 1], None, (1, 2, 1)),
        ([1, 2, 0], None, (1, 2, 0)),
        ([1, 2, 5], None, (1, 2, 5)),
        ([1, 1, 1], None, (1, 2, 1)),
        ([1, 0, 0], "1.2.0", (1, 2, 0)),
        ([1, 2, 1], "1.2.0", (1, 2, 0)),
    ],
)
def test_version(given: Any, asked: str | None, written: Any, tmp_path: Path) -> None:
    source, target = tmp_path / "source.nix", tmp_path / "target.nix"
    write({**SOUND, "version": given}, source)
    nx.write(nx.read(source), target, format_version=asked, check="none")
    assert nx.read(target).version == written


def test_id_of_an_upgraded_file_is_the_same_each_time(tmp_path: Path) -> None:
    source = tmp_path / "old.nix"
    write(
        {key: value for key, value in SOUND.items() if key != "id"} | {"version": [1, 1, 0]}, source
    )
    for name in ("one.nix", "two.nix"):
        nx.upgrade(source, tmp_path / name)
    one, two = nx.read(tmp_path / "one.nix"), nx.read(tmp_path / "two.nix")
    assert one.id
    assert one == two
    assert violations(tmp_path / "one.nix") == []


@pytest.mark.parametrize("version", [[1, 0, 0], [1, 1, 1], [1, 2, 0]])
def test_upgrading_again_changes_nothing(version: list[int], tmp_path: Path) -> None:
    source, once, twice = (tmp_path / name for name in ("source.nix", "once.nix", "twice.nix"))
    write({**everything(), "version": version}, source)
    for given, made in ((source, once), (once, twice)):
        assert run("upgrade", given, made).exit_code == 0
    assert nx.read(once).version == (1, 2, 1)
    assert differences(once, twice) == []
    assert run("diff", once, twice, "--strict").exit_code == 0


@pytest.mark.parametrize("version", [[1, 3, 0], [2, 0, 0]])
def test_newer_files_are_not_upgraded(version: list[int], tmp_path: Path) -> None:
    source, target = tmp_path / "new.nix", tmp_path / "target.nix"
    write({**SOUND, "version": version}, source)
    result = run("upgrade", source, target)
    assert result.exit_code == 1
    assert "is of format version" in result.stderr
    assert not target.exists()


def test_compression_is_for_data_alone(sound: Path, tmp_path: Path) -> None:
    target, plain = tmp_path / "small.nix", tmp_path / "plain.nix"
    assert run("convert", sound, target, "--compression", 4).exit_code == 0
    with h5py.File(target) as file:
        assert file[f"{VOLTAGE}/data"].compression_opts == 4
        assert file["/data/session/data_frames/trials/data"].compression == "gzip"
        assert file["/data/session/data_arrays/lfp/polynom_coefficients"].compression is None
        assert file["/data/session/data_arrays/events/dimensions/1/ticks"].compression is None
    assert nx.read(target) == nx.read(sound)
    assert run("convert", target, plain, "--compression", 0).exit_code == 0
    assert differences(sound, plain) == []


def test_new_arrays_are_one_chunk_below_a_megabyte(tmp_path: Path) -> None:
    shapes = [(5,), (0,), (0, 3), (1000, 100), (3, 500, 1000), (2, 10**6)]
    file = nx.File(blocks=[nx.Block(name="b", type="t")])
    for shape in shapes:
        array = nx.DataArray(name=str(shape), type="t", data=np.ones(shape))
        file.blocks[0].data_arrays.append(array)
    nx.write(file, tmp_path / "made.nix", check="none")
    chunks = [array.data.chunks for array in nx.read(tmp_path / "made.nix").blocks[0].data_arrays]  # type: ignore[union-attr]
    assert chunks[:4] == [(5,), (8192,), (2730, 3), (1000, 100)]
    for shape, chunk in zip(shapes[4:], chunks[4:], strict=True):
        assert chunk is not None
        assert 0.4 < np.prod(chunk) * 8 / 1024**2 <= 1
        assert all(one <= length for one, length in zip(chunk, shape, strict=True))
    assert nx.read(tmp_path / "made.nix") == file


def test_small_files_are_small(tmp_path: Path) -> None:
    """Half of what nixio makes of them, at most."""
    peer, target = tmp_path / "nixio.nix", tmp_path / "made.nix"
    with nixio.File.open(str(peer), nixio.FileMode.Overwrite) as file:
        block = file.create_block("b", "t")
        for number in range(200):
            array = block.create_data_array(f"a{number}", "t", data=np.arange(10.0))
            array.append_sampled_dimension(0.1, unit="ms")
    nx.write(nx.read(peer).copy(keep_id=True), target)
    assert nx.read(target).equals(nx.read(peer))
    assert target.stat().st_size <= peer.stat().st_size / 2


# Commands


def test_convert_counts_errors(faulty: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.nix"
    result = run("convert", faulty, target)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == (
        f"{faulty} has 1 error, written as found: `nixschema validate` tells\n"
    )
    assert differences(faulty, target) == []


def test_strict_refuses_errors(faulty: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.nix"
    result = run("convert", faulty, target, "--strict")
    assert result.exit_code == 1
    assert result.stderr.startswith("not written: 1 error: ")
    assert not target.exists()


def test_convert_replaces_only_when_told(sound: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.nix"
    target.write_text("mine")
    result = run("convert", sound, target)
    assert result.exit_code == 2
    assert result.stderr == f"{target} exists: replace it with --force\n"
    assert target.read_text() == "mine"
    assert run("convert", sound, target, "--force").exit_code == 0
    assert differences(sound, target) == []


WRONG_NAMES = {
    "convert": "or a name with .nix, .h5, .odml, .xml, .odml.yaml",
    "upgrade": "names of NIX files end in .nix or .h5",
}


@pytest.mark.parametrize("command", ["convert", "upgrade"])
def test_wrong_use(command: str, sound: Path, tmp_path: Path) -> None:
    for arguments, told in (
        ((tmp_path / "none.nix", tmp_path / "x.nix"), "none.nix does not exist"),
        ((tmp_path, tmp_path / "x.nix"), "is a folder: "),
        ((sound, tmp_path / "x.txt"), WRONG_NAMES[command]),
        ((sound, tmp_path / "no" / "x.nix"), "there is no such folder"),
        ((sound, tmp_path / "x.nix", "--compress"), "No such option"),
    ):
        result = run(command, *arguments)
        assert result.exit_code == 2, result.output
        assert told in result.stderr
    assert list(tmp_path.iterdir()) == [sound]


@pytest.mark.parametrize(
    "options", [("--format-version", "1.1.0"), ("--compression", "10"), ("--compression", "gzip")]
)
def test_wrong_options(options: tuple[str, str], sound: Path, tmp_path: Path) -> None:
    assert run("convert", sound, tmp_path / "x.nix", *options).exit_code == 2
    assert list(tmp_path.iterdir()) == [sound]


def test_source_that_is_no_nix_file(tmp_path: Path) -> None:
    (tmp_path / "text.nix").write_text("no HDF5")
    result = run("convert", tmp_path / "text.nix", tmp_path / "x.nix")
    assert result.exit_code == 1
    assert result.stderr == f"{tmp_path / 'text.nix'}: is not an HDF5 file\n"


def test_converting_onto_itself(sound: Path) -> None:
    before = nx.read(sound).copy(keep_id=True)
    assert run("convert", sound, sound).exit_code == 2
    assert run("convert", sound, sound, "--force").exit_code == 0
    assert nx.read(sound).equals(before, values=False)
