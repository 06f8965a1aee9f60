"""What was found in the files of another program."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from domain.credentials.credential import Credential
from domain.credentials.origins import Kept


class ToolFile(NamedTuple):
    """A file of another program, parsed: `document` is what JSON can hold (objects, lists, texts,
    numbers, true, false, null). `role` is which of its files it is, `path` is absolute. `exposed`:
    other users may read it.
    """

    role: str
    path: str
    document: Any
    exposed: bool = False


class Found(NamedTuple):
    """A credential. `place` is where in the file, for a person: a variable or an entry.

    `provider` is as that program calls it. `name` is the profile's name it asks for, empty for
    none; `base_url` an address of its own. `kept`: the grant rotates, and stays that program's.
    """

    provider: str
    credential: Credential
    place: str
    name: str = ""
    label: str = ""
    base_url: str = ""
    kept: Kept | None = None


class Left(NamedTuple):
    """What cannot be had, by where it stands, and why, in a sentence."""

    place: str
    reason: str


class Contents(NamedTuple):
    """All of a program's files. `selection` is what it chose, as `models export toml` has it; each
    provider it names is as that program calls it.
    """

    found: tuple[Found, ...] = ()
    left: tuple[Left, ...] = ()
    selection: Mapping[str, Any] = MappingProxyType({})
