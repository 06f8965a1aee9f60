"""The command `aura_intelligence`: no Ctrl-C shows a traceback, however early or late it comes."""

import signal
import sys


def console() -> None:
    """Runs the words of the command line, and exits."""
    is_ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_ours:
        # While the program is loaded there is nothing to save.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from entrypoints.main import run
    from entrypoints.process import rare_collections

    def ready() -> None:
        if is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        with rare_collections():
            code = run(sys.argv[1:], ready=ready)
        if is_ours:
            # What was to be done is done.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        # A second one, while the first was told.
        code = 130
    sys.exit(code)
