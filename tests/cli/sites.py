"""Folders of installed distributions, each with a plug-in in it."""

import hashlib
import sys
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from importlib import invalidate_caches
from pathlib import Path

from tests.cli.program import Program, Ran

GROUP = "aura_intelligence.providers"
ROW = """\
from aura_intelligence import *
ROW = Provider(
    id="acme", label="Acme", base_url={url!r}, dialect="openai", env_names=("ACME_API_KEY",),
    docs_url="https://acme.test/keys", quirks="It is small.", uncertain=("probe_model",),
    source="plugin",
)
PLUGIN = ProviderPlugin(ROW, "openai")
"""


@dataclass(frozen=True, slots=True)
class Site:
    """What stands on PYTHONPATH. `imported` is a file that a plug-in leaves when it is imported."""

    folder: Path

    @property
    def imported(self) -> Path:
        return self.folder / "imported"

    def install(
        self,
        code: str,
        *,
        name: str = "acme",
        version: str = "1.0",
        distribution: str = "aura-acme",
    ) -> None:
        """The plug-in `name` whose module is `code`, with a list of its files."""
        self.remove(distribution)
        self.folder.mkdir(exist_ok=True)
        module = f"module_of_{distribution.replace('-', '_')}"
        mark = f"open({str(self.imported)!r}, 'a').write('once\\n')\n"
        content = (mark + code).encode()
        (self.folder / f"{module}.py").write_bytes(content)
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {module}:PLUGIN\n")
        digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        (info / "RECORD").write_text(f"{module}.py,sha256={digest},{len(content)}\n")

    def remove(self, distribution: str = "aura-acme") -> None:
        for info in self.folder.glob(f"{distribution.replace('-', '_')}-*.dist-info"):
            for file in info.iterdir():
                file.unlink()
            info.rmdir()

    def see(self, cli: Program, words: str, stdin: str = "") -> Ran:
        """Runs in this process: for commands that import no plug-in, and prove it so."""
        before = self.imported.read_text() if self.imported.exists() else None
        sys.path.insert(0, str(self.folder))
        invalidate_caches()
        try:
            ran = cli(words, stdin=stdin)
        finally:
            sys.path.remove(str(self.folder))
        assert before == (self.imported.read_text() if self.imported.exists() else None)
        return ran

    def run(self, cli: Program, words: str, stdin: str = "") -> Ran:
        """Runs in a process of its own: a plug-in's code may be imported."""
        cli.environ["PYTHONPATH"] = str(self.folder)
        cli.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        return cli.process(words, stdin=stdin)
