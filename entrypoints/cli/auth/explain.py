"""`models auth explain`: which credential would be used now, and why each other one would not."""

from collections.abc import Sequence
from typing import Any

from application.ports.people import Clock
from application.survey import Survey
from domain.credentials.environment import EnvironmentCredential
from domain.credentials.profile import ProfileSummary
from domain.instants import iso
from domain.providers.refs import ModelRef, provider_id
from domain.providers.row import known_provider
from domain.routing.attempt import Attempt
from domain.routing.precedence import credentials
from domain.routing.route import attempts_of, meant
from domain.routing.state import State
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.route import credential_document
from entrypoints.cli.show.reasons import keeper, why
from entrypoints.cli.words.injection import AsJson, Injected

_ORDER_OF_VARIABLES = "its variable comes later in the provider's list"


def explain(
    name: str,
    /,
    *,
    json: AsJson = False,
    survey: Injected[Survey],
    clock: Injected[Clock],
) -> int:
    """Which credential would be used now, where it comes from, and why each other one is not.

    Parameters
    ----------
    name
        A provider, or a model: provider/model or an alias.
    """
    state, now = survey(), clock()
    provider, ref = _asked(name, state)
    found = credentials(state, now)
    model = ref.model if ref else None
    attempts = attempts_of(state, state.providers[provider], model, found, now)
    if json:
        render.json(_document(provider, ref, attempts, state, now))
    else:
        _show(provider, ref, attempts, state, now)
    return 0


def _asked(name: str, state: State) -> tuple[str, ModelRef | None]:
    """The provider, and the model where one is meant. Raises NotFound, Malformed."""
    if "/" not in name and state.selection.aliases.find(name) is None:
        return known_provider(provider_id(name), state.providers).id, None
    ref = meant(name, state.selection, state)
    return ref.provider, ref


def _split(attempts: Sequence[Attempt]) -> tuple[Attempt | None, Sequence[Attempt]]:
    if attempts and attempts[0].reason is None:
        return attempts[0], attempts[1:]
    return None, attempts


def _shadowed(used: Attempt | None, others: Sequence[Attempt]) -> list[str]:
    """The variables a stored profile wins over."""
    if used is None or used.source != "profile":
        return []
    return [
        c.credential.name
        for c in others
        if isinstance(c.credential, EnvironmentCredential) and c.usable
    ]


def _document(
    provider: str, ref: ModelRef | None, attempts: Sequence[Attempt], state: State, now: int
) -> dict[str, Any]:
    used, others = _split(attempts)
    return {
        "provider": provider,
        "model": str(ref) if ref else None,
        "order": list(state.selection.auth_order.get(provider, ())) or None,
        "used": {**credential_document(used, now), **_origin(used)} if used else None,
        "shadows": _shadowed(used, others),
        "others": [
            {**credential_document(c, now), "why": "later" if c.reason is None else c.reason}
            for c in others
        ],
    }


def _origin(used: Attempt) -> dict[str, Any]:
    credential = used.credential
    if credential is None:
        return {"baseUrl": used.base_url}
    known = {
        "type": credential.kind,
        "fingerprint": credential.fingerprint,
        "baseUrl": credential.base_url,
    }
    if isinstance(credential, ProfileSummary):
        return {
            **known,
            "label": credential.label,
            "keptBy": credential.origin,
            "updatedAt": credential.updated_at,
            "updatedAtIso": iso(credential.updated_at),
        }
    return {**known, "variable": credential.name, "baseUrlFrom": credential.base_url_from}


def _show(
    provider: str, ref: ModelRef | None, attempts: Sequence[Attempt], state: State, now: int
) -> None:
    used, others = _split(attempts)
    asked = str(ref) if ref else provider
    if used is None:
        hint = f"aura_intelligence models auth add --provider {provider}"
        reason = "has no credential that can be used now" if attempts else "has no credential"
        render.line(f"{asked} {reason}")
        if not attempts:
            render.note("nothing can be asked there", hint)
    else:
        render.line(f"{asked} uses {_name(used)}")
        for text in _from(used):
            render.flow("  ", text.split(" "))
        if shadowed := _shadowed(used, others):
            render.flow("  It shadows ", f"{', '.join(shadowed)}.".split(" "))
    if others:
        rows = ((_name(c), _why_not(c, used, provider, state, now)) for c in others)
        render.table(("Not used", "Why"), rows, indent="  ")


def _name(attempt: Attempt) -> str:
    return visible(attempt.credential.id) if attempt.credential else "no key"


def _from(used: Attempt) -> list[str]:
    credential = used.credential
    if credential is None:
        return [f"It needs no key at {used.base_url}."]
    if isinstance(credential, ProfileSummary):
        where = f"It is stored here, last changed {iso(credential.updated_at)}"
        if credential.origin is not None:
            where = f"It is {keeper(credential.origin)}, last read {iso(credential.updated_at)}"
    else:
        where = f"It is the variable {credential.name} of the environment"
    mark = f", fingerprint {credential.fingerprint}" if credential.fingerprint else ""
    return [f"{where}{mark}.", f"It is sent to {credential.base_url}."]


def _why_not(attempt: Attempt, used: Attempt | None, provider: str, state: State, now: int) -> str:
    if attempt.reason is not None or used is None:
        return why(attempt, now)
    if attempt.source == "env":
        first = used.source == "profile"
        return "stored profiles come before variables" if first else _ORDER_OF_VARIABLES
    if provider in state.selection.auth_order:
        return "comes later in the auth order"
    if (attempt.credential and attempt.credential.kind) != (
        used.credential and used.credential.kind
    ):
        return "OAuth comes before tokens, tokens before API keys"
    since = [
        state.last_used.get(c.credential.id, 0) if c.credential else 0 for c in (attempt, used)
    ]
    return "was used more recently" if since[0] > since[1] else "its id comes later"
