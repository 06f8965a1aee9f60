"""`models auth order …`."""

from application.ports.people import Clock
from application.ports.store import SelectionStore
from application.survey import Survey
from domain.errors import Malformed, NotFound
from domain.selection.selection import Selection
from domain.text import did_you_mean, shown
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.words.changes import changed_by
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later, listed
from entrypoints.cli.words.named import named_provider


def get(
    *,
    provider: str | None = None,
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
) -> int:
    """In what order the profiles of a provider are tried; without an order, none is shown.

    Parameters
    ----------
    provider
        Only this provider.
    plain
        A provider and its profiles a line.
    """
    state = survey()
    orders = {name: list(ids) for name, ids in sorted(state.selection.auth_order.items())}
    document: dict[str, object] = {"orders": orders}
    if provider is not None:
        name = named_provider(provider, state.providers).id
        document = {"provider": name, "order": orders.get(name)}
        orders = {name: orders[name]} if name in orders else {}
    listing = Listing(
        document,
        [(name, *ids) for name, ids in orders.items()],
        ("Provider", "Order"),
        rows=[(name, ", ".join(ids)) for name, ids in orders.items()],
        empty=("no order was set: OAuth, then tokens, then API keys", None),
    )
    show_listing(listing, json=json, plain=plain)
    return 0


def set_order(
    *ids: str,
    provider: str,
    json: AsJson = False,
    survey: Injected[Survey],
    selection: Later[SelectionStore],
    clock: Injected[Clock],
) -> int:
    """Say which profiles of a provider are tried, and in what order; others are left out.

    Parameters
    ----------
    ids
        Profile ids, first choice first.
    provider
        Whose profiles.
    """
    state = survey()
    name = named_provider(provider, state.providers).id
    own = [profile.id for profile in state.profiles if profile.provider == name]
    order = listed(ids)
    if not order:
        raise Malformed(
            "no profile is named", hint=f"to go back: auth order clear --provider {name}"
        )
    for id in order:
        if id not in own:
            raise NotFound(
                f"no auth profile{shown(id)} of {name}",
                hint=did_you_mean(id, own, f"it has: {', '.join(own) or 'none'}"),
            )
    return _changed(name, order, json, state.selection, selection, clock)


def clear(
    *,
    provider: str,
    json: AsJson = False,
    survey: Injected[Survey],
    selection: Later[SelectionStore],
    clock: Injected[Clock],
) -> int:
    """Go back to the usual order: OAuth, then tokens, then API keys.

    Parameters
    ----------
    provider
        Whose order.
    """
    state = survey()
    name = named_provider(provider, state.providers).id
    return _changed(name, (), json, state.selection, selection, clock)


def _changed(
    name: str,
    order: tuple[str, ...],
    json: bool,
    read: Selection,
    store: Later[SelectionStore],
    clock: Clock,
) -> int:
    def change(before: Selection) -> Selection:
        return before.with_order(name, order)

    before, after = changed_by(read, store, change, clock())
    if json:
        render.json({"provider": name, "order": list(order) or None, "changed": before != after})
    else:
        render.line(f"Auth order of {name}: {', '.join(order) or 'the usual one'}")
    return 0
