"""Questions before something changes where a stored secret may go."""

from collections.abc import Callable, Iterable

from application.ports.people import Prompter
from domain.errors import Refused
from domain.providers.client import Client
from domain.providers.row import Provider, owner_of
from domain.providers.user_defined import of_another_service
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.words.sources import refuse_to_ask


def what_goes_there(row: Provider) -> tuple[str, ...]:
    """Where an own provider is, and which variables are read for it, a line each."""
    told = (f"the variable {name} goes there" for name in row.env_names)
    plain = ", over plain http" if row.is_plain_http else ""
    place = f"{row.id}: {row.dialect} at {row.base_url}{plain}"
    return (place, *told, *how_it_signs_in(row.client))


def how_it_signs_in(client: Client | None) -> tuple[str, ...]:
    """Where a person's grants come from and go to, and what is sent there, a line each."""
    if client is None:
        return ()
    places = (client.issuer, client.device_url, client.authorize_url, client.token_url)
    told = ", ".join(place for place in (*places, client.revoke_url) if place)
    secret = f"the secret in {client.secret_file} goes there"
    lines = (f"it signs in as {client.client_id} at {told}", secret if client.secret_file else "")
    return tuple(visible(line) for line in lines if line)


def of_others(names: Iterable[str], providers: Iterable[Provider]) -> tuple[str, ...]:
    """Which of the variables `names` are somebody else's, and whose, a line each."""
    known = tuple(providers)
    lines = []
    for name in names:
        if owner := owner_of(name, known):
            lines.append(f"{name} is read for {owner.id} too: its value would go to both")
        elif of_another_service(name):
            lines.append(f"{name} looks like a variable of another service")
    return tuple(lines)


def agreed(
    prompter: Callable[[], Prompter],
    question: str,
    *,
    details: tuple[str, ...] = (),
    yes: bool,
    no_input: bool,
    instead: str,
) -> None:
    """Returns if a person agrees, or said `--yes`. Raises Refused, and Malformed where nobody can
    be asked; `details` are shown before the question.
    """
    for text in details:
        render.note(text)
    if yes:
        return
    refuse_to_ask(no_input, instead)
    if not prompter().confirm(question, instead=instead):
        raise Refused("nothing was changed", hint="answer y to go on, or give --yes")
