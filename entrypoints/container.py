"""What keeps which promise: one flat page, every name imported when it is first used."""

import os
from typing import Any

from dependency_injector import containers, providers

from entrypoints import parts
from entrypoints.lazy import lazy, named
from entrypoints.settings import Settings


def nothing(*_: object) -> None:
    """Who is told nothing."""


class Container(containers.DeclarativeContainer):
    """`environ` and `clock` are overridden in tests; everything else follows from them."""

    environ = providers.Object(os.environ)
    clock = providers.Object(parts.now)
    # The caller's, for programs that are run in our place; `main` says which they were.
    umask = providers.Object(0o022)
    core_limit = providers.Object(0)
    settings = providers.Singleton(Settings.of, environ)
    host = providers.Callable(parts.host, settings)

    registry = providers.Singleton(parts.registry, settings)
    key_source = providers.Singleton(parts.key_source, settings)
    schema = providers.Object(parts.schema)
    # Told when a write has waited for a second; `main` says it to a person.
    on_wait: Any = providers.Object(nothing)
    # Called before a secret is opened: `main` keeps debuggers out of a process of our own.
    on_open: Any = providers.Object(nothing)
    # Told what a person should know of the store's address.
    on_note: Any = providers.Object(nothing)
    # The back end: the one name that a test, or a program of somebody else, overrides.
    store = providers.Singleton(
        parts.store, settings, key_source, schema, on_wait, on_open, on_note
    )
    reader = store.provided.reader
    journal_reader = store.provided.journal_reader
    profiles = store.provided.profiles
    selection = store.provided.selections
    vault = store.provided.vault
    journal = store.provided.journal
    key_probe = store.provided.key_probe
    locks = store.provided.locks
    copier = providers.Singleton(parts.copier, settings, key_source, schema, on_wait)
    catalogue = providers.Singleton(parts.catalogue, settings)
    survey = providers.Singleton(parts.survey, store, registry, environ)
    first_look = providers.Singleton(parts.first_look, environ)
    # Not `wire`: that is a method of the container, called when it is made.
    wires = providers.Factory(
        lazy("adapters.http.wire:HttpxWire"),
        proxy=settings.provided.proxy,
        ca_file=settings.provided.ca_file,
        proxy_hint=settings.provided.proxy_hint,
    )
    network = providers.Singleton(wires)
    prompter = providers.Singleton(lazy("adapters.machine.terminal:TerminalPrompter"))
    launcher = providers.Singleton(
        lazy("adapters.machine.processes:PosixLauncher"), umask, core_limit
    )
    sources = providers.Singleton(
        lazy("entrypoints.cli.words.sources:SecretSources"), prompter, environ
    )

    aside = providers.Callable(named("application.ports.people:at_once"))
    client_secret = named("adapters.machine.files:client_secret")
    programs = providers.Singleton(lazy("adapters.machine.programs:PosixPrograms"))
    confirmed = providers.Singleton(
        lazy("adapters.machine.confirmed:ConfirmedFile"), settings.provided.commands
    )
    tools = providers.Singleton(lazy("adapters.tools.files:ToolFiles"), environ)
    installer = providers.Singleton(
        lazy("adapters.tools.installing:ToolFileInstaller"), environ, clock
    )
    exported = providers.Singleton(lazy("adapters.tools.exported:ReplacedFiles"), umask)
    elsewhere = providers.Singleton(
        lazy("application.grants.elsewhere:Elsewhere"),
        programs=programs,
        confirmed=confirmed,
        tools=tools,
        environ=environ,
        clock=clock,
        aside=aside,
    )
    refresher = providers.Singleton(
        lazy("application.grants.refreshing:Refresher"),
        profiles=profiles,
        locks=locks,
        registry=registry,
        wire=wires.provider,
        secret_of=providers.Callable(client_secret),
        elsewhere=elsewhere,
        deferred=providers.Callable(named("adapters.machine.signals:deferred_signals")),
        clock=clock,
        aside=aside,
    )
    opener = providers.Singleton(
        lazy("application.opening:Opener"),
        profiles=profiles,
        selection=selection,
        refresher=refresher,
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
    kept_lists = providers.Singleton(parts.lists, settings)
    keeper = providers.Singleton(
        lazy("application.catalogue.keeping:ListKeeper"),
        lists=providers.Singleton(lazy("adapters.providers.lists.asking:ModelLists")),
        kept=kept_lists,
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
        keeper=keeper.provider,
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
        lazy("application.routing.choosing:Chooser"),
        survey=survey,
        opener=opener,
        clock=clock,
        handouts=handouts,
    )
    failover = providers.Singleton(
        lazy("application.routing.failover:Failover"), survey=survey, caller=caller
    )
    asker = providers.Singleton(lazy("application.routing.asking:Asker"), failover=failover)
    prober = providers.Singleton(
        lazy("application.probing:Prober"), caller=caller, recorder=recorder.provider
    )
    usage_asker = providers.Singleton(lazy("application.limits:UsageAsker"), caller)
    lister = providers.Singleton(
        lazy("application.catalogue.listing:Lister"),
        opener=opener,
        wire=network,
        keeper=keeper,
        listens=providers.Singleton(lazy("adapters.http.listening:LoopbackListens")),
        clock=clock,
    )
    fetcher = providers.Singleton(
        lazy("application.catalogue.fetching:Fetcher"),
        wire=wires,
        source=providers.Singleton(
            lazy("adapters.catalogue.fetching:CatalogueAtUrl"),
            providers.Singleton(parts.fetched, settings),
            settings.provided.catalogue_url,
        ),
        clock=clock,
    )
    finder = providers.Singleton(
        lazy("application.scan.finding:Finder"),
        opener=opener,
        wire=network,
        lister=lister,
        looks=providers.Singleton(lazy("adapters.providers.scan.endpoints:EndpointPages")),
        catalogue=catalogue,
        journal=journal_reader,
        environ=environ,
        clock=clock,
    )
    scanner = providers.Singleton(
        lazy("application.scan.proving:Scanner"), caller=caller, recorder=recorder.provider
    )
    scans = providers.Singleton(parts.scans, settings)
    enroller = providers.Singleton(
        lazy("application.enrolment:Enroller"),
        profiles=profiles,
        selection=selection,
        caller=caller,
        confirmed=confirmed,
    )
    browser = providers.Singleton(lazy("adapters.machine.browser:SystemBrowser"), environ)
    signing = providers.Singleton(
        lazy("application.grants.signing_in:SigningIn"),
        registry=registry,
        selection=selection,
        wire=wires.provider,
        listener=providers.Singleton(lazy("adapters.http.listener:LoopbackListener")),
        browser=browser,
        secret_of=providers.Callable(client_secret),
        clock=clock,
    )
    importer = providers.Singleton(
        lazy("application.importing:Importer"),
        tools=tools,
        enroller=enroller,
        signing=signing,
        selection=selection,
        profiles=profiles,
        environ=environ,
        clock=clock,
    )
    tokens = providers.Singleton(
        lazy("application.grants.tokens:Tokens"),
        survey=survey,
        opener=opener,
        handouts=handouts,
        journal=journal_reader,
        clock=clock,
    )
