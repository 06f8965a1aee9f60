"""What the catalogue says of a model that is chosen."""

from application.ports.catalogue import Catalogue
from domain.instants import iso
from domain.providers.refs import ModelRef
from domain.routing.state import State
from domain.selection.catalogue import CatalogueRow
from domain.text import did_you_mean
from entrypoints.cli.show import render


def remark(ref: ModelRef, state: State, catalogue: Catalogue, now: int) -> None:
    """Warns of a model that the catalogue does not have of a provider it knows, and of one that is
    taken away. `now` is epoch ms. An own provider's models are its own.
    """
    row = state.providers[ref.provider]
    if row.source == "user":
        return
    called = state.called(ref)
    known = {one.model: one for one in catalogue.rows(called.provider)}
    found = known.get(called.model)
    if found is not None:
        _remark_end(ref, found, iso(now)[:10])
    elif known:
        near = did_you_mean(called.model, known, "if it is newer than the catalogue, all is well")
        render.note(f"the catalogue has no model {ref}", near)


def _remark_end(ref: ModelRef, found: CatalogueRow, today: str) -> None:
    if found.retires:
        what = "was taken away" if found.retires <= today else "will be taken away"
        advised = f"its provider advises {found.replacement}" if found.replacement else None
        render.note(f"{ref} {what} on {found.retires}", advised)
