"""What the commands that change a selection share."""

from collections.abc import Callable

from application.ports.store import SelectionStore
from domain.handover.differences import Difference, Value
from domain.providers.refs import ModelRef
from domain.selection.selection import Selection
from entrypoints.cli.words.injection import Later

_LABELS = {
    "default": "default model",
    "fallbacks": "fallbacks",
    "image": "image model",
    "imageFallbacks": "image fallbacks",
    "aliases": "alias",
    "authOrder": "auth order of",
    "providers": "provider",
}


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


def told_of(difference: Difference) -> str:
    """One difference for a person."""
    name = f" {difference.name}" if difference.name else ""
    was, becomes = _value(difference.before), _value(difference.after)
    return f"{_LABELS[difference.field]}{name}: {was} -> {becomes}"


def _value(value: Value) -> str:
    match value:
        case None | []:
            return "none"
        case list():
            return ", ".join(value)
        case dict():
            variables = "".join(f", {name}" for name in value["envNames"])
            plain = ", plain http allowed" if value["allowHttp"] else ""
            told = " ".join(filter(None, (value["signIn"] or {}).values()))
            where = f"{value['label']}, {value['dialect']} at {value['baseUrl']}{variables}{plain}"
            return where + (f", signs in with {told}" if told else "")
        case str():
            return value
