"""Taking in what other programs keep: what is found, and what of it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from application.enrolment import Enroller, NewCredential
from application.grants.signing_in import SigningIn
from application.ports.elsewhere import OtherTools
from application.ports.people import Clock
from application.ports.store import ProfileStore, SelectionStore
from domain.credentials.credential import OAuthToken
from domain.errors import AuraError, Refused
from domain.handover.tools.admission import Admission, Admitted, admitted, chosen
from domain.handover.tools.contents import Contents, Found, Left
from domain.handover.tools.sources import contents_of
from domain.handover.tools.variables import contents as contents_of_variables
from domain.providers.refs import provider_id
from domain.providers.row import Provider
from domain.routing.state import State
from domain.selection.selection import Selection


class Findings(NamedTuple):
    """What `files` hold; `exposed` are those that other users may read."""

    contents: Contents
    files: tuple[str, ...]
    exposed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Importer:
    tools: OtherTools
    enroller: Enroller
    signing: SigningIn
    selection: SelectionStore
    profiles: ProfileStore
    environ: Mapping[str, str]
    clock: Clock

    def found(self, source: str, path: Path | None, state: State, *, move: bool) -> Findings:
        """What `source` has. With `move` its grants are ours from now on. Raises what
        OtherTools.files raises.
        """
        rows = state.providers.values()
        if source == "env":
            return Findings(contents_of_variables(self.environ, rows, "the environment"), (), ())
        files = self.tools.files(source, path)
        paths = tuple(file.path for file in files)
        if source == "dotenv":
            (file,) = files
            contents = contents_of_variables(file.document, rows, Path(file.path).name)
        else:
            contents = contents_of(source, files)
        exposed = tuple(file.path for file in files if file.exposed)
        return Findings(self._owned(contents, state, move), paths, exposed)

    def _owned(self, contents: Contents, state: State, move: bool) -> Contents:
        """The same, each grant with who refreshes it from now on; who cannot be, is left."""
        found, left = [], [*contents.left]
        for one in contents.found:
            try:
                found.append(self._moved(one, state) if move else self._kept(one))
            except AuraError as refusal:
                left.append(Left(one.place, str(refusal)))
        return contents._replace(found=tuple(found), left=tuple(left))

    def _kept(self, found: Found) -> Found:
        """Its refresh token stays where it is; its file has to be fit to be read again."""
        if found.kept is None:
            return found
        token = self.tools.grant(found.kept, found.provider)
        return found._replace(credential=replace(token, refresh=None))

    def _moved(self, found: Found, state: State) -> Found:
        token = found.credential
        if found.kept is None or not isinstance(token, OAuthToken):
            return found
        row = state.providers.get(provider_id(found.provider))
        client = self.signing.client(row) if row else None
        if client is None or not client.client_id:
            raise Refused(f"only {found.kept.tool} can refresh it: it cannot be moved")
        return found._replace(credential=replace(token, client=client), kept=None)

    def admitted(self, found: Findings, state: State, *, overwrite: bool) -> Admission:
        """What of it is new here. Raises KeyMissing, WrongKey."""
        return admitted(found.contents, state, self.profiles.marker(), overwrite=overwrite)

    async def stored(
        self, admission: Admission, found: Findings, state: State, *, overwrite: bool
    ) -> None:
        """Providers and models first, then each credential, then their order."""
        after = admission.before
        if admission.after != admission.before:

            def change(before: Selection) -> Selection:
                return chosen(found.contents, state._replace(selection=before), overwrite).after

            after = self.selection.update(change, self.clock())
        rows = {**state.providers, **{row.id: row for row in after.providers}}
        for one in admission.credentials:
            if one.is_stored:
                await self._enrol(one, rows)
        if admission.orders:

            def order(before: Selection) -> Selection:
                for provider, ids in admission.orders.items():
                    before = before.with_order(provider, ids)
                return before

            self.selection.update(order, self.clock())

    async def _enrol(self, one: Admitted, rows: Mapping[str, Provider]) -> None:
        profile = one.profile
        new = NewCredential(
            provider=rows[profile.provider],
            profile_id=profile.id,
            credential=profile.credential,
            label=profile.label,
            base_url=profile.base_url,
            verify=False,
            origin=profile.origin,
        )
        await self.enroller.enrol(new)
