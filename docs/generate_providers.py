"""Writes docs/providers.md: what is known of each built-in provider, as its row says it."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

from adapters.providers.table import ROWS
from adapters.registry import EntryPointRegistry
from application.ports.providers import Access, Checks
from domain.credentials.secret import Secret
from domain.providers.row import Provider

WIDTH = 96
PAGE = Path(__file__).with_name("providers.md")

_INTRODUCTION = """\
# Providers

<!-- Written by docs/generate.py from adapters/providers/table: change the rows, or the text in
docs/generate_providers.py. -->

What the program knows of each provider before it talks to it. Nothing here was confirmed by a call
made for this project: it is what documentation and client libraries say, and what nobody could
confirm is named under *not confirmed*.

A stored profile wins over a variable. Where a provider has several variables, each is a credential
of its own, used in the order given here. A free check spends no token: `models auth add` makes one
before it saves, and `models status --probe --probe-mode free` makes one for every credential.
A list of models that anybody may read proves nothing of a key; such a provider's key is only proven
by a probe that asks a model.
"""

_LOGINS = {
    "api_key": "an API key (`models auth add`)",
    "token": "a token (`models auth paste-token`, or `auth add --kind token`)",
    "setup_token": "a setup-token (`models auth setup-token`)",
    "none": "nothing, if its server wants no key",
}
_PROVEN = {
    "xai": "the key, and that neither it nor its team is blocked",
    "deepseek": "the key, and that the balance allows a request",
    "moonshot": "the key, and that the balance allows a request",
    "openrouter": "the key, and that its own limit is not used up; not the account's credit",
    "github-copilot": "the token, and that its account has Copilot",
    "huggingface": "the token; not that it may call models, nor any credit",
}

_LISTS = {
    "data": "`{data: […]}`",
    "models": "`{models: […]}`",
    "array": "a bare array",
    "": "none is documented",
}
_PAGES = {
    "after_id": ", in pages by `after_id`",
    "page_token": ", in pages by a page token",
    "": "",
}

_ADDING = """\
## How to add one

Take the first that fits.

**A provider of your own**, for one machine, where nothing needs to be written: a gateway, a local
server, anything that speaks one of the four dialects.

```text
aura_intelligence models providers add gate \\
    --base-url https://gate.example/v1 --dialect openai --env GATE_API_KEY
aura_intelligence models auth add --provider gate
```

**Another address of a provider that is here**, with keys of its own: a region, a coding plan.

```text
aura_intelligence models auth add --provider moonshot --profile-id moonshot:cn \\
    --base-url https://api.moonshot.cn/v1
```

**A row**, for everybody, where the provider speaks a dialect the program knows:

1. Add a `Provider` to the tuple of `adapters/providers/table/` it belongs to. The fields are
   described at `domain/providers/row.py: Provider`. Name in `uncertain` every field you could not
   confirm. If it has synonyms, add them to `SYNONYMS` in `domain/providers/refs.py`; a test
   compares.
2. Add its file, `ID.json`, to `tests/adapters/fixtures/`: the two requests in full, and at
   least a good answer to each, a wrong key, and one limit or billing answer, each with the outcome
   and what it shows of the credential. Say under `source` where they come from.
3. Run `python docs/generate.py` and the tests: they hold the row, the file and this page together.

**A plug-in**, for a provider that speaks otherwise, or that does not belong in the program: a
distribution with an entry point in the group `aura_intelligence.providers`. It is listed by
`plugins list` from its metadata and used only once it is enabled. Examples are in `docs/examples`.
"""


def providers_page() -> str:
    """The whole of docs/providers.md."""
    parts = [_INTRODUCTION, *_overview(), "", *(_section(row) for row in ROWS), _ADDING]
    return "\n".join(parts)


def _overview() -> Iterator[str]:
    yield "| provider | dialect | variables | key |"
    yield "|---|---|---|---|"
    for row in ROWS:
        names = ", ".join(f"`{name}`" for name in row.all_env_names) or "none"
        anchor = "".join(c for c in _title(row).lower() if c.isalnum() or c in "- ")
        link = f"[{row.id}](#{anchor.replace(' ', '-')})"
        yield f"| {link} | {row.dialect} | {names} | [get one]({row.docs_url}) |"


def _title(row: Provider) -> str:
    return f"{row.id}: {row.label}"


def _section(row: Provider) -> str:
    facts = [
        ("Address", f"`{row.base_url}`" if row.base_url else "none of its own; yours is needed"),
        ("Key", f"<{row.docs_url}>"),
        ("Log in with", ", ".join(_LOGINS[method] for method in row.login_methods)),
        ("Variables", _variables(row)),
        ("Header", _header(row)),
        ("Token limit", _limit(row)),
        ("Free check", f"`{_check(row)}` proves {_proven(row)}"),
        ("List of models", _LISTS[row.list_shape] + _PAGES[row.list_pages]),
        ("Tried with", f"`{row.probe_model}`" if row.probe_model else "a model you configured"),
        ("Also called", ", ".join(f"`{name}`" for name in row.synonyms)),
        ("Not confirmed", ", ".join(f"`{name}`" for name in row.uncertain)),
    ]
    lines = [f"## {_title(row)}", "", _filled(row.quirks), ""]
    for name, text in facts:
        if text:
            lines.append(_filled(f"- {name}: {text}", indent="  "))
    return "\n".join([*lines, ""])


def _filled(text: str, indent: str = "") -> str:
    """`text` in lines that break no name and no address."""
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _variables(row: Provider) -> str:
    names = ", ".join(f"`{name}`" for name in row.all_env_names) or "none"
    if not row.base_url_env:
        return names
    return f"{names}; the address from `{row.base_url_env}`"


def _header(row: Provider) -> str:
    key = "`authorization: Bearer …`" if row.scheme == "bearer" else f"`{row.scheme}: …`"
    bearer = "" if row.scheme == "bearer" else "; a token as `authorization: Bearer …`"
    return f"{key}{bearer}"


def _limit(row: Provider) -> str:
    """Where it is not what its dialect always calls it."""
    if row.dialect != "openai" or row.responses_models == (".*",):
        return ""
    return f"`{row.limit_field}`" if row.limit_field != "max_tokens" else ""


def _check(row: Provider) -> str:
    access = Access(row.base_url or "https://HOST" + row.extra_path, "bearer", Secret("x" * 8))
    checks = EntryPointRegistry().can(row, Checks)
    assert checks is not None
    request = next(checks.check(row, access, 0))
    return f"{request.method} {request.url}"


def _proven(row: Provider) -> str:
    if row.is_loopback:
        return "that the server is up; nothing of a key"
    if not row.check_proves:
        return "nothing: anybody may read that list"
    return _PROVEN.get(row.id, "the key; not any credit")
