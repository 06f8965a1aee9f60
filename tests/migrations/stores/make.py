"""Makes the golden store of the newest revision: `python -m tests.migrations.stores.make`.

Run once for each new revision; a store that was released is never made again.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import migrations
from domain.answers.outcome import Outcome
from domain.answers.usage import UsageWindow
from domain.credentials.credential import BearerToken, OAuthToken
from domain.credentials.origins import Command, Kept
from domain.credentials.secret import Secret
from domain.instants import DAY, HOUR
from domain.providers.client import Client
from domain.providers.refs import ModelRef
from domain.selection.aliases import AliasTable
from domain.selection.selection import Selection
from tests.adapters.homes import Home
from tests.adapters.values import NOW, ended, intent, own_provider, profile

USAGE = (
    UsageWindow("5h", used=0.2, resets_at=NOW + 5 * HOUR, length=5 * HOUR),
    UsageWindow("requests/day", used=0.5, limit=10, remaining=5, length=DAY),
)
"""What the first record tells, from the revision on that keeps it."""
CLIENT = Client(
    "golden-client",
    token_url="https://gateway.test/token",
    device_url="https://gateway.test/device",
    parameters=(("audience", "models"),),
)
"""Who signs in at the own provider, and got the grant, from revision 0005 on."""
PRINTED = replace(
    profile("mistral:printed"),
    credential=BearerToken(Secret("golden-printed-4"), NOW + 3),
    origin=Command(("/opt/golden/print", "--token"), 2 * HOUR),
)
KEPT = replace(
    profile("xai:kept"),
    credential=OAuthToken(Secret("golden-kept-5"), expires_at=NOW + 4, account="me"),
    origin=Kept("opencode", "/srv/golden/auth.json", "xai"),
)
"""What other programs print and keep, from revision 0006 on."""
KEY = b"this opens the golden fakes only".hex()
"""The outer key of every golden store; what it opens are fakes."""


def fill(home: Home) -> None:
    """What a golden store holds; a test expects exactly this of every revision."""
    home.profiles.put(profile("openai:default", "sk-golden-api-key-1"), NOW)
    token = BearerToken(Secret("golden-token-2"), NOW + 1)
    home.profiles.put(replace(profile("anthropic:manual"), credential=token, label="Jörg 🔑"), NOW)
    grant = OAuthToken(
        *(Secret("golden-access-3"), Secret("golden-refresh-3"), NOW + 2), CLIENT, "me@example.test"
    )
    home.profiles.put(replace(profile("google:me@example.test"), credential=grant), NOW)
    home.profiles.put(PRINTED, NOW)
    home.profiles.put(KEPT, NOW)
    home.profiles.put(profile("openai:default", "sk-golden-api-key-2"), NOW + 10)
    gpt, claude = ModelRef("openai", "gpt-5"), ModelRef("anthropic", "claude-opus-4-5")
    chosen = Selection(
        aliases=AliasTable().add("Fast", gpt).add("best", claude),
        providers=(own_provider()._replace(client=CLIENT),),
    )
    chosen = chosen.with_default(gpt).with_fallback(claude).with_image(claude)
    home.selection.update(lambda _: chosen.with_order("openai", ("openai:default",)), NOW)
    begun = [intent(), intent("anthropic:manual", provider="anthropic"), intent("openai:env:X_KEY")]
    ids = home.journal.begin(begun)
    first, second, _ = (i._replace(id=id) for i, id in zip(begun, ids, strict=True))
    told = ended(first, Outcome.OK)._replace(usage=USAGE)
    home.journal.finish([told, ended(second, Outcome.AUTH)])


if __name__ == "__main__":
    golden = Path(__file__).with_name(f"{migrations.HEAD}.db")
    if golden.exists():
        sys.exit(f"{golden.name} is there already")
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), variable=KEY)
        fill(home)
        golden.write_bytes(home.store.read_bytes())
