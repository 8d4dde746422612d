"""Runs pytest against the database that TEST_DATABASE names, starting the servers it needs."""

import contextlib
import os
import subprocess
import sys

from tests.servers import ServerMissing, postgres, redis_server


def main() -> int:
    with contextlib.ExitStack() as servers:
        environment = dict(os.environ)
        try:
            if environment.get("TEST_DATABASE") == "postgres":
                environment["DATABASE_URL"] = servers.enter_context(postgres())
            environment["TEST_REDIS_URL"] = servers.enter_context(redis_server())
        except ServerMissing as missing:
            # Never passed over in silence: a suite that needs a server and has none has failed.
            print(f"Cannot start a server that the tests need: {missing}", file=sys.stderr)  # noqa: T201
            return 1
        # Three for two cores: who kills and who is killed mostly wait.
        together = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
        command = [sys.executable, "-m", "pytest", *together, *sys.argv[1:]]
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
