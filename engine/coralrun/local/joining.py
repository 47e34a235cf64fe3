"""A cluster that is there already: where its scheduler is, and what it means that it cannot be reached.

Rule: whoever cannot join is told which of the two it is, that nobody answers or that the certificates do not fit, and
what to do. Certificates are Dask's own configuration, and never stand in a survey.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from coralrun.errors import ServiceError
from coralrun.files.given import read_given
from coralrun.local.compute import TLS, Compute

FILE_WITHIN_S: Final = 30.0
"""A scheduler that is started beside coralrun, as in the script of a job, takes some seconds to write its file."""

_LOOKS_EVERY_S: Final = 0.2
_MOST_FILE_BYTES: Final = 10 * 1024 * 1024  # it lists the workers too
_START_IT: Final = "Start it, or correct `compute`; a run that was started goes on with `coralrun resume`."
_CERTIFICATES: Final = (
    "Let Dask's own configuration name the files of the cluster: distributed.comm.tls.ca-file, "
    "distributed.comm.tls.client.cert and distributed.comm.tls.client.key, in ~/.config/dask/distributed.yaml."
)


def scheduler_address(compute: Compute) -> str:
    """The address of the scheduler; raises ServiceError where its file is not there, or names none."""
    if compute.scheduler_file is None:
        return compute.scheduler or ""
    try:
        said = json.loads(read_given(Path(compute.scheduler_file), _MOST_FILE_BYTES))
    except OSError as error:
        raise ServiceError(f"{compute.scheduler_file}: {error.strerror or error}", remedy=_START_IT) from error
    except (ValueError, RecursionError):
        said = None
    address = said.get("address") if isinstance(said, dict) else None
    if not isinstance(address, str) or "://" not in address:
        raise ServiceError(f"{compute.scheduler_file}: not the file of a Dask scheduler", remedy=_START_IT)
    return address


def await_scheduler_file(compute: Compute) -> None:
    """Wait a while for the file of a scheduler that is just being started."""
    path = None if compute.scheduler_file is None else Path(compute.scheduler_file)
    until_s = time.monotonic() + FILE_WITHIN_S
    while path is not None and not path.exists() and time.monotonic() < until_s:
        time.sleep(_LOOKS_EVERY_S)


def unreachable(address: str, error: Exception, *, is_final: bool) -> ServiceError:
    """Why a scheduler could not be joined, by what Dask raised; `is_final` if Dask says that no other try can help."""
    if isinstance(error, TypeError) and address.startswith(TLS):  # Dask's word for no certificate of its own
        why = "needs certificates (TLS), and Dask's configuration here names none"
    elif is_final or isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        why = f"and this computer do not accept each other's certificates ({_detail(error)})"
    elif isinstance(error, FileNotFoundError) and address.startswith(TLS):
        why = "needs certificates (TLS), and a file that Dask's configuration names for them is not there"
    else:
        return ServiceError(f"no Dask scheduler answers at {address} ({type(error).__name__})", remedy=_START_IT)
    return ServiceError(f"the Dask scheduler at {address} {why}", remedy=_CERTIFICATES)


def no_tls(compute: Compute) -> Iterator[str]:
    """What whoever joins a cluster should know that has no TLS."""
    try:
        address = scheduler_address(compute)
    except ServiceError:  # it may be started later
        return
    if address and not address.startswith(TLS):
        yield (
            f"the Dask scheduler at {address} has no TLS: whoever reaches its port can run code on the workers, and on "
            "this computer"
        )


def _detail(error: Exception) -> str:
    told = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    reason = "" if isinstance(told, ssl.SSLEOFError) else str(getattr(told, "reason", None) or "")
    return reason.lower().replace("_", " ") or "one is not of the authority that the other knows"
