"""Save models to the file that they were read from and that is open for acquisition.

What has changed is made anew in the file, filled, and linked with what stays as it is. Then one
write to the disk makes it the content of the file.
"""

from __future__ import annotations

from typing import Any

from h5py import h5a, h5o

from nixschema.array import Array
from nixschema.errors import NixError
from nixschema.layout import Link, Links
from nixschema.model import File, Model
from nixschema.storage import making
from nixschema.storage.datasets import DatasetSource
from nixschema.storage.faults import FAULTS
from nixschema.storage.files import Stamp
from nixschema.storage.following import Follower
from nixschema.storage.losses import Losses
from nixschema.storage.names import name_bytes
from nixschema.storage.places import reference_link
from nixschema.storage.present import Present
from nixschema.storage.sessions import Reading, Session
from nixschema.storage.states import States
from nixschema.storage.survey import Survey
from nixschema.storage.writer import Writer


class Saving:
    """A file's models, and the open file that they are saved to."""

    def __init__(self, file: File, session: Session) -> None:
        """Take over what was read.

        Args:
            file: what was read from the open file.
            session: the open file.
        """
        self._file = file
        self._session = session
        settle(file, session, session.stamp, live=True, copied=False)
        self._states = States(Survey(file).models(), reuse=not session.refers)

    def save(self, *, strict: bool) -> Losses:
        """Bring all changes to the disk, or none.

        Args:
            strict: refuse to write a file without what cannot be written.

        Returns:
            What could not be written.

        Raises:
            Refused: something cannot be written.
            StaleFileError: the values of an array cannot be had any more.
            OSError: the disk is full, and the like.
        """
        with self._session.using():
            survey = Survey(self._file)
            unchanged = self._states.unchanged(self._file, survey.models())
            if unchanged is None:
                return Losses()
            return self._save(unchanged, strict=strict)

    def _save(self, unchanged: set[int], *, strict: bool) -> Losses:
        session = self._session
        with session.rerooting() as reroot:
            present = Present(reroot.file_id, session.path, session.stamp, self._states, unchanged)
            root = making.group(reroot.file_id, None)
            writer = Writer(self._file, root, reroot.check, present=present)
            writer.write()
            if strict and writer.losses:
                raise Refused(writer.losses)
            reroot.counted = present.count_more(root)
            reroot.root = root
        _place_outside(self._file)
        settle(self._file, session, present.stamp, live=True)
        self._describe(present, writer)
        self._states = States(Survey(self._file).models(), reuse=not self._session.refers)
        return writer.losses

    def _describe(self, present: Present, writer: Writer) -> None:
        """Change attributes of datasets that have stayed."""
        if not present.described:
            return
        with self._session.changing() as file_id:
            for model, part in present.described:
                dataset_id = h5o.open(file_id, name_bytes(f"{model.path}/{part}"))
                names: list[bytes] = []
                h5a.iterate(dataset_id, names.append)
                for name in names:
                    h5a.delete(dataset_id, name)
                writer.describe(model, part, dataset_id)


class Refused(NixError):
    """Something cannot be written."""

    def __init__(self, losses: Losses) -> None:
        super().__init__("something cannot be written")
        self.losses = losses


def settle(
    file: File, session: Session | Reading, before: Stamp, *, live: bool, copied: bool = True
) -> None:
    """Let all arrays of a file lie in it as it is now.

    Args:
        file: what was read from there, or has been written to it.
        session: the file, open or closed just now.
        before: the state that it had for those arrays that lay there.
        live: whether they may be changed where they are.
        copied: whether those of them that could not be changed are copies, which have become
            datasets of their own.
    """
    settler = _Settler(session.path, session.stamp, before, live=live, copied=copied)
    with session.lock:
        for model in Survey(file).models():
            settler.move(model)
    object.__setattr__(file, "_stamp", session.stamp)


class _Settler(Follower):
    """Lets arrays lie in an open file, those in memory too."""

    def __init__(
        self, target: str, stamp: Stamp, before: Stamp, *, live: bool, copied: bool
    ) -> None:
        super().__init__(target, stamp)
        self._copied = copied and live
        self._before = before
        self._live = live

    def _move_array(self, array: Array, model: Model, name: str) -> None:
        source: Any = array.source
        place = f"{model.path}/{name}"
        if self._lies_there(source) and (source.live or not self._copied):
            array.source = self._moved(source, place)
        elif self._live and not self._is_settled(source):
            try:
                made = DatasetSource.found(self._target, self._stamp, place)
            except FAULTS:
                return  # It could not be written.
            array.source = self._moved(made, place)

    def _is_settled(self, source: Any) -> bool:
        """Whether it belongs to another model too, with which it was settled."""
        here = self._lies_at(getattr(source, "path", None)) and source.stamp == self._stamp
        return here and source.is_linked

    def _moved(self, source: Any, place: str) -> Any:
        source.settle(self._stamp, place, live=self._live)
        return source

    def _lies_there(self, source: Any) -> bool:
        return self._lies_at(getattr(source, "path", None)) and source.stamp == self._before

    def _lies_at(self, path: Any) -> bool:
        return bool(path == self._target)


def _place_outside(file: File) -> None:
    """Tell where models lie that are in the file only because links lead to them."""
    survey = Survey(file)
    outside = {id(model): model for model in survey.roots[1:]}
    for model in list(survey.models()) if outside else ():
        for one, _, reference in model.outgoing():
            target = outside.pop(id(reference.target), None)
            if target is None:
                continue
            target._place = f"{model.path}/{one.name}"
            if isinstance(one.place, Links):
                target._place += f"/{reference_link(reference, target)}"
            elif isinstance(one.place, Link) and one.place.by == "id":
                target._place = f"{model.path}/{reference_link(reference, target)}"
