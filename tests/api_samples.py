"""Clients, messages and made-up keys for the tests of the API modules. Keys are put together here, not written."""

import os

from openai import OpenAI

from course_utils.fault_server import FaultServer

MESSAGES = [{"role": "user", "content": "이 다이어리에 공휴일이 표시되어 있나요?"}]
VARIABLES = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")


def made_up_keys():
    """Kind -> a string of that kind's shape."""
    body = "a1B2c3D4" * 6
    return {
        "OpenAI": "sk-" + body,
        "OpenAI project": "sk-" + "proj-" + body,
        "OpenAI service account": "sk-" + "svcacct-" + body,
        "Hugging Face": "hf" + "_" + body[:34],
        "Google": "AI" + "za" + body[:35],
        "AWS": "AK" + "IA" + "ABCD1234EFGH5678",
        "GitHub": "gh" + "p_" + body[:36],
        "GitHub fine-grained": "github" + "_pat_" + body[:40],
        "Groq": "gs" + "k_" + body[:40],
        "Slack": "xo" + "xb-" + "1234567890-abcdefghij",
        "Bearer": "Bear" + "er " + body,
        "Jupyter": "http://localhost:8888/lab?tok" + "en=" + "0123456789abcdef" * 3,
        "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
        "assigned": "OPENAI_API_" + f'KEY = "{body[:32]}"',
    }


def forget_variables(monkeypatch):
    """No server, key or model is set; nothing outside this test steers it."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def client_of(server: FaultServer, **settings) -> OpenAI:
    """A client as a learner would make it."""
    return OpenAI(base_url=server.base_url, api_key=server.api_key, **settings)
