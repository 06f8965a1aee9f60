"""Secrets that are not ours to refresh: read again, or printed again, before they are used."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

from application.ports.elsewhere import Confirmed, OtherTools, Programs
from application.ports.people import Aside, Clock
from domain.credentials.credential import ApiKey, AuthProfile, BearerToken, Credential, OAuthToken
from domain.credentials.origins import Command, Kept
from domain.credentials.secret import secret
from domain.errors import CommandFailed, CommandNotConfirmed, Malformed, NeedsLogin
from domain.text import visible


@dataclass(frozen=True, slots=True)
class Elsewhere:
    programs: Programs
    confirmed: Confirmed
    tools: OtherTools
    environ: Mapping[str, str]
    clock: Clock
    aside: Aside

    async def permit(self, profile: AuthProfile) -> None:
        """Raises CommandNotConfirmed where nobody here let its command run, for its address."""
        command = profile.origin
        if not isinstance(command, Command):
            return
        if await self.aside(lambda: self.confirmed.holds(command, profile.base_url)):
            return
        raise _unconfirmed(profile, command)

    async def again(self, profile: AuthProfile) -> Credential:
        """Its credential as it is now. Raises NeedsLogin, CommandFailed, Unavailable."""
        match profile.origin:
            case Kept() as kept:
                grant = await self.aside(lambda: self.tools.grant(kept, profile.provider))
                return self._of_the_same(profile, kept, grant)
            case Command() as command:
                return await self.printed(command, profile.credential)
            case None:
                return profile.credential

    def _of_the_same(self, profile: AuthProfile, kept: Kept, grant: OAuthToken) -> OAuthToken:
        known = profile.credential
        if isinstance(known, OAuthToken) and known.account != grant.account:
            raise NeedsLogin(
                f"{kept.tool} is signed in with another account than that of {profile.id}",
                hint=f"aura_intelligence models auth import {kept.tool}",
            )
        # What it is refreshed with stays where it is.
        return replace(grant, refresh=None)

    async def printed(self, command: Command, before: Credential | None = None) -> Credential:
        """What `command` prints now, of the kind of `before`. Raises CommandFailed, UnsafeFile."""
        text = await self.programs.printed(command.argv, self.environ)
        try:
            told = secret(text, 1)
        except Malformed as failure:
            raise CommandFailed(f"what the command printed is no credential: {failure}") from None
        kind = BearerToken if isinstance(before, BearerToken) else ApiKey
        return kind(told, self.clock() + command.ttl)


def _unconfirmed(profile: AuthProfile, command: Command) -> CommandNotConfirmed:
    """Says all of what would run, and where its output would go: a person decides by that."""
    words = shlex.join(command.argv)
    harmless = visible(words, sys.maxsize)
    place = f" --base-url {profile.base_url}" if profile.custom_base_url else ""
    line = (
        f"aura_intelligence models auth add --provider {profile.provider} --profile-id {profile.id}"
        f"{place} --kind command --ttl {command.ttl}ms -- {words}"
    )
    return CommandNotConfirmed(
        f"{profile.id} is what a command prints that nobody confirmed on this machine, for "
        f"{profile.base_url}: {harmless}",
        hint=f"look at both, then: {line}" if harmless == words else "add it as it was added first",
    )
