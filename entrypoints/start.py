"""The command `aura_intelligence`: no Ctrl-C shows a traceback, however early or late it comes."""

import os
import signal
import sys
from collections.abc import Callable

CYCLOPTS_ONLY = "AURA_INTELLIGENCE_CYCLOPTS_ONLY"
"""A variable that, set to anything, switches the hot lane off: benchmarks compare."""


def console() -> None:
    """Runs the words of the command line, and exits."""
    is_ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_ours:
        # While the program is loaded there is nothing to save.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def ready() -> None:
        if is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        code, reads = _run(sys.argv[1:], ready)
        if is_ours:
            # What was to be done is done.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        # A second one, while the first was told.
        code, reads = 130, False
    if reads:
        # Both streams are flushed, and a reader holds nothing else: the interpreter would only
        # take itself apart, for a sixth of the time.
        os._exit(code)
    sys.exit(code)


def _run(argv: list[str], ready: Callable[[], object]) -> tuple[int, bool]:
    """The exit code, and whether nothing but reading was done."""
    if CYCLOPTS_ONLY not in os.environ:
        from entrypoints import hot

        code = hot.run(argv, os.environ, ready=ready)
        if code is not None:
            return code, True
    from entrypoints.main import run
    from entrypoints.process import rare_collections

    with rare_collections():
        return run(argv, ready=ready), False
