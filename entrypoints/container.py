"""What keeps which promise: one flat page, every name imported when it is first used."""

import os
import socket
import time
from typing import Any

from dependency_injector import containers, providers

from entrypoints.lazy import attribute, lazy, named
from entrypoints.settings import Settings


def now() -> int:
    return time.time_ns() // 1_000_000


def nothing(*_: object) -> None:
    """Who is told nothing."""


def _schema() -> tuple[str, Any]:
    return attribute("migrations:HEAD"), attribute("migrations:ensure_head")


class Container(containers.DeclarativeContainer):
    """`environ` and `clock` are overridden in tests; everything else follows from them."""

    environ = providers.Object(os.environ)
    clock = providers.Object(now)
    host = providers.Callable(socket.gethostname)
    # The caller's, for programs that are run in our place; `main` says which they were.
    umask = providers.Object(0o022)
    core_limit = providers.Object(0)
    settings = providers.Singleton(Settings.of, environ)

    registry = providers.Singleton(
        lazy("adapters.registry:EntryPointRegistry"), settings.provided.plugins
    )
    key_source = providers.Singleton(
        lazy("adapters.keys.source:KeySource"),
        settings.provided.keys,
        settings.provided.vault_key,
        settings.provided.vault_key_file,
    )
    schema = providers.Object(_schema)
    # Told when a write has waited for a second; `main` says it to a person.
    on_wait: Any = providers.Object(nothing)
    # Called before a secret is opened: `main` keeps debuggers out of a process of our own.
    on_open: Any = providers.Object(nothing)
    # The back end: the one name that a test, or a program of somebody else, overrides.
    store = providers.Singleton(
        lazy("adapters.sqlite.store:SqliteStore"),
        settings.provided.store,
        key_source,
        schema,
        on_wait,
        on_open,
    )
    reader = store.provided.reader
    journal_reader = store.provided.journal_reader
    profiles = store.provided.profiles
    selection = store.provided.selections
    vault = store.provided.vault
    journal = store.provided.journal
    key_probe = store.provided.key_probe
    survey = providers.Singleton(
        lazy("application.survey:Survey"), reader, registry, key_probe, environ
    )
    # Not `wire`: that is a method of the container, called when it is made.
    network = providers.Singleton(
        lazy("adapters.http.wire:HttpxWire"),
        proxy=settings.provided.proxy,
        ca_file=settings.provided.ca_file,
        proxy_hint=settings.provided.proxy_hint,
    )
    prompter = providers.Singleton(lazy("adapters.machine.terminal:TerminalPrompter"))
    launcher = providers.Singleton(
        lazy("adapters.machine.processes:PosixLauncher"), umask, core_limit
    )
    sources = providers.Singleton(
        lazy("entrypoints.cli.words.sources:SecretSources"), prompter, environ
    )

    aside = providers.Callable(named("application.ports.people:at_once"))
    opener = providers.Singleton(
        lazy("application.opening:Opener"),
        profiles=profiles,
        selection=selection,
        environ=environ,
        aside=aside,
    )
    identifier = providers.Singleton(
        lazy("application.opening:Identifier"),
        profiles=profiles,
        keys=key_probe,
        environ=environ,
        clock=clock,
    )
    caller = providers.Singleton(
        lazy("application.calling:Caller"),
        opener=opener,
        identifier=identifier,
        registry=registry,
        journal=journal,
        wire=network,
        clock=clock,
        host=host,
        aside=aside,
    )
    recorder = providers.Factory(lazy("adapters.machine.recorder:ThreadRecorder"), journal)
    clearer = providers.Singleton(
        lazy("application.clearing:Clearer"),
        survey=survey,
        journal=journal,
        clock=clock,
        host=host,
    )
    handouts = providers.Singleton(
        lazy("application.recording:Handouts"),
        identifier=identifier,
        journal=journal,
        clock=clock,
        host=host,
    )
    chooser = providers.Singleton(
        lazy("application.choosing:Chooser"),
        survey=survey,
        opener=opener,
        clock=clock,
        handouts=handouts,
    )
    failover = providers.Singleton(
        lazy("application.failover:Failover"), survey=survey, caller=caller
    )
    asker = providers.Singleton(lazy("application.asking:Asker"), failover=failover)
    prober = providers.Singleton(
        lazy("application.probing:Prober"), caller=caller, recorder=recorder.provider
    )
    usage_asker = providers.Singleton(lazy("application.limits:UsageAsker"), caller)
    enroller = providers.Singleton(
        lazy("application.enrolment:Enroller"),
        profiles=profiles,
        selection=selection,
        caller=caller,
    )
