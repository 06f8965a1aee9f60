"""What the dialects share: the credential's header, and the verdict on an answer."""

from dataclasses import replace

from application.exchange import Response
from application.provider import Access
from domain.classification import Shape, classify
from domain.probing import Outcome, ProbeVerdict


def authorization(access: Access) -> dict[str, str]:
    """The one header that carries the credential; none without one."""
    if access.secret is None:
        return {}
    match access.scheme:
        case "bearer":
            return {"authorization": f"Bearer {access.secret.reveal()}"}
        case header:
            return {header: access.secret.reveal()}


def concluded(
    response: Response, access: Access, shape: Shape, now: int, *, proves: bool = True
) -> ProbeVerdict:
    """The verdict. `proves`: whether a good answer needs a known caller; a public list does not."""
    verdict = classify(response.status, response.headers, response.body, shape, now)
    tells_nothing = verdict.outcome is Outcome.OK and not proves
    if tells_nothing or access.secret is None:
        return replace(verdict, credential="unknown")
    return verdict


def is_model_list(document: object) -> bool:
    """`{data: […]}`, `{models: […]}`, a bare list, or OpenRouter's `{data: {…}}` about a key."""
    if isinstance(document, list):
        return True
    if not isinstance(document, dict):
        return False
    return any(isinstance(document.get(name), list | dict) for name in ("data", "models"))
