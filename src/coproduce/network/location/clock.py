"""How long a search may go on: until its time is up or somebody presses Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any


class Clock:
    """Runs from its making; inside ``with`` the first Ctrl-C stops the search, the second all.

    Args:
        time_limit_s: seconds until `is_over`.
    """

    def __init__(self, time_limit_s: float) -> None:
        self._began = time.monotonic()
        self._limit_s = time_limit_s
        self.was_interrupted = False
        self._before: Any = None

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    @property
    def left_s(self) -> float:
        """Seconds left, at least zero."""
        return 0.0 if self.was_interrupted else max(0.0, self._limit_s - self.seconds)

    def is_over(self) -> bool:
        """Return whether to stop now."""
        return self.was_interrupted or self.seconds >= self._limit_s

    def __enter__(self) -> Clock:
        # Only the main thread may set a handler; elsewhere Ctrl-C is the caller's business.
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.was_interrupted:
            raise KeyboardInterrupt
        self.was_interrupted = True
