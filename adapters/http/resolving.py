"""Names resolved on threads nobody waits for."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class LeftBehind(ThreadPoolExecutor):
    """Runs each call (asyncio resolves names here) on a daemon thread nobody waits for.

    A resolver that hangs must not outlive the deadline: `asyncio.run` joins its executor's threads.
    """

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = call(*args, **named)
            except (OSError, ValueError, UnicodeError) as failure:
                with contextlib.suppress(Exception):
                    future.set_exception(failure)
            else:
                future.set_result(result)

        threading.Thread(target=work, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """There is nothing to wait for."""
