"""What commands there are, by their words; nothing of them is imported."""

GROUPS = {
    ("models",): "Models, fallbacks, aliases and credentials.",
    ("models", "aliases"): "Short names of models.",
    ("models", "fallbacks"): "What to try when the default model does not answer.",
    ("models", "image-fallbacks"): "What to try when the image model does not answer.",
    ("models", "providers"): "Where models are served.",
    ("models", "history"): "Every request that was made; its filters: history list --help.",
    ("models", "auth"): "Credentials, kept encrypted.",
    ("models", "auth", "order"): "Which profile of a provider is tried first.",
    ("plugins",): "Where providers come from.",
    ("vault",): "The keys of the store.",
    ("store",): "The store as a whole.",
}

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

COMMANDS: dict[tuple[str, ...], tuple[str, str]] = {
    ("models", "status"): (
        "models.status.status:status",
        "What is true now; --probe tries every credential.",
    ),
    ("models", "list"): ("models.list:list_models", "The configured models, in order."),
    ("models", "scan"): ("models.scan.scan:scan", "Find free models that do call tools."),
    ("models", "set"): ("models.set:set_default", "Choose the default model."),
    ("models", "set-image"): ("models.set:set_image", "Choose the image model."),
    ("models", "unset"): ("models.set:unset", "Have no default model any longer."),
    ("models", "outlook"): ("models.outlook:show_outlook", "What will break, and when."),
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
    ("models", "history", "summary"): (
        "history.summary:summary",
        "How good providers were in 30 days.",
    ),
    ("models", "history", "changes"): ("history.changes:changes", "When an outcome changed."),
    ("models", "history", "incidents"): ("history.incidents:incidents", "What failed in 30 days."),
    ("models", "history", "export"): ("history.export:export", "For other programs to read."),
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
        "models.providers.table:list_providers",
        "Built-in and own providers.",
    ),
    ("models", "providers", "add"): ("models.providers.table:add", "Add an endpoint of your own."),
    ("models", "providers", "show"): (
        "models.providers.edit:show",
        "All that is known of a provider.",
    ),
    ("models", "providers", "set"): (
        "models.providers.edit:set_provider",
        "Change an endpoint of your own.",
    ),
    ("models", "providers", "remove"): (
        "models.providers.table:remove",
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
    ("store", "copy"): ("store.copy:copy", "Move a store to another back end."),
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
