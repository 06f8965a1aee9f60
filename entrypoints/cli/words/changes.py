"""What the commands that change a selection share."""

from collections.abc import Callable

from application.ports.store import SelectionStore
from domain.providers.refs import ModelRef
from domain.selection.selection import Selection
from entrypoints.cli.words.injection import Later


def why(text: str, ref: ModelRef, before: Selection) -> str:
    """How `text` came to mean `ref`, for a person."""
    if "/" in text:
        return "given in full"
    if found := before.aliases.find(text):
        return f"alias {found[0]}"
    if before.default:
        return f"model of the default provider {ref.provider}"
    return f"{ref.provider} is the only provider with a credential"


def changed_by(
    read: Selection,
    store: Later[SelectionStore],
    change: Callable[[Selection], Selection],
    now: int,
    *,
    anew: bool = False,
) -> tuple[Selection, Selection]:
    """The selection before and after `change`, both of one transaction.

    Tried on what was `read` first: a refusal or a change of nothing opens and makes no store. A
    choice that is made `anew` is written all the same, and with it signed.
    """
    if change(read) == read and not (anew and read != Selection()):
        return read, read
    seen: list[Selection] = []

    def remembered(before: Selection) -> Selection:
        seen.append(before)
        return change(before)

    after = store().update(remembered, now, anew=anew)
    return seen[-1], after
