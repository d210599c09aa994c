"""The links of the course, and the proof that a broken one is noticed: on disk, and over the wire."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from jupyter_lab import free_port

from tools import live_links
from tools.check_links import Link, addresses, anchors, links, main, problems, two_spellings, wrong_outside
from tools.markdown_text import github_anchors


def test_the_course_has_no_broken_link():
    assert problems() == []


def test_every_kind_of_page_is_read():
    found = links()
    assert len(found) > 100
    for start in ("README.md", "docs/", "notebooks/", "exercises/", "course_utils/"):
        assert any(link.place.startswith(start) for link in found), start


@pytest.fixture
def project(tmp_path):
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "course_utils/_repository.py").write_text('REPOSITORY = "kim/course"\n')
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/guide.ko.md").write_text("# 안내\n\n## 1. 준비(교실)와 `check()`\n\n## 끝\n\n## 끝\n", "utf-8")
    return tmp_path


def found_in(project, text):
    (project / "README.md").write_text(f"# 제목\n\n{text}\n", "utf-8")
    return problems(project)


GOOD = (
    "[a](docs/guide.ko.md)",
    "[a](docs/guide.ko.md#1-준비교실와-check)",
    "[a](docs/guide.ko.md#끝-1)",
    "[a](#제목)",
    "[a](https://huggingface.co/LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct)",
    "[a](https://github.com/kim/course/blob/main/docs/guide.ko.md)",
    "```\n[a](nowhere.md)\n```",
    "$x = [a](b)$",
)
BAD = {
    "[a](docs/gone.md)": "no such file",
    "[a](docs/guide.ko.md#끝-2)": "no such heading",
    "[a](docs/guide.ko.md#1.-준비)": "no such heading",
    "[a](#없는-제목)": "no such heading",
    "[a](../outside.md)": "leads out of the project",
    "[a](/home/kim/a.md)": "leads to one machine",
    "[a](file:///tmp/a.md)": "leads to one machine",
    "[a](http://localhost:8888/lab)": "leads to one machine",
    "[a](http://huggingface.co/a)": "not https",
    "[a](https://huggingface/a)": "no address at all",
    "[a](https://hugging_face.co/a)": "no address at all",
    "[a](https://[x/)": "no address at all",
    "[a](https://github.com/lee/course/blob/main/README.md)": "not the project's own address",
    "<a href='docs/gone.md'>a</a>": "no such file",
    "![a](docs/gone.png)": "no such file",
    "[a](https://a.kr/b) [b](https://a.kr/b/)": "two spellings",
    "[a](https://www.a.kr/b) [b](https://a.kr/b)": "two spellings",
}


@pytest.mark.parametrize("text", GOOD)
def test_good_links_pass(project, text):
    assert found_in(project, text) == []


@pytest.mark.parametrize("text", BAD)
def test_bad_links_are_told(project, text):
    [said] = found_in(project, text)
    assert BAD[text] in said


def test_addresses_in_messages_of_the_package_are_read(project):
    code = (
        'A = "https://a.kr/b를 여십시오."\nB = f"https://a.kr/{A}"\nC = "http://127.0.0.1:8000/v1"\nD = "https://ab/"\n'
    )
    (project / "course_utils/talk.py").write_text(code, "utf-8")
    assert links(project) == [Link("course_utils/talk.py", "https://a.kr/b")]
    assert problems(project) == []


def test_anchors_as_github_makes_them(project):
    assert github_anchors(["온도(temperature): 0.7 & 1", "A_b - c", "A_b - c"]) == {
        "온도temperature-07--1",
        "a_b---c",
        "a_b---c-1",
    }
    assert anchors(project / "docs/guide.ko.md") == {"안내", "1-준비교실와-check", "끝", "끝-1"}


def test_addresses_to_ask_leave_out_examples_and_an_address_that_is_not_stamped_yet(project):
    (project / "README.md").write_text("[a](https://a.kr/x) [b](https://example.com/y)", "utf-8")
    assert addresses(project) == {"https://a.kr/x": ["README.md"]}
    (project / "course_utils/_repository.py").write_text('REPOSITORY = "OWNER/REPO"\n')
    (project / "README.md").write_text("[a](https://github.com/OWNER/REPO)", "utf-8")
    assert addresses(project) == {}


def test_spellings_and_forms_alone():
    assert two_spellings([Link("a", "https://A.kr/b"), Link("b", "https://a.kr/b")])
    assert not two_spellings([Link("a", "https://a.kr/b"), Link("b", "https://a.kr/c"), Link("c", "https://a.kr/b#d")])
    assert wrong_outside(Link("a", "https://a.kr/b c"), "kim/course")


# --- over the wire ---


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip("/")
        self.server.asked.append((self.command, name))
        times = sum(asked == name for _, asked in self.server.asked)
        status = 200
        if name == "slow":
            time.sleep(1)
        elif name == "shy":  # HEAD is not allowed
            status = 405 if self.command == "HEAD" else 200
        elif name == "busy":
            status = 429 if times < 3 else 200
        elif name.isdigit():
            status = int(name)
        self.send_response(status)
        if status in (301, 302):
            self.send_header("Location", "/200")
        if status == 429:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.asked = []
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield http
    http.shutdown()
    http.server_close()


def state_of(server, name, **options):
    address = f"http://127.0.0.1:{server.server_port}/{name}"
    return live_links.ask(address, ["a.md"], timeout=options.pop("timeout", 5), pause=0.01, **options)


@pytest.mark.parametrize(
    ("name", "state", "told"),
    [
        ("200", "alive", "200"),
        ("200#part", "alive", "200"),
        ("shy", "alive", "200"),
        ("302", "alive", "200"),
        ("301", "moved", "/200"),
        ("404", "dead", "404"),
        ("410", "dead", "410"),
        ("403", "dead", "403"),
        ("500", "dead", "500"),
        ("429", "refused", "429"),
        ("busy", "alive", "200"),
    ],
)
def test_what_becomes_of_an_address(server, name, state, told):
    answer = state_of(server, name)
    assert (answer.state, answer.places) == (state, ("a.md",)) and told in answer.told


def test_only_what_may_pass_is_asked_again(server):
    server.asked.clear()
    state_of(server, "410")
    assert len(server.asked) == 1
    server.asked.clear()
    state_of(server, "503")
    assert len(server.asked) == live_links.ATTEMPTS


def test_a_slow_server_and_no_server_are_dead(server, monkeypatch):
    monkeypatch.setattr(live_links, "ATTEMPTS", 1)
    slow = state_of(server, "slow", timeout=0.2)
    assert slow.dead and "timed out" in slow.told
    refused = live_links.ask(f"http://127.0.0.1:{free_port()}/", timeout=2)
    assert refused.dead and "refused" in refused.told.lower()


def test_sites_that_refuse_programs_are_left_to_a_person(server, monkeypatch):
    monkeypatch.setattr(live_links, "REFUSE_PROGRAMS", ("127.0.0.1",))
    assert state_of(server, "403").state == "refused"
    assert state_of(server, "404").dead  # there, too, a page can be gone


def test_the_weekly_run_writes_a_summary_and_fails_on_a_dead_link(server, monkeypatch, tmp_path, capsys):
    base = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr("tools.check_links.problems", lambda: [])
    monkeypatch.setattr("tools.check_links.links", lambda: [])
    for dead, status in ((["404"], 1), ([], 0)):
        asked = {f"{base}/{name}": ["README.md"] for name in ("200", "301", *dead)}
        monkeypatch.setattr("tools.check_links.addresses", lambda asked=asked: asked)
        assert main(["--live", "--summary", str(tmp_path / "links.md"), "--timeout", "5"]) == status
    written = (tmp_path / "links.md").read_text("utf-8")
    assert written.startswith("## Links") and "0 dead, 1 moved, 0 refused, 1 alive." in written
    assert f"<{base}/301>: now /200 (in README.md)" in written and "### Dead" in capsys.readouterr().out
