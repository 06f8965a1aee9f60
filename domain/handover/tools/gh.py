"""GitHub's `gh`: the token of each user, which Copilot takes."""

from collections.abc import Iterator, Sequence

from domain.credentials.credential import BearerToken
from domain.credentials.profile import named_for
from domain.handover.tools.contents import Contents, Left, ToolFile
from domain.handover.tools.entries import Item, gathered, inner, key, person, place, table, text


def contents(files: Sequence[ToolFile]) -> Contents:
    """Raises Malformed."""
    return gathered(
        item
        for file in files
        for host, entry in table(file, "gh").items()
        for item in _host(file, host, entry)
    )


def _host(file: ToolFile, host: str, entry: object) -> Iterator[Item]:
    if host.lower() != "github.com":
        yield Left(place(file, host), "Copilot takes the tokens of github.com alone")
        return
    known = inner(entry)
    current, token = text(known.get("user")), known.get("oauth_token")
    # Versions before 2.40 know one user, and write no list of them.
    users = {**dict.fromkeys([current] if current or token else []), **inner(known, "users")}
    for user, data in users.items():
        where = place(file, host, user) if user else place(file, host)
        value = inner(data).get("oauth_token") or (token if user == current else None)
        if value:
            name = named_for(person(user))
            yield key("github-copilot", value, where, of=BearerToken, name=name)
        else:
            yield Left(
                where,
                "its token is in the system's keyring (see: auth add --provider github-copilot "
                "--kind command -- gh auth token)",
            )
