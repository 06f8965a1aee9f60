"""What is told during a sign-in: to a person, or as JSON lines to a program."""

from application.grants.signing_in import Teller
from application.ports.sign_in import DeviceCode
from domain.instants import iso
from entrypoints.cli.show import render
from entrypoints.cli.show.progress import Waiting


class ForPerson(Teller):
    def __init__(self) -> None:
        self._waiting = Waiting()

    def page(self, url: str, *, opened: bool, pasting: bool) -> None:
        render.line("Your browser opens this page:" if opened else "Open this page in a browser:")
        render.whole(f"  {url}", flush=True)
        if pasting:
            render.note("the page does not load, or is on another machine? paste its address here")

    def code(self, code: DeviceCode) -> None:
        render.line(f"Open this page, on any machine, only if you began this: {code.page}")
        render.whole(f"  and type there: {code.user_code}", flush=True)
        if code.page_with_code:
            render.whole(f"  or: {code.page_with_code}", flush=True)

    def waits(self, left: float) -> None:
        self._waiting.erase()
        self._waiting.show(f"waiting; the code is good for {int(left // 60)}:{int(left % 60):02}")

    def note(self, text: str, hint: str | None) -> None:
        self.done()
        render.note(text, hint)

    def done(self) -> None:
        """Nothing is waited for any longer."""
        self._waiting.erase()


class ForProgram(Teller):
    """One JSON object a line, each with its `event`."""

    def page(self, url: str, *, opened: bool, pasting: bool) -> None:
        render.json({"event": "browser", "url": url, "opened": opened}, flush=True)

    def code(self, code: DeviceCode) -> None:
        document = {
            "event": "device_code",
            "userCode": code.user_code,
            "url": code.page,
            "urlWithCode": code.page_with_code or None,
            "expiresAt": code.expires_at,
            "expiresAtIso": iso(code.expires_at),
            "intervalSeconds": code.interval,
        }
        render.json(document, flush=True)

    def waits(self, left: float) -> None:
        render.json({"event": "pending", "remainingMs": round(left * 1000)}, flush=True)

    def note(self, text: str, hint: str | None) -> None:
        render.note(text, hint)

    def done(self) -> None: ...
