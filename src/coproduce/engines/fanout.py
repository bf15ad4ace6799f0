"""Work in a Python process of its own, on a core of its own.

A module-level function is named to a fresh interpreter, which finds it by import, runs it and
sends its result back. The fresh interpreter never imports the caller's main module, so a script
needs no main guard and ``python -m coproduce`` works.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, TypeVar

from coproduce.records import errors
from coproduce.records.errors import Cancelled, CoproduceError, ModelError, UsageError

Task = TypeVar("Task")
Answer = TypeVar("Answer")

POLL_SECONDS = 0.1
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from coproduce.engines.fanout import _serve; _serve(json.loads(sys.argv[2]))"
)


class Child:
    """A fresh interpreter that runs one function; made early, it loads while the caller works.

    Args:
        preload: modules the child imports while it waits for its task.

    Example:
        with Child() as child:
            ...
            answer = child.run(solve, task, timeout_s=60)
    """

    def __init__(self, preload: tuple[str, ...] = ()) -> None:
        arguments = [sys.executable, "-c", _BOOT, json.dumps(sys.path), json.dumps(preload)]
        self._process = subprocess.Popen(  # noqa: S603 — our own interpreter and our own text
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )

    def run(
        self,
        function: Callable[[Task], Answer],
        task: Task,
        *,
        timeout_s: float,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> Answer:
        """Return ``function(task)`` as computed in the child.

        Args:
            function: importable by name, so defined at the top of a module that is not the
                running script.
            task: anything that can be pickled.
            timeout_s: wall-clock limit in seconds, start of the child included.
            is_cancelled: asked before the child is waited for and then ten times a second; True
                ends the child at once.

        Raises:
            UsageError: E101 if the function cannot be found by import.
            ModelError: E102 if the limit passes, E103 if the child dies or fails otherwise;
                errors of ours come through as they were raised.
            Cancelled: E104 if the caller gave up.
        """
        named = _name(function)
        output, complaint = self._exchange(pickle.dumps((named, task)), timeout_s, is_cancelled)
        try:
            kind, content = pickle.loads(output)  # noqa: S301 — from our own child
        except (EOFError, pickle.UnpicklingError):
            raise ModelError(
                f"the solver process ended with code {self._process.returncode} and no answer: "
                f"{complaint.decode(errors='replace')[-2000:]}",
                code="E103",
            ) from None
        if kind == "error":
            raise _rebuilt(*content)
        answer: Answer = content
        return answer

    def _exchange(
        self, message: bytes, timeout_s: float, is_cancelled: Callable[[], bool] | None
    ) -> tuple[bytes, bytes]:
        ends_at = time.monotonic() + timeout_s
        # `communicate` forgets what it has not yet written when a wait runs out (CPython 3.11),
        # so a thread of ours feeds the child.
        stdin, self._process.stdin = self._process.stdin, None
        threading.Thread(target=_feed, args=(stdin, message), daemon=True).start()
        try:
            while True:
                # Asked before the first wait too: a quick child must not outrun the user's word.
                if is_cancelled is not None and is_cancelled():
                    raise Cancelled("the solver was stopped on request", code="E104")
                wait = max(0.0, min(POLL_SECONDS, ends_at - time.monotonic()))
                with suppress(subprocess.TimeoutExpired):
                    return self._process.communicate(timeout=wait)
                if time.monotonic() >= ends_at:
                    raise ModelError(
                        f"the solver gave no answer within {timeout_s:g} s and was stopped; "
                        "allow more time or make the task smaller",
                        code="E102",
                    )
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the child if it still runs and free its pipes."""
        if self._process.poll() is None:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:  # what was not yet written is of no use to anyone
                    continue
        self._process.wait()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def run_apart(
    function: Callable[[Task], Answer],
    task: Task,
    *,
    timeout_s: float,
    is_cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """Return ``function(task)`` as computed in a fresh interpreter; see `Child.run`."""
    with Child(preload=()) as child:
        return child.run(function, task, timeout_s=timeout_s, is_cancelled=is_cancelled)


def _feed(pipe: IO[bytes] | None, message: bytes) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError), pipe:  # a child that has ended reads no more
            pipe.write(message)


def _name(function: Callable[..., object]) -> tuple[str, str]:
    module = getattr(function, "__module__", "") or ""
    name = getattr(function, "__qualname__", "<lambda>")
    if module in ("", "__main__") or "<" in name:
        raise UsageError(
            f"{name} of {module} cannot be found by another process; define it at the top of an "
            "importable module",
            code="E101",
        )
    return module, name


def _rebuilt(name: str, message: str, code: str, where: str) -> CoproduceError:
    kind = getattr(errors, name, ModelError)
    error: CoproduceError = kind(message, code=code, where=where)
    return error


def _serve(preload: list[str]) -> None:
    """Answer one task read from standard input; whatever else is printed goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for module in preload:
        importlib.import_module(module)
    message = sys.stdin.buffer.read()
    if not message:
        return
    answers.write(pickle.dumps(_answer(message)))
    answers.close()


def _answer(message: bytes) -> tuple[str, Any]:
    try:
        (module, name), task = pickle.loads(message)  # noqa: S301 — from our own parent
        function: Any = importlib.import_module(module)
        for part in name.split("."):
            function = getattr(function, part)
        return "answer", function(task)
    except CoproduceError as error:
        plain = type(error) in (ModelError, UsageError, Cancelled, errors.VerificationFailed)
        kind = type(error).__name__ if plain else "ModelError"
        return "error", (kind, error.message, error.code, error.where)
    except Exception:
        return "error", ("ModelError", traceback.format_exc(limit=8), "E103", "")
