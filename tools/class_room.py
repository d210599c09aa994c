"""Opening a class server: where students reach it, the sheet they copy from, the instructor's status line."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.user_cache import cache_folder
from tools.class_gate import Gate
from tools.class_handout import KEY, URL, as_html, as_markdown
from tools.class_keys import write_private
from tools.class_network import lan_addresses

QUIET_SECONDS = 60.0  # between status lines where they cannot be overwritten (a log file)
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Room:
    """One opened class server.

    ``address``: this computer's, or the whole URL of a proxy that students use instead; "" chooses. ``folder``: where
    the sheet goes; ``alive`` tells whether the engine behind the gate still runs; ``check``: make one round trip as a
    student, then close.
    """

    gate: Gate
    folder: Path = field(default_factory=lambda: cache_folder("class"))
    address: str = ""
    alive: Callable[[], bool] = lambda: True
    check: bool = False
    status: int | None = field(default=None, init=False)  # what the process ends with; None: still open
    _said: str = field(default="", init=False)
    _said_at: float = field(default=0.0, init=False)

    def run(self) -> int:
        """Serve until Ctrl-C, the engine's end or the end of the check; the exit status."""
        log = cache_folder("logs") / "class-gate.log"
        # The guard's lines, one for each request and without its content, would hide the status.
        with open(log, "a", encoding="utf-8") as lines, redirect_stderr(lines):
            try:
                asyncio.run(self.gate.serve(self._open, self._tick))
            except KeyboardInterrupt:
                self.status = 0
        print(f"\n수업 서버를 닫았습니다. {self.gate.counts.line()}")
        return self.status or 0

    def _open(self, port: int) -> None:
        everywhere = self.gate.settings.host in ("0.0.0.0", "::")
        others = lan_addresses() if everywhere else []
        host = self.address or (others[0] if others else "127.0.0.1" if everywhere else self.gate.settings.host)
        proxy = "://" in self.address
        url = self.address if proxy else f"http://{host}:{port}/v1"
        keys, model = self.gate.settings.keys, self.gate.settings.model
        page = self.folder / "class.html"
        write_private(page, as_html(url, keys, model))
        write_private(page.with_suffix(".md"), as_markdown(url, keys, model))
        print(f"수업 서버를 열었습니다. 모델: {model}\n\n  {URL}={url}")
        print("".join(f"  {KEY}={key}\n" for key in keys))
        print(f"빔 프로젝터에 띄울 안내문: {page}")
        if proxy:
            print(f"프록시는 받은 요청을 이 주소로 넘겨야 합니다: http://127.0.0.1:{port}/v1")
        elif len(others) > 1:
            print(f"이 컴퓨터의 다른 주소: {', '.join(others[1:])} (학생이 접속하지 못하면 --address로 바꿔 주십시오)")
        if not (everywhere or proxy):
            print("이 컴퓨터에서만 접속할 수 있습니다. 학생도 접속하게 하려면 --lan을 붙여 다시 실행해 주십시오.")
        print("Ctrl-C를 누르면 닫습니다.", flush=True)
        if self.check:
            threading.Thread(target=self._check, args=(url, keys[0]), daemon=True).start()

    def _check(self, url: str, key: str) -> None:
        environment = {**os.environ, URL: url, KEY: key, "PYTHONUTF8": "1"}
        done = subprocess.run([sys.executable, "-m", "tools.class_check"], cwd=ROOT, env=environment)
        self.status = done.returncode

    def _tick(self) -> bool:
        if not self.alive():
            print("\n모델을 돌리던 프로그램이 멈췄습니다. 같은 명령으로 수업 서버를 다시 열어 주십시오.")
            self.status = 1
        line, now = self.gate.counts.line(), time.monotonic()
        if sys.stdout.isatty():
            print(f"\r\x1b[K{time.strftime('%H:%M:%S')}  {line}", end="", flush=True)
        elif self.gate.counts.most_inside and line != self._said and now - self._said_at >= QUIET_SECONDS:
            print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)
            self._said, self._said_at = line, now
        return self.status is None
