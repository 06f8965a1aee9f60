"""The example plug-in builds, passes its own tests, and is used as its page says."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from tests.cli.issuers import issuer
from tests.cli.program import Program, Ran
from tests.cli.visits import events
from tests.docs.pages import ROOT

EXAMPLE = ROOT / "docs/examples/aura-intelligence-example"
KEY = "example-key-0001"


class Service(BaseHTTPRequestHandler):
    """The service of the example: it knows one key."""

    protocol_version = "HTTP/1.1"
    seen: list[str]

    def do_GET(self) -> None:
        self.answer({"account": "me@example.com"})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        assert set(asked) == {"model", "prompt", "limit"}
        self.answer({"text": "OK"})

    def answer(self, document: dict[str, str]) -> None:
        self.seen.append(f"{self.command} {self.path}")
        known = self.headers["authorization"] == f"Bearer {KEY}"
        refusal = {"error": {"code": "invalid_api_key", "message": "no such key"}}
        body = json.dumps(document if known else refusal).encode()
        self.send_response(200 if known else 401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def service() -> Iterator[tuple[str, list[str]]]:
    """Its base URL, and what it was asked."""
    seen: list[str] = []
    handler = type("Handler", (Service,), {"seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1", seen
        finally:
            server.shutdown()
            thread.join()


def install(source: Path, version: str, target: Path) -> None:
    """As `pip install` does, without a network and beside the environment, not in it."""
    rmtree(target, ignore_errors=True)
    project = source / "pyproject.toml"
    text = project.read_text().replace('version = "1.0.0"', f'version = "{version}"')
    project.write_text(text)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    alone = ["--no-build-isolation", "--no-index", "--no-deps", "--target", str(target)]
    done = subprocess.run(
        [*pip, *alone, str(source)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return copytree(EXAMPLE, tmp_path / "source")


def test_the_example_is_installed_and_used_as_its_page_says(
    cli: Program, tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    install(source, "1.0.0", site)
    # Of this process, where most is run, and of those that it starts.
    monkeypatch.syspath_prepend(str(site))
    cli.environ["PYTHONPATH"] = str(site)

    def run(words: str, stdin: str = "") -> Ran:
        ran = cli(words, stdin=stdin)
        assert ran.code == 0, ran
        return ran

    def status() -> str:
        listed = run("plugins list --json").document["plugins"]
        (found,) = [p for p in listed if p["id"] == "example"]
        assert found["source"] == "aura-intelligence-example"
        return str(found["status"])

    def probe(url: str) -> dict[str, str]:
        (result,) = run("models status --probe --json").document["auth"]["probes"]["results"]
        return {name: result[name] for name in ("status", "credential")}

    assert status() == "disabled"
    run("plugins enable example --yes")
    assert status() == "loaded"
    assert "https://models.example.com/v1" in run("models providers list").out
    with service() as (url, seen):
        add = f"models auth add --provider example --base-url {url} --stdin"
        refused = cli(add, stdin="another-key-0002")
        assert (refused.code, refused.out) == (1, "")
        assert "Saved example:default" in run(add, KEY).out
        run("models set example/small")
        assert probe(url) == {"status": "ok", "credential": "proven"}
        assert seen == ["GET /v1/account", "GET /v1/account", "POST /v1/generate"]

        install(source, "1.0.1", site)
        assert status() == "disabled"
        assert probe(url) == {"status": "unreadable", "credential": "unknown"}
        run("plugins enable example --yes")
        assert probe(url) == {"status": "ok", "credential": "proven"}

        run("plugins disable example")
        assert status() == "disabled"
        assert "example:default" in run("models auth list").out
        assert len(seen) == 4


def test_people_sign_in_at_the_issuer_of_the_example(
    cli: Program, tmp_path: Path, source: Path
) -> None:
    with issuer() as site:
        site.client_id, site.device = "example-app", "approved"
        module = source / "aura_example.py"
        text = module.read_text()
        assert "https://id.example.test" in text
        module.write_text(text.replace("https://id.example.test", site.url))
        install(source, "1.0.0", tmp_path / "site")
        cli.environ["PYTHONPATH"] = str(tmp_path / "site")
        enabled = cli.process("plugins enable example --yes")
        assert enabled.code == 0, enabled

        # Nothing of it can be imported here: what was enabled is enough.
        told = events(cli.must("models auth login --provider example --json").out)
        assert [event["event"] for event in told] == ["device_code", "pending", "auth_success"]
        assert told[0]["url"] == f"{site.url}/activate"
        (begun,) = site.asked("/device/auth")
        assert begun == {"client_id": "example-app", "scope": "models offline_access"}
        profile = told[2]["profile"]
        assert (profile["provider"], profile["type"]) == ("example", "oauth")
        removed = cli.must(f"models auth logout {profile['profileId']} --yes --json").document
        assert (removed["revoked"], site.revoked) == (True, 1)


def test_the_example_passes_its_own_tests(source: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=source,
        env={**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
