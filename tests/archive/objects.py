"""An S3 server on this machine: `moto`, which checks credentials and creates an object in one step."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from moto.server import ThreadedMotoServer

SECRET = "a-secret-that-nobody-is-shown"


@contextmanager
def running_store() -> Generator[str]:
    """Run an S3 server until the end of the block, and yield its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def environment(endpoint: str) -> dict[str, str]:
    """Return the variables that send every S3 client of a process to a store, and never to a real account."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "the-key-id",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }


def s3() -> Any:
    """Return S3 by fsspec, with the environment as it is now; fsspec does not read it again by itself."""
    system = import_module("s3fs").S3FileSystem
    system.clear_instance_cache()
    return system()
