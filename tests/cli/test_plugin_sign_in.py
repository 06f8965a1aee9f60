"""A plug-in's sign-in: data that is judged when it is enabled, shown, and used without its code."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.issuers import ALICE, Issuer, issuer
from tests.cli.program import Program
from tests.cli.sites import ROW, Site
from tests.cli.visits import events

ISSUER = 'Client("app", issuer="https://id.test/")'
DEVICE = 'Client("app", "https://id.test/token", device_url="https://id.test/device", {})'
LOGIN = "models auth login --provider acme"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


@pytest.fixture
def server() -> Iterator[Issuer]:
    with issuer() as running:
        running.client_id = "app"
        yield running


def code(client: str) -> str:
    row = ROW.format(url="https://acme.test/v1")
    return row.replace("source=", f"client={client}, source=")


def at(server: Issuer, more: str = "") -> str:
    """A client whose device codes and grants are those of `server`."""
    urls = f'"{server.url}/token", device_url="{server.url}/device/auth"'
    return f'Client("app", {urls}, revoke_url="{server.url}/revoke", {more})'


def enabled(cli: Program, site: Site, client: str) -> None:
    site.install(code(client))
    ran = site.run(cli, "plugins enable acme --yes")
    assert ran.code == 0, ran


def kept(cli: Program) -> Path:
    return cli.home / "config" / "plugins.json"


def shown(cli: Program, site: Site) -> tuple[list[str], str | None]:
    told = site.see(cli, "plugins info acme --json").document["plugin"]
    (listed,) = [
        found
        for found in site.see(cli, "plugins list --json").document["plugins"]
        if found["id"] == "acme"
    ]
    assert listed.items() <= told.items()
    return told["loginMethods"], told["loginAs"]


def test_people_sign_in_and_out_and_no_code_of_it_runs(
    cli: Program, site: Site, server: Issuer
) -> None:
    server.device = "approved"
    enabled(cli, site, at(server))
    ran = site.see(cli, LOGIN)
    assert ran.code == 0, ran
    assert f"Signed in as {ALICE}: acme:{ALICE} (oauth)" in ran.out
    assert site.see(cli, "models auth refresh --force").out == f"acme:{ALICE}  refreshed\n"
    ran = site.see(cli, f"models auth logout acme:{ALICE} --yes")
    assert ran.text == f"Removed acme:{ALICE}. It is revoked at the provider.\n"
    assert (server.refreshes, server.revoked) == (1, 1)


def test_a_browser_begins_at_the_page_of_its_client(
    cli: Program, site: Site, server: Issuer
) -> None:
    enabled(cli, site, f'Client("app", issuer="{server.url}", parameters=(("audience", "m"),))')
    with cli.start(f"{LOGIN} --method browser --json") as process:
        assert process.stdout is not None
        (page,) = events(process.stdout.readline())
        process.kill()
    assert page["url"].startswith(f"{server.url}/auth?audience=m&response_type=code&client_id=app&")


def test_a_borrowed_application_is_asked_about(cli: Program, site: Site, server: Issuer) -> None:
    server.device = "approved"
    enabled(cli, site, at(server, 'owner="borrowed", notice="It is that of Else.",'))
    ran = site.see(cli, LOGIN)
    assert ran.code == 64
    assert "It is that of Else." in ran.text
    assert server.requests == []
    assert site.see(cli, f"{LOGIN} --yes").code == 0


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("None", (["api_key"], None)),
        (ISSUER, (["browser", "api_key"], "own client")),
        (DEVICE.format('owner="official"'), (["device", "api_key"], "official")),
        (
            DEVICE.format(
                'authorize_url="https://id.test/a", owner="borrowed", notice="It is X\'s."'
            ),
            (["browser", "device", "api_key"], "borrowed client"),
        ),
    ],
)
def test_whose_application_it_is_is_shown(
    cli: Program, site: Site, client: str, expected: tuple[list[str], str | None]
) -> None:
    enabled(cli, site, client)
    assert shown(cli, site) == expected
    (row,) = [
        line
        for line in site.see(cli, "plugins list --verbose").out.splitlines()
        if line.startswith("acme ")
    ]
    assert ", ".join(expected[0]) in row
    assert (expected[1] or "loaded") in row
    told = site.see(cli, "plugins info acme").out
    assert ("login as" in told) == (expected[1] is not None)


def test_so_it_is_for_the_built_in_ones(cli: Program) -> None:
    told = {found["id"]: found for found in cli("plugins list --json").document["plugins"]}
    ways = {id: (told[id]["loginMethods"], told[id]["loginAs"]) for id in told}
    assert ways["openrouter"] == (["browser", "api_key"], "official")
    assert ways["xai"] == (["device", "api_key"], "borrowed client")
    assert ways["groq"] == (["api_key"], None)
    assert "login as      borrowed client\n" in cli("plugins info openai-codex").out


REFUSED = {
    "no client id": ('Client("", issuer="https://id.test")', "takes a client id"),
    "no token URL": ('Client("app", device_url="https://id.test/d")', "an issuer, or a token URL"),
    "nowhere to begin": ('Client("app", "https://id.test/token")', "an issuer, or a token URL"),
    "both": (DEVICE.format('issuer="https://id.test"'), "an issuer says its own"),
    "plain http": ('Client("app", issuer="http://id.test")', "the issuer is no address"),
    "a page by http": (
        DEVICE.format('authorize_url="http://id.test/a"'),
        "the authorize URL is no address",
    ),
    "revoked by http": (
        DEVICE.format('revoke_url="http://10.0.0.1/r"'),
        "the revoke URL is no address",
    ),
    "another spelling": ('Client("app", issuer="HTTPS://id.test")', "would be written otherwise"),
    "a file": (DEVICE.format('secret_file="/srv/secret"'), "not for plug-ins"),
    "comes back elsewhere": (
        DEVICE.format('redirect_uri="https://evil.test/callback"'),
        "comes back to another machine",
    ),
    "borrowed, of nobody": (DEVICE.format('owner="borrowed"'), "does not say whose"),
    "escapes": (DEVICE.format('notice="A\\x1b[2J"'), "control characters"),
    "a wrong type": ("Client(3, issuer='https://id.test')", "its field client_id is not what"),
    "no owner": (DEVICE.format('owner="mine"'), "its field owner is not what"),
    "a parameter": (DEVICE.format('parameters=(("a", 1),)'), "its field parameters is not"),
    "no client": ("('app', 'https://id.test/token')", "its field client is not what"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_sign_in_that_is_not_right_is_not_enabled(cli: Program, site: Site, name: str) -> None:
    client, reason = REFUSED[name]
    site.install(code(client))
    ran = site.run(cli, "plugins enable acme --yes --json")
    assert (ran.code, ran.error["type"]) == (1, "plugin_failed"), ran
    assert reason in ran.error["message"]
    assert "--" not in (ran.error["hint"] or "")
    assert site.see(cli, LOGIN).code == 64


def test_a_list_without_sign_ins_is_read_and_the_sign_in_is_kept_in_it(
    cli: Program, site: Site
) -> None:
    enabled(cli, site, DEVICE.format("scope='a b', parameters=(('x', 'y'),)"))
    document = json.loads(kept(cli).read_text())
    (plugin,) = document["plugins"]
    client = plugin["row"].pop("client")
    assert (client["client_id"], client["device_url"]) == ("app", "https://id.test/device")
    assert client["parameters"] == [["x", "y"]]
    kept(cli).write_text(json.dumps(document))
    assert shown(cli, site) == (["api_key"], None)


@pytest.mark.parametrize(
    "said",
    [
        {"client_id": 3},
        {"client_id": None},
        {"owner": "mine"},
        {"token_url": ["https://id.test"]},
        {"parameters": {"a": "b"}},
        {"parameters": [["a"]]},
    ],
)
def test_a_damaged_sign_in_is_no_sign_in(cli: Program, site: Site, said: dict[str, Any]) -> None:
    enabled(cli, site, ISSUER)
    document = json.loads(kept(cli).read_text())
    document["plugins"][0]["row"]["client"].update(said)
    kept(cli).write_text(json.dumps(document))
    ran = site.see(cli, LOGIN)
    assert ran.code == 69
    assert f"{kept(cli)} is damaged" in ran.err


def test_a_client_that_came_later_is_not_the_one_that_was_enabled(
    cli: Program, site: Site, server: Issuer
) -> None:
    enabled(cli, site, "None")
    site.install(code(at(server)))
    assert shown(cli, site) == (["api_key"], None)
    assert "acme has no sign-in" in site.see(cli, f"{LOGIN} --method device").err
    assert server.requests == []
