"""Documents that sections include: where they lie, whether they may be read, and their content."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from nixschema.odml.reading import read_odml_bytes
from nixschema.odml_model.document import Document
from nixschema.text.limits import LIMITS

if TYPE_CHECKING:
    from http.client import HTTPMessage
    from typing import IO
    from urllib.request import Request

MOST = 1000
"""So many documents are included, at most."""

_SECONDS = 20
"""How long a server may keep silent."""

_NETWORK = ("http", "https")


@dataclass(slots=True)
class Included:
    """A document that is included somewhere, or why it is not read."""

    location: str
    """Path or address."""
    document: Document | None = None
    reason: str = ""
    """The end of a sentence about it: ``cannot be read: …``."""
    help: str | None = None


@dataclass(slots=True)
class Includes:
    """Reads each document that is included once."""

    source: str
    """Path of the document that includes; files in its folder are read."""
    allow_outside: bool = False
    """Whether other files of the machine are read, too."""
    fetch: bool = False
    """Whether documents are fetched from the network."""
    _known: dict[str, Included] = field(default_factory=dict)
    _room: int = LIMITS.size

    def holds(self, document: Document) -> str:
        """Take a document for what the source holds; its location."""
        location = os.path.abspath(self.source)
        self._known[location] = Included(location, document)
        return location

    def document(self, address: str, base: str) -> Included:
        """A document by its address, as another document names it.

        Args:
            address: path or URL, without the part from ``#`` on.
            base: path or URL of the document that names it.
        """
        location = _location(address, base)
        known = self._known.get(location)
        if known is None:
            known = Included(location)
            self._read(known, base)
            self._known[location] = known
        return known

    def _read(self, one: Included, base: str) -> None:
        scheme = _scheme(one.location)
        if len(self._known) >= MOST:
            one.reason = f"is not read: more than {MOST:,} documents are included"
        elif scheme in _NETWORK:
            self._fetch(one)
        elif scheme:
            one.reason = f"is not read: `{scheme[:20]}` addresses are not known"
        elif _scheme(base) in _NETWORK:
            one.reason = "is not read: a document of the network names a file of this machine"
        else:
            self._open(one)

    def _fetch(self, one: Included) -> None:
        if not self.fetch:
            one.reason = "is not fetched"
            one.help = "`--fetch` fetches from the network"
            return
        from http.client import HTTPException
        from urllib.request import build_opener

        try:
            with build_opener(_redirects()).open(one.location, timeout=_SECONDS) as stream:
                data = stream.read(self._room + 1)
        except (OSError, ValueError, HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            text = getattr(reason, "strerror", None) or str(reason)
            one.reason = f"cannot be fetched: {' '.join(text.split())[:200]}"
            return
        self._take(one, data)

    def _open(self, one: Included) -> None:
        if "\0" in one.location:
            one.reason = "is no name of a file"
            return
        if not (self.allow_outside or _lies_in(one.location, os.path.dirname(self.source))):
            one.reason = "lies outside the folder"
            one.help = "`--allow-outside` takes files from anywhere"
            return
        try:
            # Opening a pipe would wait for somebody who writes to it.
            if not stat.S_ISREG(os.stat(one.location).st_mode):
                one.reason = "is no file"
                return
            with open(one.location, "rb") as stream:
                data = stream.read(self._room + 1)
        except OSError as error:
            one.reason = f"cannot be read: {error.strerror or error}"
            return
        self._take(one, data)

    def _take(self, one: Included, data: bytes) -> None:
        self._room -= len(data)
        if self._room < 0:
            self._room = 0
            one.reason = f"is not read: what is included is larger than {LIMITS.size:,} bytes"
            return
        one.document, problems = read_odml_bytes(data, one.location)
        if one.document is None:
            first = problems[0]
            one.reason = f"is no odML that can be read: line {first.line}: {first.message}"


def _redirects() -> type:
    """A handler that goes along from server to server, and nowhere else."""
    from urllib.error import URLError
    from urllib.request import HTTPRedirectHandler

    class OverTheNetwork(HTTPRedirectHandler):
        def redirect_request(
            self,
            req: Request,
            fp: IO[bytes],
            code: int,
            msg: str,
            headers: HTTPMessage,
            newurl: str,
        ) -> Request | None:
            if _scheme(newurl) not in _NETWORK:
                raise URLError("it leads away from the network")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return OverTheNetwork


def _scheme(location: str) -> str:
    """The scheme of an address; nothing for a path."""
    head, colon, _ = location.partition(":")
    if not colon or len(head) < 2 or not head.isascii() or not head.isalnum():
        return ""
    return head.lower()


def _location(address: str, base: str) -> str:
    """A path or address as it is seen from a document."""
    scheme = _scheme(address)
    if scheme == "file":
        from urllib.request import url2pathname

        return os.path.abspath(url2pathname(_split_path(address)))
    if scheme:
        return address
    if _scheme(base) in _NETWORK:
        try:
            return urljoin(base, address)
        except ValueError:
            return address
    return os.path.abspath(os.path.join(os.path.dirname(base), address))


def _split_path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return address.partition(":")[2]


def _lies_in(path: str, folder: str) -> bool:
    inner, outer = os.path.realpath(path), os.path.realpath(folder)
    return inner.startswith(os.path.join(outer, ""))
