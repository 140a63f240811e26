"""Who does the work: this process, several processes of this machine, or a Dask cluster. What comes out is the same."""

from __future__ import annotations

import signal
from asyncio import CancelledError as AsyncCancelled
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from typing import Any, TypeAlias

from engine.simulation.question import Simulation
from engine.simulation.stage import Stage
from engine.simulation.working import content_of, work, work_elsewhere

# given the question and the pieces that are missing: (piece, what came of it), in the order in which they are finished
Workers: TypeAlias = Callable[[Simulation, Sequence[int]], Iterator[tuple[int, Any]]]
_PATIENCE = 20  # seconds to reach a cluster


class NoCluster(Exception):
    """The workers cannot be used, or are gone: processes or a Dask cluster. `message` says why, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def alone(question: Simulation, chunks: Sequence[int]) -> Iterator[tuple[int, Any]]:
    """In this process, one piece after the other."""
    stage = Stage.of(question)
    for chunk in chunks:
        yield chunk, content_of(work(stage, chunk))


def processes(count: int, stopping: Callable[[], None] | None = None) -> Workers:
    """`count` processes of this machine. `stopping` is called on Ctrl-C, before the running pieces are waited for.

    Raises NoCluster if one of them was killed.
    """

    def run(question: Simulation, chunks: Sequence[int]) -> Iterator[tuple[int, Any]]:
        # fresh processes: a copy of one in which threads run may stand still for ever
        given = (question.fingerprint(), question.lean.packed())  # once per process, not per piece
        pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin, initargs=given)
        try:
            waiting = [pool.submit(_work, chunk) for chunk in chunks]
            for future in as_completed(waiting):
                yield future.result()
        except BrokenProcessPool:
            raise NoCluster("a worker process was killed, or ran out of memory", "fewer --workers need less") from None
        except KeyboardInterrupt:
            if stopping is not None:
                stopping()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    return run


_given: list[tuple[str, bytes]] = []  # in a process of a pool: what it works at


def _begin(fingerprint: str, packed: bytes) -> None:
    """Ctrl-C is for the process that was started by hand; it stops the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _given[:] = [(fingerprint, packed)]


def _work(chunk: int) -> tuple[int, Any]:
    return work_elsewhere(*_given[0], chunk)


def cluster(address: str) -> Workers:
    """A Dask cluster; its machines need this program, in the same release. Raises NoCluster."""

    def run(question: Simulation, chunks: Sequence[int]) -> Iterator[tuple[int, Any]]:
        client, completed = _connected(address)
        try:
            packed = _spread(client, question.lean.packed())
            fingerprint = question.fingerprint()
            waiting = [client.submit(work_elsewhere, fingerprint, packed, chunk, pure=False) for chunk in chunks]
            for future in completed(waiting, loop=client.loop):
                yield _result(future)
        except (OSError, TimeoutError, CancelledError, AsyncCancelled) as error:
            told = f"the cluster at {address} is gone: {error or type(error).__name__}"
            raise NoCluster(told, "see whether its scheduler runs") from None
        finally:
            _let_go(client)

    return run


def _let_go(client: Any) -> None:
    """Whether or not it is still there."""
    with suppress(OSError, TimeoutError, CancelledError, AsyncCancelled):
        client.close()


def _spread(client: Any, packed: bytes) -> Any:
    """Give the question to every worker, once."""
    try:
        return client.scatter(packed, broadcast=True, hash=False)
    except TimeoutError:
        raise NoCluster("the cluster has no worker", "start some with `dask worker ADDRESS`") from None


def _result(future: Any) -> tuple[int, Any]:
    from distributed import KilledWorker

    try:
        found: tuple[int, Any] = future.result()
    except (ImportError, AttributeError, KilledWorker) as error:
        hint = "install the same release of this program on every machine"
        raise NoCluster(f"a worker cannot do its part: {error}", hint) from None
    return found


def _connected(address: str) -> tuple[Any, Any]:
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise NoCluster(
            "a cluster needs the library distributed", 'from the checkout of this program: pip install ".[distributed]"'
        ) from None
    try:
        connect: Any = Client  # published without types
        return connect(address, timeout=_PATIENCE, set_as_default=False), as_completed
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise NoCluster(
            f"no cluster answers at {address}: {error}", "start one with `dask scheduler` and `dask worker`"
        ) from None
