"""`models auth login`: the provider's own sign-in, else its API key."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from application.enrolment import Enrolled, Enroller, NewCredential
from application.grants.elsewhere import Elsewhere
from application.grants.signing_in import Method, SigningIn, Wish
from application.ports.people import Clock, Prompter
from application.ports.sign_in import Browser, Signed
from application.ports.store import SelectionStore
from application.recording import Handouts
from application.survey import Survey
from domain.credentials.credential import OAuthToken
from domain.credentials.profile import ProfileSummary, named_for
from domain.errors import AuraError, Malformed, OutputFailed, Refused
from domain.providers.client import Client
from domain.providers.refs import ModelRef
from domain.providers.row import Provider
from domain.routing.attempt import Attempt
from domain.routing.state import State
from entrypoints.cli.auth.add import add
from entrypoints.cli.auth.enrolling import chosen_id
from entrypoints.cli.auth.sign_in.telling import ForPerson, ForProgram
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.profile import profile_document
from entrypoints.cli.words.asking import agreed
from entrypoints.cli.words.changes import changed_by
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later, Whole
from entrypoints.cli.words.named import named_provider
from entrypoints.cli.words.sources import SecretSources
from entrypoints.codes import code_of

_Way = Literal["browser", "device", "api-key"]


class _Options(NamedTuple):
    """What was said on the command line, beside the provider."""

    method: _Way | None
    profile_id: str | None
    no_browser: bool
    port: int | None
    client_id: str | None
    expect: str | None
    force: bool
    json: bool


def login(
    *,
    provider: str,
    method: _Way | None = None,
    profile_id: str | None = None,
    device_code: Flag = False,
    no_browser: Flag = False,
    port: Whole | None = None,
    client_id: str | None = None,
    expect: str | None = None,
    set_default: Flag = False,
    force: Flag = False,
    yes: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    signing: Later[SigningIn],
    elsewhere: Later[Elsewhere],
    enroller: Later[Enroller],
    handouts: Later[Handouts],
    prompter: Later[Prompter],
    sources: Later[SecretSources],
    browser: Later[Browser],
    selection: Later[SelectionStore],
    clock: Injected[Clock],
) -> int:
    """Sign in at a provider, by a browser or a code; where it has no sign-in, by its API key.

    Parameters
    ----------
    provider
        Where to sign in.
    method
        browser, device (a code that is typed elsewhere) or api-key; chosen if not given.
    profile_id
        The profile's id; made of the account if not given, so that two accounts stand side by side.
    device_code
        The same as --method device.
    no_browser
        Open none: the page is opened elsewhere, and its address pasted here.
    port
        Where this machine waits for the browser, instead of a port of its own choice.
    client_id
        The OAuth application to sign in as, instead of the provider's usual one.
    expect
        Refuse every account but the one with this e-mail.
    set_default
        Make its usual model the default one.
    force
        Sign in again, though the profile is good.
    yes
        Do not ask before another program's application is used.
    json
        JSON lines: browser or device_code, pending, auth_success or auth_error; nothing is asked.
    """
    teller = ForProgram() if json else ForPerson()
    try:
        state = survey()
        row = named_provider(provider, state.providers)
        way: _Way | None = "device" if device_code else method
        options = _Options(way, profile_id, no_browser, port, client_id, expect, force, json)
        _refuse_odd(options, both=device_code and method not in (None, "device"))
        client = None if way == "api-key" else signing().client(row)
        if client is None:
            _refuse_no_sign_in(row, way)
            return _by_key(row, options, survey, sources(), prompter, elsewhere, enroller, browser)
        client = _chosen_client(client, row, client_id)
        if expect is not None and not client.client_id:
            raise Refused(f"{row.id} tells no e-mail", hint="leave --expect out")
        _refuse_good(state, options, row)
        consented = _consented(client, row, state, prompter, yes=yes, json=json)
        done, signed = asyncio.run(
            _signed_in(signing(), enroller(), row, client, options, teller, prompter)
        )
        handouts().signed_in(Attempt(row, done.summary, None), consented=consented)
        if set_default:
            _set_default(row, state, selection, clock())
    except BrokenPipeError:
        raise OutputFailed("nobody reads this any longer", hint="nothing was saved") from None
    except AuraError as failure:
        if not json:
            raise
        render.json({"event": "auth_error", "error": render.error(failure)})
        return code_of(failure)
    finally:
        teller.done()
    _say(done, signed, json=json)
    return 0


def _refuse_odd(options: _Options, *, both: bool) -> None:
    if both:
        raise Malformed("--device-code and another --method exclude each other", hint="choose one")
    if options.expect is not None and not options.expect.strip():
        raise Malformed("--expect names nobody", hint="give the e-mail of the account")
    if options.port is not None and not 1 <= options.port <= 65535:
        raise Malformed(
            f"--port {options.port} is out of range", hint="a whole number from 1 to 65535"
        )


def _refuse_no_sign_in(row: Provider, way: _Way | None) -> None:
    if way not in (None, "api-key"):
        raise Refused(
            f"{row.id} has no sign-in",
            hint=f"by its API key: aura_intelligence models auth login --provider {row.id}",
        )


async def _signed_in(
    signing: SigningIn,
    enroller: Enroller,
    row: Provider,
    client: Client,
    options: _Options,
    teller: ForPerson | ForProgram,
    prompter: Callable[[], Prompter],
) -> tuple[Enrolled, Signed]:
    client = await signing.discovered(row, client)
    method = _method(signing, client, options)
    opens = method == "browser" and not options.no_browser and signing.browser.is_here
    person = None if options.json else prompter()
    paste = person.pasted if person is not None and person.is_terminal else None
    wish = Wish(row, client, method, opens, options.port, options.expect or "")
    signed = await signing.run(wish, teller, paste)
    if options.expect and signed.email.casefold() != options.expect.strip().casefold():
        # Nobody keeps it: what is not wanted is given back, where that can be done.
        with contextlib.suppress(AuraError):
            if isinstance(signed.credential, OAuthToken):
                await signing.revoke(row, signed.credential)
        who = signed.email or "an account that tells no e-mail"
        raise Refused(f"that is {who}, not {options.expect}", hint="nothing was saved")
    usual = named_for(signed.email or signed.account)
    new = NewCredential(
        provider=row,
        profile_id=chosen_id(options.profile_id, row, usual),
        credential=signed.credential,
        verify=False,
    )
    return await enroller.enrol(new), signed


def _method(signing: SigningIn, client: Client, options: _Options) -> Method:
    if options.method == "device" and not client.device_url:
        raise Refused("there is no sign-in by a code", hint="use: --method browser")
    if options.method == "browser" and not client.authorize_url:
        raise Refused("there is no sign-in by a browser", hint="use: --method device")
    if options.method == "device" or options.method == "browser":
        return options.method
    return signing.method(client, browser=not options.no_browser)


def _chosen_client(client: Client, row: Provider, client_id: str | None) -> Client:
    if client_id is not None:
        return client._replace(client_id=client_id.strip(), owner="own", notice="")
    if not client.client_id and row.id != "openrouter":
        raise Malformed(
            f"{row.id} signs in as an application of your own",
            hint=f"register one there, then give --client-id; see docs/sign-in.md, {row.id}",
        )
    return client


def _refuse_good(state: State, options: _Options, row: Provider) -> None:
    if options.profile_id is None or options.force:
        return
    id = chosen_id(options.profile_id, row, "")
    for profile in state.profiles:
        if profile.id == id and profile.kind == "oauth" and profile.refreshable:
            raise Refused(f"{id} is signed in", hint="to sign in again: --force")


def _consented(
    client: Client,
    row: Provider,
    state: State,
    prompter: Callable[[], Prompter],
    *,
    yes: bool,
    json: bool,
) -> bool:
    """Whether a person agreed to be another program; asked once for each provider."""
    if client.owner != "borrowed":
        return False
    if any(p.provider == row.id and p.kind == "oauth" for p in state.profiles):
        return True
    agreed(
        prompter,
        "Sign in as that program?",
        details=(client.notice,),
        yes=yes,
        no_input=json,
        instead=f"aura_intelligence models auth login --provider {row.id} --yes",
    )
    return True


def _by_key(
    row: Provider,
    options: _Options,
    survey: Survey,
    sources: SecretSources,
    prompter: Later[Prompter],
    elsewhere: Later[Elsewhere],
    enroller: Later[Enroller],
    browser: Later[Browser],
) -> int:
    """A provider without a sign-in: the page where keys are made, a hidden prompt, a free check."""
    is_seen = not (options.no_browser or options.json) and prompter().is_terminal
    if row.docs_url and is_seen and browser().is_here:
        browser().open(row.docs_url)
    return add(
        provider=row.id,
        profile_id=options.profile_id,
        no_input=options.json,
        json=options.json,
        survey=survey,
        sources=sources,
        prompter=prompter,
        elsewhere=elsewhere,
        enroller=enroller,
    )


def _set_default(row: Provider, state: State, selection: Later[SelectionStore], now: int) -> None:
    if row.probe_model is None:
        render.note(f"no usual model of {row.id} is known", "aura_intelligence models set")
        return
    ref = ModelRef(row.id, row.probe_model)
    changed_by(state.selection, selection, lambda before: before.with_default(ref), now, anew=True)


def _say(done: Enrolled, signed: Signed, *, json: bool) -> None:
    profile: ProfileSummary = done.summary
    if json:
        document: dict[str, Any] = {
            "event": "auth_success",
            "profile": profile_document(profile),
            "account": signed.account or None,
            "email": signed.email or None,
            "plan": signed.plan or None,
        }
        render.json(document)
        return
    who = signed.email or signed.account
    plan = f", {signed.plan}" if signed.plan else ""
    render.line(f"Signed in{f' as {who}{plan}' if who else ''}: {profile.id} ({profile.kind})")
    render.line(f"It is sent to {profile.base_url}.")
    if isinstance(signed.credential, OAuthToken) and not profile.refreshable:
        render.note("it cannot be refreshed: sign in again when it has expired")
