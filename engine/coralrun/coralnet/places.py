"""Where an account of CoralNet may stand on this computer.

Rule: nothing is read here, and no secret passes through.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import platformdirs

SERVICE_VARIABLE: Final = "CORALNET_SERVICE"
"""The address that the credentials of the environment belong to, where it is not the public CoralNet: a survey from
somebody else must not be able to send them anywhere by naming a service, nor to a port of this machine."""
SECRET_VARIABLES: Final = ("CORALNET_PASSWORD", "CORALNET_TOKEN")
"""Those that an account in the environment has one of."""


def credentials_file() -> Path:
    """The file of a user's own that may hold an account."""
    return platformdirs.user_config_path("coralrun") / "credentials"
