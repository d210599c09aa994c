"""Settings for every test: no network, and one torch thread (small models run fastest with one)."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything imports huggingface_hub, which reads it once
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory):
    """One JupyterLab for all tests of this process that need one."""
    from jupyter_lab import running_lab

    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab
