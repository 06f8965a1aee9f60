"""What a user chose: a default, fallback chains, aliases, the order of profiles, own providers."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Self

from domain.errors import InUse, Refused, Undecidable
from domain.providers.refs import ModelRef, model_id
from domain.providers.row import Provider
from domain.selection.aliases import AliasTable
from domain.selection.chains import FallbackChain


class Selection(NamedTuple):
    """The aggregate a user edits; every change returns a new one.

    `auth_order` maps a provider to the profile ids to try, in order. `providers` are the user's
    own endpoints.
    """

    default: ModelRef | None = None
    fallbacks: FallbackChain = FallbackChain()
    image: ModelRef | None = None
    image_fallbacks: FallbackChain = FallbackChain()
    aliases: AliasTable = AliasTable()
    auth_order: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    providers: tuple[Provider, ...] = ()

    def resolve(self, text: str, only_provider: str | None = None) -> ModelRef:
        """The model `text` means: with a slash a ref, else an alias, else the default provider's.

        The default provider is that of the default model; before there is one, `only_provider`
        (the single provider with a credential). Raises Malformed, or Undecidable without either.
        """
        if "/" in text:
            return ModelRef.parse(text)
        name = model_id(text)
        if found := self.aliases.find(name):
            return found[1]
        provider = self.default.provider if self.default else only_provider
        if provider is None:
            raise Undecidable(
                "that is not an alias, and without a default model the provider is not known",
                hint="write it as provider/model, for example openai/gpt-5.4-mini",
            )
        return ModelRef(provider, name)

    def with_default(self, ref: ModelRef) -> Self:
        """`ref` becomes the default, and is no fallback any longer."""
        return self._replace(default=ref, fallbacks=self.fallbacks.without(ref))

    def with_image(self, ref: ModelRef) -> Self:
        return self._replace(image=ref, image_fallbacks=self.image_fallbacks.without(ref))

    def with_fallback(self, ref: ModelRef, position: int | None = None) -> Self:
        """Raises Refused if `ref` is the default; AlreadyExists; Malformed for the position."""
        _refuse_head(ref, self.default, "default model")
        return self._replace(fallbacks=self.fallbacks.add(ref, position))

    def with_image_fallback(self, ref: ModelRef, position: int | None = None) -> Self:
        _refuse_head(ref, self.image, "image model")
        return self._replace(image_fallbacks=self.image_fallbacks.add(ref, position))

    def with_order(self, provider: str, ids: tuple[str, ...]) -> Self:
        """The order is `ids`, each once; an empty one clears it."""
        rest = {name: kept for name, kept in self.auth_order.items() if name != provider}
        order = {**rest, provider: tuple(dict.fromkeys(ids))} if ids else rest
        return self._replace(auth_order=MappingProxyType(order))

    def without_profile(self, id: str) -> Self:
        """Every reference to the profile `id` dropped."""
        selection = self
        for provider, ids in self.auth_order.items():
            if id in ids:
                selection = selection.with_order(provider, tuple(i for i in ids if i != id))
        return selection

    def with_profile_renamed(self, id: str, new: str) -> Self:
        """Every reference to the profile `id` is one to `new`."""
        order = {
            provider: tuple(new if one == id else one for one in ids)
            for provider, ids in self.auth_order.items()
        }
        return self._replace(auth_order=MappingProxyType(order))

    def configured(self) -> tuple[tuple[ModelRef, str], ...]:
        """Every model in use with why: default, fallbacks, image, image fallbacks, aliases."""
        named = [(self.default, "default")] if self.default else []
        named += [(ref, f"fallback#{n}") for n, ref in enumerate(self.fallbacks, 1)]
        named += [(self.image, "image")] if self.image else []
        named += [(ref, f"img-fallback#{n}") for n, ref in enumerate(self.image_fallbacks, 1)]
        named += [(ref, f"alias:{name}") for name, ref in sorted(self.aliases.targets.items())]
        return tuple(named)

    def routes(self) -> tuple[ModelRef, ...]:
        """The models a program following this selection may call, each once."""
        heads = [ref for ref in (self.default, self.image) if ref]
        return tuple(
            dict.fromkeys([*heads[:1], *self.fallbacks, *heads[1:], *self.image_fallbacks])
        )

    def uses_of(self, provider: str) -> dict[str, str]:
        """What keeps `provider` from being removed, and the command that frees it of that."""
        uses = {
            why: _freeing(why, ref) for ref, why in self.configured() if ref.provider == provider
        }
        if provider in self.auth_order:
            uses["auth order"] = f"auth order clear --provider {provider}"
        return uses


def _freeing(why: str, ref: ModelRef) -> str:
    """The command, after `aura_intelligence models`."""
    what, _, name = why.partition(":")
    if what == "alias":
        return f"aliases remove {name}"
    chains = {"default": "unset", "image": "set-image --none"}
    chain = "image-fallbacks" if what.startswith("img") else "fallbacks"
    return chains.get(what, f"{chain} remove {ref}")


def _refuse_head(ref: ModelRef, head: ModelRef | None, what: str) -> None:
    if ref == head:
        raise Refused(f"{ref} is the {what}", hint="a fallback is tried after it, so it is another")


def taken_away(before: Iterable[Provider], after: Iterable[Provider]) -> frozenset[str]:
    """Own providers that `after` lacks, or that are at another address or speak otherwise there."""
    there = {row.id: (row.base_url, row.dialect) for row in after}
    return frozenset(r.id for r in before if there.get(r.id) != (r.base_url, r.dialect))


def refuse_orphans(taken: Iterable[str], holding: Iterable[str]) -> None:
    """Raises InUse where profiles are stored of a provider that is `taken` away."""
    for id in sorted({*taken} & {*holding}):
        raise InUse(
            f"{id} has stored profiles; nothing was changed",
            hint="remove those first: aura_intelligence models auth remove ID",
        )
