"""What a provider promises: conversations, described without holding them."""

from dataclasses import dataclass
from typing import Literal, Protocol

from application.exchange import Flow, Prompt, Stream
from domain.credentials import Secret
from domain.probing import ProbeVerdict
from domain.providers import Provider, Scheme


@dataclass(frozen=True, slots=True)
class Access:
    """Where a credential may be sent, in which header, and the credential itself.

    These come with the credential, not with the provider's row: a secret goes where it was sealed
    for. `secret` is None for a provider of this machine that needs no key.
    """

    base_url: str
    scheme: Scheme
    secret: Secret | None


class Dialect(Protocol):
    """How to speak with every provider of one kind: no input, no output, no state.

    One request, or two where a credential has to be exchanged for another first.
    `now` is epoch ms. A flow returns a verdict for every answer and lets a WireFailure pass.
    """

    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        """The smallest inference request that shows whether `model` answers."""
        ...

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        """A request that spends no token and shows whether the key is known."""
        ...


class Speaker(Dialect, Protocol):
    """A dialect of ours: it also asks a model what a person wants to know.

    Not a part of `Dialect`, which is all that a plug-in has to be.
    """

    def ask(
        self, row: Provider, access: Access, model: str, prompt: Prompt, now: int
    ) -> Stream[ProbeVerdict]:
        """Asks `model` and yields its answer as it comes.

        The verdict is that of the same table. It is ok for an answer that came to its end; `code`
        and `detail` then say where that was not the model's own (`length`, `content_filter`). One
        that broke off is a `provider_error` with the code `cut_short`. Raises nothing of its own.
        """
        ...


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
    """One entry of `plugins list`, from its metadata: a stranger's code was not imported.

    `providers` are what it brings, empty where that is not known without importing it. `reason`
    says why it is not usable, or what was odd of it.
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
