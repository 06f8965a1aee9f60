"""Which model is meant by a person's words, and what the catalogue says of it."""

from collections.abc import Collection, Iterable
from itertools import islice

from application.ports.catalogue import Catalogue
from application.ports.people import Prompter
from domain.errors import Malformed, NotFound
from domain.instants import iso
from domain.providers.refs import ModelRef
from domain.routing.route import meant
from domain.routing.state import State
from domain.selection.catalogue import LIVE, OWN, CatalogueRow, ranked
from domain.selection.lookup import is_trusted, listed_as, meant_by, named_in
from domain.text import did_you_mean, nearest, visible
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import Later
from entrypoints.cli.words.sources import refuse_to_ask

_OTHERS_SHOWN = 4
# A list of more takes seconds to draw; what is not in it can be typed.
_MOST_OPTIONS = 3000


def vet(ref: ModelRef, state: State, catalogue: Catalogue, now: int) -> None:
    """Refuses a model that its provider does not list; warns of one that only the catalogue does
    not have, and of one that is retired. `now` is epoch ms. Raises NotFound.
    """
    row = state.providers[ref.provider]
    called = state.called(ref)
    known = {one.model: one for one in catalogue.rows(called.provider)}
    listed = [name for name, one in known.items() if one.source in (LIVE, OWN)]
    at = catalogue.complete_at(called.provider)
    is_whole = is_trusted(at, now)
    # What its user says of an endpoint of their own is all that there is.
    is_own = row.source == "user" and any(one.source == OWN for one in known.values())
    if (is_whole or is_own) and not named_in(called.model, known, is_whole=True):
        near = " or ".join(nearest(called.model, listed))
        raise NotFound(
            f"{ref.provider} lists no model {ref.model}" + (f" ({iso(at)[:10]})" if at else ""),
            hint=(f"did you mean {near}? " if near else "")
            + f"all: models list --all -p {ref.provider}; --force saves it anyway",
        )
    if (found := listed_as(called.model, known)) is not None:
        _remark_end(ref, found, iso(now)[:10])
    elif known and (row.source != "user" or listed):
        newer = "if it is newer than the catalogue, ignore this"
        hint = f"{did_you_mean(called.model, known) or ''} {newer}".strip()
        render.note(f"the catalogue has no model {ref}", hint)


def _remark_end(ref: ModelRef, found: CatalogueRow, today: str) -> None:
    if found.retires:
        what = "was retired" if found.retires <= today else "will be retired"
        advised = f"its provider advises {found.replacement}" if found.replacement else None
        render.note(f"{ref} {what} on {found.retires}", advised)


def worded(
    model: str | None,
    search: Collection[str],
    state: State,
    catalogue: Catalogue,
    now: int,
    prompter: Later[Prompter],
    *,
    instead: str,
    no_input: bool = False,
    vision: bool = False,
) -> str:
    """What a person calls the model: `model`, or the one that has all words of `search`, or the one
    that is picked at a terminal. Raises Malformed, NotFound.
    """
    if model is not None and search:
        raise Malformed("a model and --search exclude each other", hint="choose one")
    if model is not None:
        return model
    if search:
        if not all(map(str.strip, search)):
            raise Malformed("--search was given an empty word", hint="give a part of a name")
        return _found(" ".join(search), state, catalogue, now, vision=vision)
    refuse_to_ask(no_input, instead)
    return _picked(prompter(), state, catalogue, now, instead)


def _found(words: str, state: State, catalogue: Catalogue, now: int, *, vision: bool) -> str:
    """Of the default provider, else of those with a credential, else of any that is known here."""
    rows = [row for row in catalogue.rows() if row.provider in state.providers]
    default = state.selection.default
    nearby = (default.provider,) if default else ()
    sources = [[row for row in rows if row.provider in nearby], _at_hand(rows, state)]
    found = meant_by(words, *sources, rows, today=iso(now)[:10], vision=vision)
    options = " ".join(f"-q {word}" for word in words.split())
    if not found:
        raise NotFound(
            f"no model has all of: {visible(words, 60)}",
            hint="fewer words, or newer lists: aura_intelligence models list --refresh",
        )
    best, *others = (str(row.ref) for row in found)
    if found[0].provider not in state.having and not state.providers[found[0].provider].is_loopback:
        add = f"aura_intelligence models auth add --provider {found[0].provider}"
        render.note(f"there is no credential of {found[0].provider} yet", add)
    if others:
        more = f", and {len(others) - _OTHERS_SHOWN} more" if len(others) > _OTHERS_SHOWN else ""
        render.note(
            f"{options} is {best}; also: {', '.join(others[:_OTHERS_SHOWN])}{more}",
            f"aura_intelligence models list {options}",
        )
    return best


def _picked(prompter: Prompter, state: State, catalogue: Catalogue, now: int, instead: str) -> str:
    """One of those in use, or of providers with a credential, or what is typed."""
    refs = [ref for ref, _ in state.selection.configured()]
    tried = [ModelRef(p.id, p.probe_model) for p in state.providers.values() if p.probe_model]
    refs += [ref for ref in sorted(tried) if ref.provider in state.having]
    options = dict.fromkeys(map(str, refs), "")
    for row in ranked(_at_hand(catalogue.rows(), state)):
        if row.is_choice(iso(now)[:10]):
            options[str(row.ref)] = _facts(row)
    options = dict(islice(options.items(), _MOST_OPTIONS))

    def taken(text: str) -> ModelRef:
        if "/" not in text and not state.selection.aliases.find(text):
            # Not a model of the default provider: it is a part of one of the options.
            raise Malformed("that is in more than one, or in none", hint="write provider/model")
        return meant(text, state.selection, state)

    return str(prompter.choose("Model", options, taken, instead=instead))


def _at_hand(rows: Iterable[CatalogueRow], state: State) -> list[CatalogueRow]:
    """Those that can be asked now: with a credential, or of a server of this machine."""
    having, own = state.having, {id for id, row in state.providers.items() if row.is_loopback}
    return [r for r in rows if r.provider in having or (r.provider in own and r.source == LIVE)]


def _facts(row: CatalogueRow) -> str:
    """What helps to choose, in a few words."""
    price = "free" if row.is_free else ""
    if row.cost_input and row.cost_output:
        price = f"${row.cost_input:g} and ${row.cost_output:g} a million"
    context = f"{render.tokens(row.context)} tokens" if row.context else ""
    return ", ".join(filter(None, (row.name, context, price, "tools" if row.tools else "")))
