"""What of another program's contents is taken in here, under which names, and what is not."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from domain.credentials.credential import AuthProfile, OAuthToken, bearer_of, kind_of
from domain.credentials.environment import Fingerprint
from domain.credentials.origins import COMMAND
from domain.credentials.profile import ProfileSummary, profile_id
from domain.credentials.secret import secret as checked
from domain.errors import AuraError, Malformed, NotFound, Refused
from domain.handover.tools.contents import Contents, Found, Left
from domain.providers.endpoints import base_url as endpoint
from domain.providers.refs import ModelRef, label_of, provider_id
from domain.providers.row import DIALECTS, Provider, env_name, known_provider
from domain.providers.user_defined import of_another_service, own_provider
from domain.routing.state import State
from domain.selection.selection import Selection
from domain.text import visible

Fate = Literal["new", "replaces", "there"]
_MODELS = ("default", "fallbacks", "image", "image_fallbacks")


class Admitted(NamedTuple):
    """A credential that was found, as the profile it would be. `there_as` is the profile that holds
    it already, if one does. `fingerprint` is None while there is no key.
    """

    found: Found
    profile: AuthProfile
    fate: Fate
    fingerprint: str | None
    there_as: str | None = None

    @property
    def is_stored(self) -> bool:
        """Whether it is still to be stored."""
        return self.fate != "there"


class Admission(NamedTuple):
    """`before` and `after` are what is chosen here without and with what the program had chosen;
    `orders` the profile ids of each provider in its order.
    """

    credentials: tuple[Admitted, ...]
    before: Selection
    after: Selection
    orders: Mapping[str, tuple[str, ...]]
    left: tuple[Left, ...]


def admitted(
    contents: Contents, state: State, mark: Fingerprint, *, overwrite: bool = False
) -> Admission:
    """What is there already is skipped, unless `overwrite`: then it is replaced. `mark` says of a
    secret its fingerprint here.
    """
    choice = chosen(contents, state, overwrite)
    after = choice.after
    known = {**state.providers, **{row.id: row for row in after.providers}}
    taken: dict[str, Admitted] = {}
    left = [*contents.left, *choice.left]
    for found in contents.found:
        try:
            one = _credential(found, known, state, mark, taken, overwrite)
        except NotFound as unknown:
            # Nothing says where it is; with an address it came as an own provider.
            add = "add it (aura_intelligence models providers add ID --base-url URL), then import"
            left.append(Left(found.place, f"{unknown}: {add} again"))
            continue
        except AuraError as refusal:
            left.append(Left(found.place, str(refusal)))
            continue
        taken[one.profile.id] = one
    credentials = tuple(taken.values())
    orders = _orders(contents.selection.get("auth_order", {}), credentials, state, overwrite)
    return Admission(credentials, state.selection, after, orders, tuple(left))


class Choice(NamedTuple):
    """What is chosen once a program's choice is taken in, and what of that cannot be had."""

    after: Selection
    left: tuple[Left, ...]


def chosen(contents: Contents, state: State, overwrite: bool) -> Choice:
    """What `contents` chose beside what is chosen in `state`, or over it."""
    choice = _Choice(contents.selection, state, overwrite)
    return Choice(choice.selection(), tuple(choice.left))


def _credential(
    found: Found,
    known: Mapping[str, Provider],
    state: State,
    marker: Fingerprint,
    taken: Mapping[str, Admitted],
    overwrite: bool,
) -> Admitted:
    """Raises Malformed where it cannot be one of this provider, NotFound without a provider."""
    row = known_provider(provider_id(found.provider), known)
    url = endpoint(found.base_url, allow_http=row.allow_http) if found.base_url else None
    secret = bearer_of(found.credential).reveal()
    # What is too short for that provider is no credential of it.
    checked(secret, row.shortest_key(url or row.base_url))
    mark = marker(secret)
    own = [profile for profile in state.profiles if profile.provider == row.id]
    there = next((p for p in own if _is_the_same(p, found, mark)), None)
    id = there.id if there else _free_id(found, row, own, taken, overwrite)
    fate: Fate = "replaces" if any(p.id == id for p in own) else "new"
    return Admitted(
        found,
        AuthProfile(
            id=id,
            provider=row.id,
            label=label_of(found.label),
            base_url=row.address(url),
            scheme=row.scheme_of(kind_of(found.credential)),
            credential=found.credential,
            custom_base_url=url not in (None, row.base_url),
            origin=found.kept,
        ),
        "there" if there and not overwrite else fate,
        mark,
        there.id if there else None,
    )


def _is_the_same(profile: ProfileSummary, found: Found, mark: str | None) -> bool:
    """Whether `profile` holds what was found: the secret, or a grant its owner renews by itself."""
    is_marked = mark is not None and profile.fingerprint == mark
    if found.kept is not None and profile.origin == found.kept.tool:
        return is_marked or profile.id.rpartition(":")[2] == found.name
    return profile.origin is None and is_marked


def _free_id(
    found: Found,
    row: Provider,
    own: Iterable[ProfileSummary],
    taken: Mapping[str, Admitted],
    overwrite: bool,
) -> str:
    """The id it asks for, else one that no other credential has."""
    wanted = profile_id(found.name or "default", row.id)
    # A grant that is moved takes the place of the one that was kept elsewhere.
    moved = isinstance(found.credential, OAuthToken) and found.credential.refresh is not None
    stays = (p.id for p in own if not (moved and p.origin not in (None, COMMAND)))
    used = {*taken} if overwrite else {*taken, *stays}
    number, id = 1, wanted
    while id in used:
        number += 1
        id = f"{wanted}-{number}"
    return id


def _orders(
    told: Any, credentials: Iterable[Admitted], state: State, overwrite: bool
) -> dict[str, tuple[str, ...]]:
    """Those of `told`, by the names the profiles have here; none over one that is here."""
    ids = {(a.profile.provider, a.found.name): a.there_as or a.profile.id for a in credentials}
    orders = {}
    for name, names in told.items() if isinstance(told, dict) else ():
        provider = provider_id(name)
        here = [ids.get((provider, str(one).rpartition(":")[2])) for one in names]
        if (overwrite or provider not in state.selection.auth_order) and any(here):
            orders[provider] = tuple(id for id in here if id)
    return orders


@dataclass(slots=True)
class _Choice:
    """What a program had chosen, put beside what is chosen here, each thing that is well-formed."""

    document: Mapping[str, Any]
    state: State
    overwrite: bool
    left: list[Left] = field(default_factory=list)

    @contextmanager
    def _unless_refused(self, place: str) -> Iterator[None]:
        """What raises is left out, and told."""
        try:
            yield
        except AuraError as refusal:
            self.left.append(Left(place, str(refusal)))

    def selection(self) -> Selection:
        before = self.state.selection
        after = before._replace(providers=self._providers(before))
        known = {**self.state.providers, **{row.id: row for row in after.providers}}
        refs = {key: self._refs(key, known) for key in _MODELS}
        for ref in refs["default"]:
            after = after.with_default(ref) if self._wants(before.default) else after
        for ref in refs["image"]:
            after = after.with_image(ref) if self._wants(before.image) else after
        for ref in refs["fallbacks"] if self._wants(before.fallbacks) else ():
            with self._unless_refused("fallbacks"):
                after = after.with_fallback(ref)
        for ref in refs["image_fallbacks"] if self._wants(before.image_fallbacks) else ():
            with self._unless_refused("image fallbacks"):
                after = after.with_image_fallback(ref)
        for name, text in self.document.get("aliases", {}).items():
            with self._unless_refused(f"alias {visible(name)}"):
                aliases = after.aliases.add(name, self._ref(text, known))
                after = after._replace(aliases=aliases)
        return after

    def _wants(self, here: object) -> bool:
        """Whether something is taken over what is `here`."""
        return self.overwrite or not here

    def _refs(self, key: str, known: Mapping[str, Provider]) -> list[ModelRef]:
        told = self.document.get(key, ())
        refs: dict[ModelRef, None] = {}
        for text in [told] if isinstance(told, str) else told:
            with self._unless_refused(f"{key}: {visible(text)}"):
                refs[self._ref(text, known)] = None
        return list(refs)

    def _ref(self, text: str, known: Mapping[str, Provider]) -> ModelRef:
        ref = ModelRef.parse(text)
        known_provider(ref.provider, known)
        return ref

    def _providers(self, before: Selection) -> tuple[Provider, ...]:
        rows = {row.id: row for row in before.providers}
        for table in self.document.get("providers", ()):
            with self._unless_refused(f"provider {visible(table['id'])}"):
                if row := self._row(table, rows):
                    rows[row.id] = row
        return tuple(rows.values())

    def _row(self, table: Mapping[str, Any], rows: Mapping[str, Provider]) -> Provider | None:
        id, allow_http = provider_id(table["id"]), table.get("allow_http") is True
        url = endpoint(table.get("base_url", ""), allow_http=allow_http)
        if known := self.state.providers.get(id):
            if url != known.base_url:
                raise Refused(f"{id} is here already, at {known.base_url}; it stays there")
            return None
        others = [*self.state.providers.values(), *rows.values()]
        if table.get("dialect") not in DIALECTS:
            raise Malformed("it speaks no dialect that is known here")
        return own_provider(
            id,
            label=table.get("label"),
            base_url=url,
            dialect=table["dialect"],
            env=self._variables(id, table.get("env", ()), others),
            allow_http=allow_http,
            others=others,
        )

    def _variables(
        self, id: str, names: Iterable[str], others: Iterable[Provider]
    ) -> Iterator[str]:
        """Those it may read once a person agreed; a file names no other service's."""
        for name in names:
            with self._unless_refused(f"provider {id}"):
                if of_another_service(env_name(name, others)):
                    raise Refused(f"{visible(name)} looks like a variable of another service")
                yield name
