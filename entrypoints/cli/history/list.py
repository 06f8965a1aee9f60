"""`models history list`."""

from application.ports.reading import JournalReader
from application.survey import Survey
from entrypoints.cli.reading.history import USUAL_PAGE, history
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Whole


def list_history(
    *,
    provider: str | None = None,
    profile: str | None = None,
    model: str | None = None,
    outcome: str | None = None,
    limit: Whole = USUAL_PAGE,
    before: str | None = None,
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
    journal_reader: Injected[JournalReader],
) -> int:
    """Every request that was made, newest first.

    Parameters
    ----------
    provider
        Only this provider.
    profile
        Only this credential: a profile's id, or PROVIDER:env:NAME.
    model
        Only this model: its own name, or provider/model.
    outcome
        Only this outcome: ok, auth, rate_limit, …
    limit
        How many records, 1 to 1000.
    before
        The cursor of an earlier page: older records than that.
    json
        One JSON object: records, and the cursor of the next page.
    plain
        One record a line.
    """
    return history(
        journal_reader,
        survey,
        provider=provider,
        profile=profile,
        model=model,
        outcome=outcome,
        limit=limit,
        before=before,
        json=json,
        plain=plain,
    )
