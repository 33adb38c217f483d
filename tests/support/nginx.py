"""Run a real nginx with the example of the documentation, on loopback and on free ports."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.patience import PATIENCE

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "deploy" / "nginx.conf"
AROUND = """daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/start.log;
events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/hallpass.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Hold where it listens, and the folder with its logs."""

    address: str
    plain: str
    folder: Path

    @property
    def logged(self) -> str:
        """Return all that it has written."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


def nginx() -> str:
    """Return the program, or leave the test out by name where it is not installed."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("nginx is missing, and with CI=true no test is skipped: apt-get install nginx-light")
    if found is None:
        pytest.skip("nginx is missing: apt-get install nginx-light")
    return found


@contextmanager
def proxied(folder: Path, behind: Sequence[str]) -> Iterator[Proxy]:
    """Stand in front of these addresses until the block is left; `folder` holds server.pem and server.key."""
    secure, plain = free_port(), free_port()
    (folder / "hallpass.conf").write_text(adapted(folder, behind, secure, plain))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    command = [nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(secure, process)
            yield Proxy(f"https://127.0.0.1:{secure}", f"http://127.0.0.1:{plain}", folder)
        finally:
            process.terminate()


def adapted(folder: Path, behind: Sequence[str], secure: int, plain: int) -> str:
    """Return the example with ports, places and certificates of this test, and nothing else changed."""
    example = EXAMPLE.read_text(encoding="utf-8")
    servers = "".join(f"    server {urlsplit(address).netloc};\n" for address in behind)
    example = re.sub(r"(    server 127\.0\.0\.1:\d+;\n)+", servers, example, count=1)
    for before, after in (
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        ("/etc/letsencrypt/live/portal-help.example.org/fullchain.pem", f"{folder}/server.pem"),
        ("/etc/letsencrypt/live/portal-help.example.org/privkey.pem", f"{folder}/server.key"),
        ("/var/log/nginx/", f"{folder}/"),
    ):
        assert before in example, before
        example = example.replace(before, after)
    return example


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "nginx ended: its configuration is wrong"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
