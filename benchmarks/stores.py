"""Stores of any size to measure on, made through the program's own adapters."""

import sqlite3
import sys
import time
from pathlib import Path

from dependency_injector import providers

from domain.answers.outcome import Outcome
from domain.credentials.credential import ApiKey, AuthProfile
from domain.credentials.secret import Secret
from domain.instants import DAY
from domain.journal.records import ProbeRecord
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


def failing(home: Path, failures: int, models: int) -> None:
    """A store of 20 profiles whose last requests, of that many models each, all failed."""
    made, now = filled(home, 20), time.time_ns() // 1_000_000
    outcomes = (Outcome.RATE_LIMIT, Outcome.OVERLOADED, Outcome.TIMEOUT, Outcome.NO_MODEL)
    profiles = made.reader().read().profiles
    records = [
        ProbeRecord(
            id=n + 1,
            run_id=f"run-{n // 100}",
            kind="probe",
            started_at=now - (failures - n) * 400,
            finished_at=now - (failures - n) * 400 + 300,
            provider="openai",
            model=f"model-{n // 20 % models}",
            credential_id=profiles[n % 20].id,
            source="profile",
            mode="inference",
            base_url=profiles[n % 20].base_url,
            revision=profiles[n % 20].revision,
            fingerprint=profiles[n % 20].fingerprint,
            outcome=outcomes[n % 4],
            credential="unknown",
            latency_ms=300,
            http_status=429,
            code="slow_down",
            error_type="error",
            request_id=f"req-{n}",
            resets_at=None,
            classifier_version=3,
            host="benchmark",
        )
        for n in range(failures)
    ]
    columns = [name for name in ProbeRecord._fields if name not in ("scope", "usage")]
    marks = ", ".join("?" * len(columns))
    with sqlite3.connect(made.settings().store) as store:
        store.executemany(
            f"INSERT INTO probe_records ({', '.join(columns)}) VALUES ({marks})",
            (record[: len(columns)] for record in records),
        )
    store.close()


if __name__ == "__main__":
    filled(Path(sys.argv[1]), int(sys.argv[2]))
