"""What a provider promises: conversations, described without holding them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from application.ports.network import Flow, Stream
    from domain.answers.usage import Snapshot
    from domain.answers.verdict import ProbeVerdict
    from domain.credentials.secret import Secret
    from domain.providers.row import Provider, Scheme


@dataclass(frozen=True, slots=True)
class Access:
    """Where a credential may be sent, in which header, and the credential itself.

    These come with the credential, not with the provider's row: a secret goes where it was sealed
    for. `secret` is None for a provider of this machine that needs no key.
    """

    base_url: str
    scheme: Scheme
    secret: Secret | None


@runtime_checkable
class Probes(Protocol):
    """Says whether a model answers.

    A capability is code without input, output or state: it describes a conversation. `now` is epoch
    ms. A flow returns what was learned of every answer and lets a WireFailure pass.
    """

    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        """The smallest inference request that shows whether `model` answers.

        One request, or two where a credential has to be exchanged for another first.
        """
        ...


@runtime_checkable
class Checks(Protocol):
    """Says whether a key is known."""

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        """A request that spends no token and shows whether the key is known."""
        ...


@runtime_checkable
class Asks(Protocol):
    """Asks a model what a person wants to know."""

    def ask(
        self, row: Provider, access: Access, model: str, prompt: Prompt, now: int
    ) -> Stream[ProbeVerdict]:
        """Asks `model` and yields its answer as it comes.

        The verdict is that of the same table. It is ok for an answer that came to its end; `code`
        and `detail` then say where that was not the model's own (`length`, `content_filter`). One
        that broke off is a `provider_error` with the code `cut_short`. Raises nothing of its own.
        """
        ...


@runtime_checkable
class TellsUsage(Protocol):
    """Says how much of its limits is left."""

    def usage(self, row: Provider, access: Access, now: int) -> Flow[Snapshot]:
        """One request. `problem` of the result is why there are no windows, in our own words."""
        ...


Ability = Literal["tool", "tool_auto", "image"]
"""That it calls a tool it has to call; that it calls one it may call; that it reads an image."""


@runtime_checkable
class Proves(Protocol):
    """Says what a model really does, whatever is written of it."""

    def prove(
        self, row: Provider, access: Access, model: str, ability: Ability, now: int
    ) -> Flow[ProbeVerdict]:
        """One small request. An answer without the call of the tool is ok, with NO_CALL as its
        code.
        """
        ...


class Dialect(Probes, Checks, Protocol):
    """How to speak with every provider of one kind: what a plug-in has to be."""


class Speaker(Dialect, Asks, Protocol):
    """A dialect of ours."""


@dataclass(frozen=True, slots=True)
class ProviderPlugin:
    """What an entry point of the group `aura_intelligence.providers` is; its name is the row's id.

    `provider` says `source="plugin"`. `dialect` is code of its own, or the name of one of ours; a
    row with code of its own still names the dialect of ours it is most like. `completion` and
    `listing` are good answers to `probe` and `check` as the service sends them: the conformance
    suite needs them where the dialect is none of ours.
    """

    provider: Provider
    dialect: Dialect | str
    completion: bytes = b""
    listing: bytes = b""


PluginStatus = Literal["loaded", "disabled", "error"]


@dataclass(frozen=True, slots=True)
class PluginListing:
    """One entry of `plugins list`, from its metadata: third-party code was not imported.

    `files` are what its distribution installed, empty where that is not known. `providers` are what
    it brings, empty where that is not known without importing it. `reason` says why it is not
    usable.
    """

    id: str
    label: str
    distribution: str
    version: str
    builtin: bool
    status: PluginStatus
    reason: str | None
    providers: tuple[Provider, ...]
    own_dialect: bool = False
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """A picture to ask about. `media_type` is `image/png` and the like."""

    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked; nobody else's business, so out of the repr.

    `system` is what it is told before, in the way of its dialect; empty: nothing.
    """

    text: str = field(repr=False)
    images: tuple[Image, ...] = ()
    system: str = field(default="", repr=False)
