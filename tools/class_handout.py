"""The sheet for the projector: the two lines that students set, in large type, as HTML and as Markdown."""

from __future__ import annotations

import html
from collections.abc import Sequence

URL, KEY = "OPENAI_BASE_URL", "OPENAI_API_KEY"
TITLE = "수업 서버에 연결하기"
AFTER = (
    "두 값을 정한 다음 06 단원의 셀을 그대로 실행하십시오. "
    "이미 셀을 실행했다면 커널을 다시 시작하고 맨 위부터 실행하십시오."
)
KEEP = "이 키는 이 수업에서만 씁니다. 제출할 노트북에 키를 남기지 마십시오."
PLAIN = "수업 서버와 주고받는 글은 암호화되지 않습니다. "
PRIVATE = "이름, 전화번호, 비밀번호 같은 개인정보를 질문에 적지 마십시오."
BUSY = "서버가 붐벼 429 오류가 나면 잠시 뒤에 다시 물으십시오. 강의의 ask()는 스스로 기다렸다가 다시 묻습니다."
CLOUD = (
    "코랩(Colab)은 구글의 컴퓨터에서 실행되므로 교실 안의 주소에 접속하지 못합니다. "
    "강사가 https로 시작하는 주소를 따로 알려 준 때만, 위의 첫 셀에서 주소를 그것으로 바꾸어 실행하십시오."
)
STYLE = """
body { font: 22px/1.5 system-ui, "Malgun Gothic", "Apple SD Gothic Neo", "Noto Sans KR", sans-serif;
       max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff; }
h1 { font-size: 2.2em; } h2 { font-size: 1.3em; margin: 1.6em 0 .3em; }
dl { border: 4px solid #111; padding: 1rem 1.5rem; }
dt { font-size: 1em; } dd { margin: 0 0 .6em; font: bold 1.9em/1.3 ui-monospace, Consolas, monospace;
     overflow-wrap: anywhere; }
pre { font: 1em/1.5 ui-monospace, Consolas, monospace; background: #f2f2f2; padding: .8rem 1rem;
      white-space: pre-wrap; overflow-wrap: anywhere; }
section + section { break-before: page; }
"""


def blocks(url: str, key: str) -> list[tuple[str, str]]:
    """(where, lines to copy) for each place in which a student may set the two values."""
    return [
        (
            "노트북의 첫 셀 (키는 실행할 때 나오는 칸에 붙여 넣습니다)",
            f'import getpass, os\n\nos.environ["{URL}"] = "{url}"\nos.environ["{KEY}"] = getpass.getpass("수업 키: ")',
        ),
        ("Windows 터미널 (PowerShell)", f'$env:{URL} = "{url}"\n$env:{KEY} = "{key}"'),
        ("macOS, Linux 터미널", f'export {URL}="{url}"\nexport {KEY}="{key}"'),
    ]


def notes(url: str) -> list[str]:
    """What students should know; an https address is encrypted and can be reached from elsewhere."""
    if url.startswith("https://"):
        return [AFTER, KEEP, PRIVATE, BUSY]
    return [AFTER, KEEP, PLAIN + PRIVATE, BUSY, CLOUD]


def as_markdown(url: str, keys: Sequence[str], model: str) -> str:
    """The sheet as Markdown, a chapter for each key."""
    parts = [f"# {TITLE}", f"모델: `{model}`"]
    for number, key in enumerate(keys, 1):
        parts += [f"## {_heading(number, keys)}", f"- `{URL}`: `{url}`\n- `{KEY}`: `{key}`"]
        parts += [f"### {where}\n\n```\n{lines}\n```" for where, lines in blocks(url, key)]
    after, *rules = notes(url)
    return "\n\n".join([*parts, after, "\n".join(f"- {line}" for line in rules)]) + "\n"


def as_html(url: str, keys: Sequence[str], model: str) -> str:
    """The sheet as one HTML page without scripts; each key starts a new page in print."""
    sections = "\n".join(_section(url, key, _heading(number, keys)) for number, key in enumerate(keys, 1))
    rules = "\n".join(f"<li>{html.escape(line)}</li>" for line in notes(url))
    return (
        f'<!doctype html>\n<html lang="ko">\n<head>\n<meta charset="utf-8">\n<title>{TITLE}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{TITLE}</h1>\n<p>모델: <code>{html.escape(model)}</code></p>\n"
        f"{sections}\n<h2>알아 두기</h2>\n<ul>\n{rules}\n</ul>\n</body>\n</html>\n"
    )


def _section(url: str, key: str, heading: str) -> str:
    lines = "\n".join(f"<h2>{html.escape(w)}</h2>\n<pre>{html.escape(text)}</pre>" for w, text in blocks(url, key))
    values = f"<dt>{URL}</dt><dd>{html.escape(url)}</dd>\n<dt>{KEY}</dt><dd>{html.escape(key)}</dd>"
    return f"<section>\n<h2>{heading}</h2>\n<dl>\n{values}\n</dl>\n{lines}\n</section>"


def _heading(number: int, keys: Sequence[str]) -> str:
    return "두 가지 값" if len(keys) == 1 else f"두 가지 값: {number}번 키"
