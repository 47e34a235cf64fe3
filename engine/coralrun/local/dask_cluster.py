"""Dask: a cluster of this process's own, or one that is there already.

Rule: this is the one module that knows Dask. A cluster of our own has workers of one thread in processes of their own,
speaks TLS with a certificate of this hour on this machine alone, and shows no page. Of one that is joined every worker
is asked what it has installed before it gets a task, and one that would compute otherwise is refused by its name. A
future is let go of as its result is taken: a finished task whose future is held is computed again when its worker dies.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Final

import dask
import distributed
from distributed import Client, Future, LocalCluster, Security
from distributed.comm.core import FatalCommClosedError
from distributed.utils import LoopRunner

from coralrun.errors import ServiceError
from coralrun.local import bare_workers, interruption
from coralrun.local.compute import Compute
from coralrun.local.grouping import Took, grouped
from coralrun.local.joining import await_scheduler_file, scheduler_address, unreachable
from coralrun.local.probes import SAME, check_versions, digester, prober
from coralrun.local.tasks import Came, Died, Finished, Lost, Task
from coralrun.local.uncollected import uncollected
from coralrun.local.work import Model, classify_all
from coralrun.machine.reasons import Reason

TRIES: Final = 1
"""Workers beyond the first that a task of our own cluster may take with it: then it is tried alone."""

WORKER_BYTES: Final = 400_000_000
"""What a worker takes before it has a photo: Python with Dask 150 MB, onnxruntime with model and crops 230 MB."""

STARTS: Final = 3
CONNECT_S: Final = 10.0
AGAIN_S: Final = 5.0
ALONE_S: Final = 30.0  # a worker that died is there again after some seconds
LOOK_S: Final = 2.0
_LOOPBACK: Final = "127.0.0.1"
_TAKEN_AT_ONCE: Final = 64
_GATHER_S: Final = 0.02
"""A result takes a question of its own to be had, or one with others that come as soon: a photo takes far longer."""

_QUIET: Final = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.deploy.lost-worker-timeout": "1h",
}
"""What a cluster of our own does not do: watch itself, show pages, and give a worker up that is slow to begin again."""


Group = tuple[list[Finished], float]
"""What the photos of one task came to, in their order, and the seconds that they took."""


class DaskCluster:
    """`tasks.Cluster` with Dask; raises UsageError and ServiceError where it cannot begin."""

    def __init__(self, compute: Compute, model: Model, nonce: str) -> None:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # one printer: it would write to the terminal
        warnings.filterwarnings("ignore", message="Sending large graph", category=UserWarning)
        self._compute = compute
        self._model = model
        self._nonce = nonce
        self._own: LocalCluster | None = None
        self._loop: LoopRunner | None = None
        self._client: Client | None = None
        self._held: Future[Model] | None = None
        self._under_way: dict[str, tuple[Future[Group], list[str]]] = {}
        self._done: SimpleQueue[Future[Group]] = SimpleQueue()
        self._took = Took()
        self._known: frozenset[str] = frozenset()
        self._photo_bytes: int | None = None
        self._threads = 0
        self._looked_s = self._tried_s = self._seen_s = self._replaced_s = float("-inf")
        self.trouble = ""
        if compute.is_own:
            self._loop = LoopRunner()
            with interruption.held_back(), uncollected():
                self._loop.start()  # the thread that starts the workers
            self._own = _started(compute, self._loop)
        await_scheduler_file(compute)
        self._connect()

    @property
    def threads(self) -> int:
        """How many tasks are computed at once."""
        return self._threads

    @property
    def photo_bytes(self) -> int | None:
        """What a worker's memory leaves for a photo."""
        return self._photo_bytes

    @property
    def addresses(self) -> tuple[str, ...]:
        """The workers at work now."""
        return tuple(sorted(self._known))

    @property
    def worked(self) -> tuple[float, int]:
        """What workers computed."""
        return self._took.worked_s, self._took.points

    def send(self, tasks: Sequence[Task]) -> None:
        """Have tasks computed."""
        assert self._client is not None  # noqa: S101 - nothing is sent while there is trouble
        groups = list(grouped(tasks, self.photos_at_once))
        futures = self._client.map(
            classify_all,
            [self._held] * len(groups),
            [[(task.place, task.points, task.sha256) for task in group] for group in groups],
            key=[_key(group[0]) for group in groups],
            pure=False,
        )
        for group, future in zip(groups, futures, strict=True):
            self._under_way[group[0].key] = (future, [task.key for task in group])
            future.add_done_callback(self._done.put)

    @property
    def photos_at_once(self) -> int:
        """By what photos took lately."""
        return self._took.at_once(self._threads)

    def take(self, timeout_s: float) -> Sequence[tuple[str, Came]]:
        """What came back."""
        if self._client is None or self._client.status != "running":
            return self._reconnect(timeout_s)
        if time.monotonic() - self._looked_s >= LOOK_S:
            self._look(self._client)
        futures: list[Future[Group]] = []
        try:
            futures.append(self._done.get(timeout=timeout_s))
            time.sleep(_GATHER_S)
            while len(futures) < _TAKEN_AT_ONCE:
                futures.append(self._done.get_nowait())
        except Empty:
            pass
        return list(self._results(futures))

    def digests(self, path: str) -> Mapping[str, str]:
        """The SHA-256 of a file as each worker sees it, "" where one does not."""
        return {} if self._client is None else self._client.run(digester(), path)

    def close(self) -> None:
        """Leave the cluster; one of our own ends."""
        for taken in (self._client, self._own):
            if taken is not None:
                with uncollected(), suppress(TimeoutError, OSError, RuntimeError):  # the rest ends with this process
                    taken.close(timeout=AGAIN_S)
        if self._loop is not None:
            with uncollected():
                self._loop.stop(timeout=AGAIN_S)
        self._client = self._own = self._loop = None

    def _connect(self) -> None:
        address = scheduler_address(self._compute)
        try:
            with uncollected():
                at = address if self._own is None else self._own
                self._client = client = Client(at, set_as_default=False, timeout=CONNECT_S)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise unreachable(address, error, is_final=isinstance(error, FatalCommClosedError)) from error
        self._known = frozenset()
        self._look(client)
        self._held = client.submit(_as_is, self._model, key=f"coralrun-model-{self._nonce}-{time.monotonic_ns()}")

    def _reconnect(self, timeout_s: float) -> Sequence[tuple[str, Came]]:
        """Begin anew with a scheduler that was away: it remembers nothing of ours."""
        lost: list[tuple[str, Came]] = [(key, Lost()) for _, keys in self._under_way.values() for key in keys]
        self._under_way.clear()
        self._done = SimpleQueue()
        self.trouble = "the Dask scheduler does not answer"
        if self._client is not None:
            with uncollected(), suppress(TimeoutError, OSError, RuntimeError):
                self._client.close(timeout=AGAIN_S)
            self._client = None
        if not lost and time.monotonic() - self._tried_s < AGAIN_S:
            time.sleep(timeout_s)
        elif not lost:
            self._tried_s = time.monotonic()
            try:
                self._connect()
            except ServiceError:
                return lost
        return lost

    def _look(self, client: Client) -> None:
        """See who is at work; whoever is new is asked what it has."""
        self._looked_s = time.monotonic()
        workers = client.scheduler_info(n_workers=-1)["workers"]
        fresh = sorted(workers.keys() - self._known)
        if fresh and self._own is None:
            check_versions(client.run(prober(), SAME, workers=fresh, on_error="return"))
        self._known = frozenset(workers)
        self._threads = sum(worker["nthreads"] for worker in workers.values())
        if workers:
            self._seen_s = self._looked_s
        if self._own is not None and len(workers) < len(self._own.worker_spec):
            self._replace_workers(self._own)
        is_alone = self._looked_s - self._seen_s > ALONE_S
        self.trouble = "no worker is at work on the Dask cluster" if is_alone else ""
        each = [worker["memory_limit"] / worker["nthreads"] for worker in workers.values() if worker["memory_limit"]]
        self._photo_bytes = max(0, int(min(each)) - WORKER_BYTES) if each else None

    def _replace_workers(self, own: LocalCluster) -> None:
        """Have workers of our own again in the place of those that are gone for good, now and then."""
        if self._looked_s - self._replaced_s > ALONE_S:
            self._replaced_s = self._looked_s
            own.scale(len(own.worker_spec))

    def _results(self, futures: Iterable[Future[Group]]) -> Iterator[tuple[str, Came]]:
        by_key = {future.key[-1]: future for future in futures}
        whole = [future for future in by_key.values() if future.status == "finished"]
        found: dict[str, Group] = {}
        if whole and self._client is not None:
            try:
                answers = self._client.gather(whole)
                found = {future.key[-1]: answer for future, answer in zip(whole, answers, strict=True)}
            except Exception:  # one of them was lost meanwhile: each is asked for alone
                found = {}
        for key, future in by_key.items():
            came = found[key] if key in found else _came(future)
            _, keys = self._under_way.pop(key, (future, []))
            future.release()
            if isinstance(came, tuple):
                finished, took_s = came
                self._took.learn(finished, took_s)
                yield from zip(keys, finished, strict=True)
            else:
                yield from ((photo, came) for photo in keys)


def _started(compute: Compute, loop: LoopRunner) -> LocalCluster:
    """A cluster of our own, tried again where a worker of it ended before it began."""
    dask.config.set(_QUIET)
    bare_workers.begin_without_script()
    for _ in range(STARTS - 1):
        with suppress(RuntimeError, TimeoutError, OSError):
            return _own_cluster(compute, loop)
    try:
        return _own_cluster(compute, loop)
    except (RuntimeError, TimeoutError, OSError) as error:
        raise ServiceError(
            f"the workers on this computer do not start ({error.__cause__ or error})",
            remedy="Give them more memory, or have fewer: `compute: {workers: 1, memory: 2GB}`.",
        ) from error


def _own_cluster(compute: Compute, loop: LoopRunner) -> LocalCluster:
    return LocalCluster(
        n_workers=compute.workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=compute.memory or "auto",
        host=_LOOPBACK,
        protocol="tls://",
        security=Security.temporary(),
        loop=loop.loop,
        dashboard_address=None,
        worker_dashboard_address=None,
        preload=[interruption.__name__],
        silence_logs=logging.CRITICAL,
        scheduler_kwargs={"allowed_failures": TRIES, "dashboard": False, "dashboard_address": f"{_LOOPBACK}:0"},
    )


def _key(task: Task) -> Any:
    """A task's key on the scheduler: those of one run are one group, and the scheduler shares out a group evenly."""
    return (f"coralrun-{task.key.partition('.')[0]}", task.key)


def _came(future: Future[Group]) -> Group | Came:
    """What a task came to that may have no result."""
    try:
        finished: Group = future.result(timeout=CONNECT_S)
    except distributed.KilledWorker:
        return Died()
    except (TimeoutError, distributed.CancelledError, distributed.comm.CommClosedError):
        return Lost()
    except Exception:  # whatever a worker of somebody else's cluster may raise
        return Finished(Reason.SERVICE_ERROR)
    return finished


def _as_is(model: Model) -> Model:
    return model
