"""The tree of commands, by name: a module is imported when its command is called."""

from typing import TYPE_CHECKING

from cyclopts import App, Parameter

from domain.errors import Malformed
from entrypoints.cli.help.pages import PlainPages

if TYPE_CHECKING:
    from cyclopts.field_info import FieldInfo

_HELP = "Find, configure and probe language models; credentials are kept encrypted."

# A group followed by nothing, or by an option, means this command (Cyclopts 5.4 cannot register
# a default command by import string).
DEFAULTS = {
    ("models",): "status",
    ("models", "aliases"): "list",
    ("models", "fallbacks"): "list",
    ("models", "image-fallbacks"): "list",
    ("models", "providers"): "list",
    ("models", "history"): "list",
    ("models", "auth"): "list",
    ("models", "auth", "order"): "get",
    ("plugins",): "list",
}

# What people try, by the words of this program: the first that makes a command there.
_SYNONYMS = {
    "ls": (("list",),),
    "rm": (("remove",),),
    "show": (("info",), ("explain",), ("get",), ("status",)),
    "test": (("status", "--probe"),),
}

COMMANDS: dict[tuple[str, ...], tuple[str, str]] = {
    ("models", "status"): (
        "models.status.status:status",
        "What is true now; --probe tries every credential.",
    ),
    ("models", "list"): ("models.list:list_models", "The configured models, in order."),
    ("models", "set"): ("models.set:set_default", "Choose the default model."),
    ("models", "set-image"): ("models.set:set_image", "Choose the image model."),
    ("models", "unset"): ("models.set:unset", "Have no default model any longer."),
    ("models", "resolve"): (
        "models.resolve:resolve",
        "What to try now, in order, and why not the rest.",
    ),
    ("models", "exec"): (
        "models.exec:execute",
        "Run a program with the credential that is chosen.",
    ),
    ("models", "env"): ("models.exec:env", "The variables that `models exec` gives a program."),
    ("models", "ask"): ("models.ask:ask", "Ask a model, and the next one where it fails."),
    ("models", "export"): (
        "models.export:export",
        "Your models as another program's configuration.",
    ),
    ("models", "import"): (
        "models.importing:import_file",
        "Replace all you chose by what a file says.",
    ),
    ("models", "history", "list"): ("history.list:list_history", "What was tried, newest first."),
    ("models", "history", "show"): ("history.show:show", "All requests of one run."),
    ("models", "history", "summary"): ("history.summary:summary", "How good providers were."),
    ("models", "history", "changes"): ("history.changes:changes", "When an outcome changed."),
    ("models", "history", "incidents"): ("history.incidents:incidents", "What went wrong."),
    ("models", "history", "prune"): ("history.prune:prune", "Remove old records."),
    ("models", "history", "retention"): ("history.retention:retention", "How long it is kept."),
    ("models", "history", "rebuild"): ("history.rebuild:rebuild", "Count the days anew."),
    ("models", "aliases", "list"): ("models.aliases:list_aliases", "Short names and their models."),
    ("models", "aliases", "add"): ("models.aliases:add", "Give a model a short name."),
    ("models", "aliases", "remove"): ("models.aliases:remove", "Remove a short name."),
    ("models", "fallbacks", "list"): (
        "models.fallbacks:list_fallbacks",
        "The chain after the default.",
    ),
    ("models", "fallbacks", "add"): ("models.fallbacks:add", "Add a model to the chain."),
    ("models", "fallbacks", "remove"): (
        "models.fallbacks:remove",
        "Remove a model from the chain.",
    ),
    ("models", "fallbacks", "clear"): ("models.fallbacks:clear", "Empty the chain."),
    ("models", "image-fallbacks", "list"): (
        "models.fallbacks:list_image_fallbacks",
        "The chain after the image model.",
    ),
    ("models", "image-fallbacks", "add"): (
        "models.fallbacks:add_image",
        "Add a model to the image chain.",
    ),
    ("models", "image-fallbacks", "remove"): (
        "models.fallbacks:remove_image",
        "Remove a model from the image chain.",
    ),
    ("models", "image-fallbacks", "clear"): (
        "models.fallbacks:clear_image",
        "Empty the image chain.",
    ),
    ("models", "providers", "list"): (
        "models.providers:list_providers",
        "Built-in and own providers.",
    ),
    ("models", "providers", "add"): ("models.providers:add", "Add an endpoint of your own."),
    ("models", "providers", "show"): (
        "models.provider_edit:show",
        "All that is known of a provider.",
    ),
    ("models", "providers", "set"): (
        "models.provider_edit:set_provider",
        "Change an endpoint of your own.",
    ),
    ("models", "providers", "remove"): (
        "models.providers:remove",
        "Remove an endpoint of your own.",
    ),
    ("models", "auth", "list"): (
        "auth.list:list_credentials",
        "Stored and environment credentials.",
    ),
    ("models", "auth", "login"): (
        "auth.sign_in.login:login",
        "Sign in at a provider, by a browser, a code or its key.",
    ),
    ("models", "auth", "add"): ("auth.add:add", "Store an API key or token."),
    ("models", "auth", "import"): (
        "auth.importing.importing:import_credentials",
        "Bring what other tools keep.",
    ),
    ("models", "auth", "paste-token"): (
        "auth.paste_token:paste_token",
        "Store a token made elsewhere.",
    ),
    ("models", "auth", "setup-token"): (
        "auth.setup_token:setup_token",
        "Store a token made by `claude setup-token`.",
    ),
    ("models", "auth", "set"): (
        "auth.set:set_profile",
        "Change a profile's label or address.",
    ),
    ("models", "auth", "rename"): ("auth.set:rename", "Give a profile another id."),
    ("models", "auth", "remove"): ("auth.remove:remove", "Remove a profile and what refers to it."),
    ("models", "auth", "logout"): ("auth.remove:remove", "The same as remove."),
    ("models", "auth", "refresh"): ("auth.sign_in.refresh:refresh", "Refresh grants that are due."),
    ("models", "auth", "token"): (
        "auth.sign_in.token:token",
        "One fresh token for another program.",
    ),
    ("models", "auth", "explain"): (
        "auth.explain:explain",
        "Which credential would be used now, and why.",
    ),
    ("models", "auth", "clear-cooldown"): (
        "auth.clear_cooldown:clear_cooldown",
        "Let a credential be used again at once.",
    ),
    ("models", "auth", "order", "get"): ("auth.order:get", "In what order profiles are tried."),
    ("models", "auth", "order", "set"): (
        "auth.order:set_order",
        "Say in what order to try profiles.",
    ),
    ("models", "auth", "order", "clear"): ("auth.order:clear", "Go back to the usual order."),
    ("plugins", "list"): ("plugins.list:list_plugins", "Which providers are installed."),
    ("plugins", "info"): ("plugins.list:info", "All that is known of one provider."),
    ("plugins", "enable"): ("plugins.enable:enable", "Let a third-party plug-in run."),
    ("plugins", "disable"): ("plugins.enable:disable", "Stop a third-party plug-in from running."),
    ("vault", "reset"): ("vault.reset:reset", "Make new keys where the old ones are lost."),
    ("paths",): ("paths:show_paths", "Where configuration, data, cache and keys are."),
    ("complete",): (
        "completion.candidates:complete",
        "What may come next; the shells' completion asks it.",
    ),
    ("--version",): ("version:show_version", "The version of this program."),
    ("--install-completion",): (
        "completion.install:install_completion",
        "Install completion for your shell.",
    ),
    ("--uninstall-completion",): (
        "completion.install:uninstall_completion",
        "Take out what --install-completion put there.",
    ),
}

HIDDEN = ("complete",)
# Wherever the long one is, and nothing else.
SHORT = {"model": "-m", "provider": "-p", "search": "-q"}
ALSO = {"--version": "-V"}
_HELP_FLAGS = ("--help", "-h")

_RUNS_ANOTHER = ("models", "exec")
_KEEPS_ANOTHER = ("models", "auth", "add")

GROUPS = {
    ("models",): "Models, fallbacks, aliases and credentials.",
    ("models", "aliases"): "Short names of models.",
    ("models", "fallbacks"): "What to try when the default model does not answer.",
    ("models", "image-fallbacks"): "What to try when the image model does not answer.",
    ("models", "providers"): "Where models are served.",
    ("models", "history"): "Every request that was made.",
    ("models", "auth"): "Credentials, kept encrypted.",
    ("models", "auth", "order"): "Which profile of a provider is tried first.",
    ("plugins",): "Where providers come from.",
    ("vault",): "The keys of the store.",
}


# Where the one that is made of the parameters would leave out what matters.
_USAGES: dict[tuple[str, ...], str] = {
    ("models", "exec"): "aura_intelligence models exec [OPTIONS] -- PROGRAM [WORDS...]",
    (
        "models",
        "auth",
        "add",
    ): "aura_intelligence models auth add [OPTIONS] [-- PROGRAM [WORDS...]]",
}


def _short(field: "FieldInfo", _: frozenset[str]) -> str | None:
    return SHORT.get(field.name)


def build(*, helpful: bool = False) -> App:
    """A new tree. No command's module is imported, nor, unless it is to be `helpful`, what help
    pages end with.
    """
    app = App(
        name="aura_intelligence",
        help=_HELP,
        version_flags=[],
        help_format="plaintext",
        help_formatter=PlainPages(),
        result_action="return_value",
        default_parameter=Parameter(short_alias=_short),
    )
    if helpful:
        from entrypoints.cli.help.examples import ending
    groups: dict[tuple[str, ...], App] = {(): app}
    for path, text in GROUPS.items():
        groups[path] = App(name=path[-1], help=text, version_flags=[])
        groups[path[:-1]].command(groups[path])
    for path, (target, text) in COMMANDS.items():
        names = [path[-1], *filter(None, [ALSO.get(path[-1])])]
        own = {"usage": _USAGES.get(path), "help_epilogue": ending(path) if helpful else None}
        shown = path[-1] not in HIDDEN
        parent = groups[path[:-1]]
        parent.command(f"entrypoints.cli.{target}", name=names, help=text, show=shown, **own)
    return app


def asks_for_help(argv: list[str]) -> bool:
    return not set(_HELP_FLAGS).isdisjoint(argv)


def with_default(argv: list[str]) -> list[str]:
    """`argv` with a synonym in this program's own words, and with the command inserted that a bare
    group stands for; `--help` stays the group's.
    """
    depth = 0
    while tuple(argv[: depth + 1]) in GROUPS and depth < len(argv):
        depth += 1
    group = tuple(argv[:depth])
    following = argv[depth] if depth < len(argv) else None
    if following in _SYNONYMS:
        return [*_meant(group, following), *argv[depth + 1 :]]
    if group not in DEFAULTS or following in _HELP_FLAGS:
        return argv
    if following is None or following.startswith("-"):
        return [*argv[:depth], DEFAULTS[group], *argv[depth:]]
    return argv


def _meant(group: tuple[str, ...], word: str) -> tuple[str, ...]:
    if (*group, word) in COMMANDS:
        return (*group, word)
    if (group, word) == (("models", "providers"), "show"):
        return ("plugins", "info")
    known = (own for own in _SYNONYMS[word] if (*group, own[0]) in COMMANDS)
    return (*group, *next(known, (word,)))


def divided(argv: list[str]) -> list[str]:
    """`argv` with a second `--` before the words of another program, so that the command that runs
    it can tell them from its own. Raises Malformed where there is no first one.
    """
    runs = tuple(argv[:2]) == _RUNS_ANOTHER
    if not runs and tuple(argv[:3]) != _KEEPS_ANOTHER:
        return argv
    if "--" in argv:
        at = argv.index("--")
        return [*argv[:at], "--", *argv[at:]]
    if not runs or asks_for_help(argv):
        return argv
    raise Malformed(
        "the program to run comes after --",
        hint="aura_intelligence models exec -- PROGRAM WORDS …",
    )
