"""Processes that write to a store while a test watches, stops or kills them.

`python -m tests.adapters.workers WORK ROOT ARGUMENT…`; each says what is done, a line at a time.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from adapters.machine.files import exclusive
from domain.answers.outcome import Outcome
from domain.errors import Unavailable
from domain.journal.pruning import Pruning
from domain.providers.refs import ModelRef
from domain.selection.selection import Selection
from tests.adapters.homes import Home
from tests.adapters.values import NOW, ended, intent, profile


def say(text: str) -> None:
    # One system call: a line is there whole, or the process died before it.
    os.write(1, f"{text}\n".encode())


def ready() -> None:
    """Waits for the word to begin, so that all begin together."""
    say("ready")
    sys.stdin.readline()


def write(home: Home, name: str, count: str) -> None:
    """Puts a profile and an alias in turn."""
    ready()
    for n in range(int(count)):
        if n % 2:
            home.selection.update(aliased(f"{name}-{n}"), NOW)
        else:
            home.profiles.put(profile(f"openai:{name}-{n}", secret_of(f"{name}-{n}")), NOW)
        say(f"{name}-{n}")


def aliased(name: str) -> Callable[[Selection], Selection]:
    ref = ModelRef("openai", name)
    return lambda before: before._replace(aliases=before.aliases.add(name, ref))


def secret_of(name: str) -> str:
    return f"secret-of-{name}-" + "x" * 40


def count_up(home: Home, name: str) -> None:
    """Until killed: one profile replaced, a run with its result; both say the same number."""
    ready()
    profiles, journal = home.profiles, home.journal
    n = 0
    while True:
        n += 1
        summary = profiles.put(profile("openai:counted", secret_of(f"{name}-{n}")), NOW)
        say(f"put {summary.revision} {name}-{n}")
        begun = [intent(run=f"{name}-{n}", model=f"{name}-{n}-{at}") for at in range(5)]
        ids = journal.begin(begun)
        say(f"begun {name}-{n}")
        journal.finish(
            [ended(i._replace(id=id), Outcome.OK) for i, id in zip(begun, ids, strict=True)]
        )
        say(f"finished {name}-{n}")


def create(home: Home) -> None:
    ready()
    home.profiles.put(profile(), NOW)
    say("done")


def read(home: Home, count: str) -> None:
    """Looks at a store, which may be made meanwhile, again and again."""
    ready()
    for _ in range(int(count)):
        found = home.reader.read()
        if found.profiles and not found.vault_id:
            say("half a store")
    say("done")


def append(home: Home, count: str) -> None:
    """Records with their results, one after the other."""
    ready()
    journal = home.journal
    for n in range(int(count)):
        begun = intent("openai:meanwhile", run=f"meanwhile-{n}")
        (id,) = journal.begin([begun])
        journal.finish([ended(begun._replace(id=id), Outcome.OK)])
        say(str(id))


def prune(home: Home) -> None:
    ready()
    list(home.journal.prune(Pruning(keep=0), NOW))


def keep_on(home: Home, name: str, seconds: str) -> None:
    """Writes without rest, and says what was done; what could not be done is no failure."""
    until, n = time.monotonic() + float(seconds), 0
    while time.monotonic() < until:
        n += 1
        try:
            home.profiles.put(profile(f"openai:{name}", secret_of(f"{name}-{n}")), NOW)
            begun = intent(f"openai:{name}", run=f"{name}-{n}")
            (id,) = home.journal.begin([begun])
            home.journal.finish([ended(begun._replace(id=id), Outcome.OK)])
        except Unavailable as refusal:
            say(f"not {name}-{n}: {refusal.type}")
        else:
            say(f"{name}-{n}")


def keep_reading(home: Home, seconds: str) -> None:
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        try:
            home.store_made.reader.read()
        except Unavailable as refusal:
            say(f"not read: {refusal.type}")
        else:
            say("read")


def hold(home: Home) -> None:
    """Holds the writers' lock until killed."""
    with exclusive(home.store.with_name("store.db.lock")):
        ready()


def hold_grant(home: Home, name: str) -> None:
    """Holds the lock of that name until killed."""
    with home.store_made.locks.held(name, 5):
        ready()
        signal.pause()


def leave_hot(home: Home) -> None:
    """Dies in the middle of a transaction that has reached the file already."""
    with home.database.writing() as connection:
        connection.exec_driver_sql("PRAGMA cache_size = 1")
        connection.exec_driver_sql("UPDATE selection SET document = 'half done'")
        connection.exec_driver_sql("UPDATE profiles SET label = hex(zeroblob(20000))")
        connection.exec_driver_sql("DELETE FROM probe_records")
        os.kill(os.getpid(), signal.SIGKILL)


WORKS: dict[str, Callable[..., None]] = {
    work.__name__: work
    for work in (
        *(write, count_up, create, read, append, prune, hold, hold_grant, leave_hot),
        *(keep_on, keep_reading),
    )
}

if __name__ == "__main__":
    WORKS[sys.argv[1]](
        Home(Path(sys.argv[2]), url=os.environ.get("AURA_INTELLIGENCE_DATABASE_URL")), *sys.argv[3:]
    )
