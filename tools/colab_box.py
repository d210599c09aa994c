"""A machine as Colab gives it to a learner: bubblewrap, Colab's packages, and nothing of the repository in sight.

What may be written: /content, /tmp, four folders of the home folder, and the environment into which pip installs.
All of it lies in one folder here, which lives as long as the machine; kernels come and go. Linux only.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

MACHINE = Path(__file__).resolve().parent / "colab_machine"
ENVIRONMENT, SECRETS, CONNECTIONS = "/colab/environment", "/colab/secrets.json", "/colab/connections"
PYTHON = f"{ENVIRONMENT}/bin/python"
# Of the home folder; the rest of it is read-only, so that a lesson that litters it is seen.
HOME_FOLDERS = (".cache", ".config", ".ipython", ".local")
_COURSE = ("llm_generation_course", "course_utils", "__editable__")
# As a CPU runtime of Colab had them in 2025 (those that programs may look at).
VARIABLES = {
    "CLICOLOR": "1", "COLAB_BACKEND_VERSION": "next", "COLAB_GPU": "", "COLAB_JUPYTER_TRANSPORT": "ipc",
    "COLAB_RELEASE_TAG": "release-colab_20260819-060000_RC00", "DEBIAN_FRONTEND": "noninteractive",
    "ENV": "/root/.bashrc", "GIT_PAGER": "cat", "HOME": "/root", "LANG": "en_US.UTF-8", "LANGUAGE": "en_US",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline", "NO_GCE_CHECK": "False", "PAGER": "cat",
    "PATH": f"{ENVIRONMENT}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "PYDEVD_USE_FRAME_EVAL": "NO", "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore:::pip._internal.cli.base_command",
    "SHELL": "/bin/bash", "TERM": "xterm-color", "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}  # fmt: skip
# How this machine reaches its package index: what pip and git must be told here as well.
_NETWORK = ("PIP_", "SSL_CERT", "REQUESTS_CA", "CURL_CA", "GIT_SSL", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/opt")
_ASK = """
import json, sys, sysconfig
print(json.dumps([sys.base_prefix, sys._base_executable, sysconfig.get_path("purelib"), sys.version_info[:2]]))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python environment: where the interpreter itself lies, where its packages are."""

    prefix: Path
    program: Path
    packages: Path
    version: str


def interpreter_of(python: Path) -> Interpreter:
    """What an environment's Python says about itself.

    Raises:
        OSError, subprocess.CalledProcessError: it cannot be run.
    """
    done = subprocess.run([python, "-I", "-c", _ASK], capture_output=True, text=True, check=True)
    prefix, program, packages, version = json.loads(done.stdout)
    return Interpreter(Path(prefix), Path(program).resolve(), Path(packages), ".".join(map(str, version)))


@dataclass
class Box:
    """A simulated Colab machine in `folder`.

    `python`: an environment with Colab's packages, which is only read. `source`: a bare clone of the course, to which
    pip is led for the address `repository`; None where a wheel is installed instead. `network`: whether there is one.
    """

    folder: Path
    python: Path
    repository: str = "OWNER/REPO"
    source: Path | None = None
    network: bool = True
    extra: list[tuple[str, Path]] = field(default_factory=list)  # (path inside, file here), read-only

    def __post_init__(self) -> None:
        program = shutil.which("bwrap")
        if program is None:
            raise FileNotFoundError("bubblewrap (bwrap) is needed for the simulated Colab run; Linux only")
        self.program, self.base = program, interpreter_of(self.python)
        for name in ("content", "tmp", "connections", "environment/bin", *(f"root/{name}" for name in HOME_FOLDERS)):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._link_packages()
        self._make_environment()
        self.set_secrets({})
        self._write_git_settings()

    @property
    def content(self) -> Path:
        """/content: where Colab puts the notebook and starts its kernel."""
        return self.folder / "content"

    @property
    def connections(self) -> Path:
        """Where the files lie through which a kernel is reached."""
        return self.folder / "connections"

    def set_secrets(self, secrets: dict[str, str | None]) -> None:
        """What ``google.colab.userdata`` gives; None: exists, but this notebook may not read it."""
        (self.folder / "secrets.json").write_text(json.dumps(secrets), encoding="utf-8")

    def _link_packages(self) -> None:
        # Links to the packages without the course itself: an editable installation of it must not be found here.
        links = self.folder / "preinstalled"
        links.mkdir(exist_ok=True)
        for entry in self.base.packages.iterdir():
            ours = entry.name.startswith(_COURSE) or entry.suffix == ".pth"
            link = links / entry.name
            if not ours and not link.is_symlink():
                link.symlink_to(f"/colab/libraries/{entry.name}")

    def _make_environment(self) -> None:
        # A virtual environment on top: pip installs into it, the packages below are found and cannot be changed.
        top = self.folder / "environment"
        settings = f"home = {self.base.program.parent}\ninclude-system-site-packages = false\n"
        (top / "pyvenv.cfg").write_text(settings, encoding="utf-8")
        for name in ("python", "python3"):
            if not (top / "bin" / name).is_symlink():
                (top / "bin" / name).symlink_to(self.base.program)
        start = f"#!{PYTHON}\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"
        (top / "bin" / "pip").write_text(start, encoding="utf-8")
        (top / "bin" / "pip").chmod(0o755)
        packages = top / "lib" / f"python{self.base.version}" / "site-packages"
        packages.mkdir(parents=True, exist_ok=True)
        (packages / "colab.pth").write_text("/colab/machine\n/colab/preinstalled\n", encoding="utf-8")

    def _write_git_settings(self) -> None:
        lines = ["[safe]", "\tdirectory = *"]
        if self.source is not None:
            address = f"https://github.com/{self.repository}"
            lines += ['[url "file:///colab/repository.git"]', f"\tinsteadOf = {address}"]
        (self.folder / "gitconfig").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def command(self, *inner: str) -> list[str]:
        """The command line here that runs `inner` there."""
        command = [self.program, "--unshare-user", "--uid", "0", "--gid", "0", "--unshare-pid", "--unshare-ipc"]
        command += ["--unshare-uts", "--hostname", "colab", "--die-with-parent", "--clearenv"]
        for path in _SYSTEM:
            if os.path.islink(path):
                command += ["--symlink", os.readlink(path), path]
            elif os.path.exists(path):
                command += ["--ro-bind", path, path]
        # Some systems keep the name servers behind a link out of /etc.
        command += ["--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve", "--dev", "/dev", "--proc", "/proc"]
        command += [*self._bind("content", "/content"), *self._bind("tmp", "/tmp"), "--dir", "/root"]
        for name in HOME_FOLDERS:
            command += self._bind(f"root/{name}", f"/root/{name}")
        command += [*self._bind("environment", ENVIRONMENT), *self._bind("connections", CONNECTIONS)]
        read_only = [(self.base.prefix, str(self.base.prefix)), (self.base.packages, "/colab/libraries")]
        read_only += [(self.folder / "preinstalled", "/colab/preinstalled"), (MACHINE, "/colab/machine")]
        read_only += [(self.folder / "gitconfig", "/colab/gitconfig"), (self.folder / "secrets.json", SECRETS)]
        read_only += [(file, inside) for inside, file in self.extra]
        if self.source is not None:
            read_only.append((self.source, "/colab/repository.git"))
        for path, inside in [*read_only, *self._pip_settings()]:
            if not inside.startswith(("/usr/", "/opt/", "/etc/")) and inside != "/usr":
                command += ["--ro-bind", str(path), inside]
        command += ["--remount-ro", "/"]
        variables = {**self._from_here(), **VARIABLES, "GIT_CONFIG_GLOBAL": "/colab/gitconfig"}
        for name, value in variables.items():
            command += ["--setenv", name, value]
        command += [] if self.network else ["--unshare-net"]
        return [*command, "--chdir", "/content", "--", *inner]

    def _bind(self, name: str, inside: str) -> list[str]:
        return ["--bind", str(self.folder / name), inside]

    @staticmethod
    def _from_here() -> dict[str, str]:
        # OMP_NUM_THREADS is not set on Colab; whoever sets it here, on a busy machine, has decided so.
        wanted = (*_NETWORK, "OMP_NUM_THREADS")
        return {name: value for name, value in os.environ.items() if name.upper().startswith(wanted)}

    @staticmethod
    def _pip_settings() -> list[tuple[Path, str]]:
        file = Path.home() / ".config" / "pip" / "pip.conf"
        return [(file, "/root/.config/pip/pip.conf")] if file.exists() else []

    def run(self, *inner: str) -> subprocess.CompletedProcess:
        """Run a command there to its end; both of its streams as text."""
        return subprocess.run(self.command(*inner), capture_output=True, text=True)

    def installed(self) -> dict[str, str]:
        """Names and versions of all packages that Python finds there.

        Raises:
            RuntimeError: pip does not work there.
        """
        done = self.run(PYTHON, "-m", "pip", "list", "--format=json")
        if done.returncode:
            raise RuntimeError(f"pip does not run in the simulated machine:\n{done.stderr[-2000:]}")
        return {package["name"].lower(): package["version"] for package in json.loads(done.stdout)}

    def disk_use(self) -> int:
        """Bytes that pip has added."""
        return sum(path.lstat().st_size for path in (self.folder / "environment").rglob("*"))
