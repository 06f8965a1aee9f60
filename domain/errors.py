"""Every error this program reports, as one tree.

    AuraError
    ├── Malformed                words that cannot be understood                    exit 64
    ├── Refused                  understood, but what is stored forbids it          exit 1
    │   ├── NotFound             the thing named is not there
    │   ├── AlreadyExists        the name is taken, or the entry is there already
    │   ├── Changed              somebody else wrote it since it was read
    │   ├── InUse                something still refers to it
    │   ├── Undecidable          a bare model name, and nothing stored says whose
    │   ├── CredentialRejected   the provider refused the credential before it was saved
    │   ├── SignInFailed         a sign-in that was refused, or answered with something else
    │   ├── NeedsLogin           a grant that cannot be refreshed any longer
    │   ├── NoCandidate          nothing of a chain can be tried now
    │   └── PluginFailed         a plug-in that cannot be used: its code, or who made it
    ├── NotStarted               a program of `models exec` that cannot be run      exit 126
    │   └── ProgramMissing       no program has that name                           exit 127
    └── Unavailable              store, key or network cannot be used now           exit 69
        ├── KeyMissing           the key that opens the store is not there
        ├── KeyMalformed         a key is there, but is not 32 bytes
        ├── WrongKey             a key is there, and it is another store's
        ├── RecordDamaged        an encrypted record cannot be opened: damaged or changed
        ├── ProviderTampered     an own provider's entry was changed without the store's key
        ├── SelectionTampered    what was chosen does not carry our signature
        ├── EndpointMoved        the address is not the one the secret was saved for
        ├── UnsafeFile           a link, a foreign owner, or a mode that lets others read
        ├── NotAStore            the file is something else
        ├── StoreNewer           written by a newer version of this program
        ├── StoreDamaged         SQLite says the file is malformed
        ├── StoreReadonly        the store cannot be written
        ├── StoreFull            no space left
        ├── StoreBusy            another process holds the store
        ├── StoreFailed          any other failure of the storage
        │   └── StoreGone        its server went away or gave the write up: nothing was changed
        ├── OutputFailed         what was to be printed cannot be written
        ├── WireFailure          no usable answer came from the network
        ├── RefreshFailed        a grant that is due could not be refreshed now
        ├── CommandNotConfirmed  a command whose output is a secret, new on this machine
        ├── CommandFailed        a command that printed no credential
        ├── GrantLost            a grant was refreshed, and the new one could not be stored
        └── NoAnswer             everything was tried, and nothing answered

`str(error)` is one line fit for a person and never holds a secret; `hint` says what to do next;
`type` is the stable word scripts may match on.
"""

from typing import ClassVar


class AuraError(Exception):
    """Root of the tree. `message` is one line; `hint` says what to do next, or is None."""

    type: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Malformed(AuraError):
    type = "malformed"


class Refused(AuraError):
    type = "refused"


class NotFound(Refused):
    type = "not_found"


class AlreadyExists(Refused):
    type = "already_exists"


class Changed(Refused):
    """Somebody else wrote it since it was read."""

    type = "changed"


class InUse(Refused):
    type = "in_use"


class Undecidable(Refused):
    type = "provider_unknown"


class CredentialRejected(Refused):
    type = "credential_rejected"


class SignInFailed(Refused):
    """A sign-in that was refused, or answered with something else."""

    type = "sign_in_failed"


class NeedsLogin(Refused):
    """A grant that cannot be refreshed any longer."""

    type = "needs_login"


class NoCandidate(Refused):
    type = "no_candidate"


class PluginFailed(Refused):
    type = "plugin_failed"


class NotStarted(AuraError):
    type = "not_started"


class ProgramMissing(NotStarted):
    type = "program_missing"


class Unavailable(AuraError):
    type = "unavailable"


class KeyMissing(Unavailable):
    type = "key_missing"


class KeyMalformed(Unavailable):
    type = "key_malformed"


class WrongKey(Unavailable):
    type = "wrong_key"


class RecordDamaged(Unavailable):
    type = "record_damaged"


class ProviderTampered(Unavailable):
    type = "provider_tampered"


class SelectionTampered(Unavailable):
    type = "selection_tampered"


class EndpointMoved(Unavailable):
    type = "endpoint_moved"


class UnsafeFile(Unavailable):
    type = "unsafe_file"


class NotAStore(Unavailable):
    type = "not_a_store"


class StoreNewer(Unavailable):
    type = "store_newer"


class StoreDamaged(Unavailable):
    type = "store_damaged"


class StoreReadonly(Unavailable):
    type = "store_readonly"


class StoreFull(Unavailable):
    type = "store_full"


class StoreBusy(Unavailable):
    type = "store_busy"


class StoreFailed(Unavailable):
    type = "store_failed"


class StoreGone(StoreFailed):
    """Its server went away, or gave a transaction up: nothing was changed, it may be done again."""

    type = "store_gone"


class OutputFailed(Unavailable):
    type = "output_failed"


class WireFailure(Unavailable):
    """No usable answer. `reason` is `timeout`, or what failed: dns, refused, tls, reset, …"""

    type = "network"

    def __init__(self, reason: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class GrantLost(Unavailable):
    """A grant was refreshed, and the new one could not be stored: the old one is worth nothing."""

    type = "grant_lost"


class RefreshFailed(Unavailable):
    """A grant that is due could not be refreshed now; what is stored is as it was."""

    type = "refresh_failed"


class CommandNotConfirmed(Unavailable):
    """A command whose output is a secret, which nobody let run on this machine."""

    type = "command_not_confirmed"


class CommandFailed(Unavailable):
    """A command that printed no credential."""

    type = "command_failed"


class NoAnswer(Unavailable):
    type = "no_answer"
