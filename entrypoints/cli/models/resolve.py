"""`models resolve`: what to try now, in order, and why the rest is skipped."""

from application.ports.people import Clock
from application.survey import Survey
from entrypoints.cli.reading.route import route
from entrypoints.cli.words.injection import AsJson, Flag, Injected


def resolve(
    model: str | None = None,
    /,
    *,
    image: Flag = False,
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
    clock: Injected[Clock],
) -> int:
    """What to try now, in order: each model with each credential, and why one is skipped.

    Parameters
    ----------
    model
        provider/model, an alias, or a model of the default provider; the default model without.
    image
        Follow the image chain.
    plain
        Only the reference of the first that is usable.
    """
    return route(survey, clock, model, image=image, json=json, plain=plain)
