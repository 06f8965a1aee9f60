"""What keeps which promise: one flat page, every name imported when it is first used."""

import os
import socket
import time

from dependency_injector import containers, providers

from entrypoints.lazy import lazy, named
from entrypoints.settings import Settings


def now() -> int:
    return time.time_ns() // 1_000_000


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
    reader = providers.Singleton(
        lazy("adapters.sqlite.reader:SqliteStateReader"), settings.provided.store
    )
    key_source = providers.Singleton(
        lazy("adapters.keys.source:KeySource"),
        settings.provided.keys,
        settings.provided.vault_key,
        settings.provided.vault_key_file,
    )
    key_probe = providers.Singleton(lazy("adapters.keys.source:StdlibKeyProbe"), key_source)
    survey = providers.Singleton(
        lazy("application.survey:Survey"), reader, registry, key_probe, environ
    )

    keyring = providers.Singleton(lazy("adapters.keys.sealing:AesGcmKeyring"), key_source)
    database = providers.Singleton(
        lazy("adapters.sqlite.engine:SqliteDatabase"),
        settings.provided.store,
        providers.Callable(named("migrations:HEAD")),
        providers.Callable(named("migrations:ensure_head")),
    )
    profiles = providers.Singleton(lazy("adapters.sql.profiles:SqlProfileStore"), database, keyring)
    selection = providers.Singleton(
        lazy("adapters.sql.selection:SqlSelectionStore"), database, keyring
    )
    journal = providers.Singleton(lazy("adapters.sql.journal:SqlProbeJournal"), database)
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
        lazy("application.identifying:Identifier"),
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
    chooser = providers.Singleton(
        lazy("application.choosing:Chooser"), survey=survey, opener=opener, clock=clock
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
