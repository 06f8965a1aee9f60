"""An own provider that people sign in at: added, shown, changed, taken along."""

from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.cli.servers import GOOD

pytestmark = pytest.mark.usefixtures("back_end")

ADD = "models providers add own --base-url https://own.example/v1 --dialect openai"
SET = "models providers set own"
DEVICE = "--device-url https://id.example/device --token-url https://id.example/token"
MINE = f"{DEVICE} --client-id mine"
NOTHING = dict.fromkeys(
    [
        *("clientId", "issuer", "deviceUrl", "authorizeUrl", "tokenUrl", "revokeUrl"),
        *("clientSecretFile", "scope"),
    ]
)


def shown(cli: Program) -> object:
    found = cli.must("models providers show own --json").document["provider"]
    listed = cli.must("models providers list --json").document["providers"]
    assert found == next(row for row in listed if row["id"] == "own")
    return found["signIn"]


def test_an_issuer_is_enough(cli: Program) -> None:
    added = cli.must(f"{ADD} --oauth-issuer https://id.example/ --client-id mine --json").document
    expected = {**NOTHING, "clientId": "mine", "issuer": "https://id.example/"}
    assert added["providers"][0]["signIn"] == shown(cli) == expected
    text = cli.must("models providers show own").out
    assert "Client ID  mine\n" in text
    assert "Issuer     https://id.example/\n" in text


def test_without_a_sign_in_there_is_none(cli: Program) -> None:
    cli.must(ADD)
    assert shown(cli) is None
    assert "Client ID" not in cli.must("models providers show own").out
    assert cli.must("models providers show openai --json").document["provider"]["signIn"] is None


def test_everything_that_is_said_is_kept_but_never_the_secret(cli: Program, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("canary-of-a-client")
    cli.must(
        f"{ADD} {MINE} --authorize-url https://id.example/authorize --scope 'a  b' "
        f"--revoke-url https://id.example/revoke --client-secret-file {file}"
    )
    assert shown(cli) == {
        "clientId": "mine",
        "issuer": None,
        "deviceUrl": "https://id.example/device",
        "authorizeUrl": "https://id.example/authorize",
        "tokenUrl": "https://id.example/token",
        "revokeUrl": "https://id.example/revoke",
        "clientSecretFile": str(file),
        "scope": "a b",
    }
    text = cli.must("models providers show own").text
    assert f"Secret in  {file}\n" in text
    assert "canary" not in text + cli.must("models export toml").text


def test_the_file_of_a_secret_may_be_said_from_home_and_need_not_be_there(cli: Program) -> None:
    cli.must(f"{ADD} {MINE} --client-secret-file '~/no such file'")
    found = shown(cli)
    assert isinstance(found, dict)
    assert found["clientSecretFile"] == str(Path("~/no such file").expanduser())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--client-id mine", "an issuer, or a token URL"),
        ("--scope a", "a client id"),
        (f"{DEVICE}", "a client id"),
        ("--client-id '' --oauth-issuer https://id.example", "a client id"),
        ("--client-id mine --device-url https://id.example/device", "a token URL with"),
        (f"{MINE} --oauth-issuer https://id.example", "an issuer says its own"),
        (f"{MINE} --revoke-url http://id.example/", "the revoke URL"),
        (f"{MINE} --revoke-url https://id.example/?a=b", "the revoke URL"),
        (f"{MINE} --client-secret-file secret", "no absolute path"),
        (f"{MINE} --client-secret-file ~nobody-here/secret", "no absolute path"),
        (f"{MINE} --client-secret-file ''", "no absolute path"),
    ],
)
def test_what_cannot_be_is_one_line_with_a_hint(cli: Program, words: str, said: str) -> None:
    ran = cli(f"{ADD} {words}")
    assert (ran.code, ran.out, ran.err.count("\n"), said in ran.err) == (64, "", 2, True)
    assert "\nhint: " in ran.err
    assert cli(f"{ADD} {words} --json").error["type"] == "malformed"
    cli.must(ADD)
    assert (cli(f"{SET} {words}").code, shown(cli)) == (64, None)


def test_a_client_id_may_be_one_run_of_letters_and_digits_and_a_key_may_not(cli: Program) -> None:
    id = "a1B2c3D4" * 4
    cli.must(f"{ADD} {DEVICE} --client-id {id}")
    cli.must(f"{SET} {DEVICE} --client-id={id}x")
    refused = cli(f"{SET} {DEVICE} --client-id sk-proj-{id}")
    assert (refused.code, id in refused.text) == (64, False)
    assert cli(f"{SET} {DEVICE} --client-id mine --label {id}").code == 64


def test_a_sign_in_is_changed_as_a_whole_and_taken_away(cli: Program) -> None:
    cli.must(f"{ADD} {MINE} --scope a")
    cli.must(f"{SET} --label Other")
    assert shown(cli) != {}
    cli.must(f"{SET} --oauth-issuer https://id.example --client-id other")
    expected = {**NOTHING, "clientId": "other", "issuer": "https://id.example"}
    assert shown(cli) == expected
    assert cli(f"{SET} --oauth-issuer https://id.example --client-id other").code == 64
    assert cli(f"{SET} {MINE} --no-sign-in").code == 64
    assert shown(cli) == expected
    cli.must(f"{SET} --no-sign-in")
    assert shown(cli) is None


def test_where_profiles_are_stored_another_sign_in_is_agreed_on(cli: Program) -> None:
    cli.must(f"{ADD} {MINE}")
    cli.must("models auth add --provider own --stdin --no-verify", stdin=GOOD)
    before = shown(cli)
    refused = cli(f"{SET} {MINE} --scope a --client-secret-file /tmp/x")
    assert (refused.code, shown(cli)) == (64, before)
    assert "it signs in as mine at https://id.example/device, https://id.example" in refused.err
    assert "the secret in /tmp/x goes there" in refused.err
    gone = cli(f"{SET} --no-sign-in")
    assert (gone.code, "nobody signs in at own any longer" in gone.err) == (64, True)
    cli.must(f"{SET} --label Other")
    cli.must(f"{SET} {MINE} --scope a --yes")
    assert shown(cli) != before


def test_it_travels_in_a_file_and_is_shown_before_it_is_trusted(
    cli: Program, tmp_path: Path
) -> None:
    cli.must(f"{ADD} {DEVICE} --client-id {'a1B2c3D4' * 4} --scope a")
    file = tmp_path / "chosen.toml"
    file.write_text(cli.must("models export toml").out)
    assert "[providers.sign_in]\n" in file.read_text()
    before = shown(cli)
    assert cli.must(f"models import {file}").out == "Nothing changed.\n"
    cli.must("models providers remove own")
    refused = cli(f"models import {file}")
    assert (refused.code, "it signs in as a1B2c3D4" in refused.err) == (64, True)
    done = cli.must(f"models import {file} --yes")
    assert ", signs in with a1B2c3D4" in done.out
    assert shown(cli) == before


def test_a_file_names_no_file_of_a_secret(cli: Program, tmp_path: Path) -> None:
    cli.must(f"{ADD} {MINE} --client-secret-file /tmp/x")
    file = tmp_path / "chosen.toml"
    file.write_text(cli.must("models export toml").out)
    cli.must(f"models import {file}")
    cli.must("models providers remove own")
    refused = cli(f"models import {file} --yes")
    assert (refused.code, "the file of a client's secret" in refused.err) == (1, True)
