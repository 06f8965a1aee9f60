"""Stores of any size to measure on, made through the program's own adapters."""

import sqlite3
import sys
import time
from pathlib import Path

from dependency_injector import providers

from domain.credentials.credential import ApiKey, AuthProfile
from domain.credentials.profile import ProfileSummary
from domain.credentials.secret import Secret
from domain.instants import DAY
from domain.providers.refs import ModelRef
from entrypoints.container import Container


def container(home: Path) -> Container:
    """The program's container, with `home` as its only environment."""
    made = Container()
    made.environ.override(providers.Object({"AURA_INTELLIGENCE_HOME": str(home)}))
    return made


def filled(home: Path, profiles: int) -> Container:
    """A store with a default model and `profiles` profiles; all but the first are copied rows."""
    made, now = container(home), time.time_ns() // 1_000_000
    first = AuthProfile(
        id="openai:p00000",
        provider="openai",
        label="benchmark",
        base_url="https://api.openai.com/v1",
        scheme="bearer",
        credential=ApiKey(Secret("sk-benchmark-0000000000000000")),
    )
    made.profiles().put(first, now)
    made.selection().update(lambda s: s.with_default(ModelRef("openai", "gpt-5-mini")), now)
    with sqlite3.connect(made.settings().store) as store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(profiles)")]
        rest = ", ".join(name for name in columns if name != "id")
        store.executemany(
            f"INSERT INTO profiles (id, {rest}) SELECT ?, {rest} FROM profiles WHERE id = ?",
            ((f"openai:p{n:05}", first.id) for n in range(1, profiles)),
        )
        # Every third has a date: what it costs to judge one belongs into the measurement.
        store.execute(
            "UPDATE profiles SET kind = 'token', expires_at = ? WHERE rowid % 3 = 0",
            (now + 30 * DAY,),
        )
    store.close()
    return made


def bare_read(store: Path) -> list[tuple[object, ...]]:
    """The rows `status` reads of the profiles, and nothing else done with them."""
    connection = sqlite3.connect(store)
    try:
        columns = ", ".join(ProfileSummary._fields)
        return connection.execute(f"SELECT {columns} FROM profiles ORDER BY id").fetchall()
    finally:
        connection.close()


if __name__ == "__main__":
    filled(Path(sys.argv[1]), int(sys.argv[2]))
