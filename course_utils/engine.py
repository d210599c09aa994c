"""One engine process seen from the parent: start it, wait until it serves, stop it, whatever happens."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from course_utils.engine_settings import EngineSettings
from course_utils.errors import CourseError
from course_utils.user_cache import cache_folder

START_LIMIT = 300.0  # seconds; a large file on a slow disk
STOP_LIMIT = 5.0


class Engine:
    """A running llama.cpp server in a child process. ``port`` is the guarded one, ``log`` its log file."""

    def __init__(self, settings: EngineSettings) -> None:
        handle, path = tempfile.mkstemp(prefix="server-", suffix=".log", dir=cache_folder("logs"))
        self.log = Path(path)
        self.settings = settings
        with os.fdopen(handle, "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "course_utils.engine_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent
            )
        atexit.register(self.stop)
        try:
            answer = self._answer()
        except BaseException:
            self.stop()
            raise
        self.port: int = answer["port"]
        self.engine_port: int = answer["engine_port"]
        self.engine_key: str = answer["engine_key"]

    def _answer(self) -> dict:
        self._process.stdin.write((self.settings.to_json() + "\n").encode())
        self._process.stdin.flush()
        timer = threading.Timer(START_LIMIT, self._process.kill)
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        answer = json.loads(line) if line.strip() else {"error": "no answer"}
        if "error" in answer:
            raise CourseError(f"서버를 켜지 못했습니다({answer['error']}). 기록: {self.log}")
        return answer

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def stop(self) -> None:
        """End the process; does nothing when it has ended."""
        atexit.unregister(self.stop)
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
