"""Two notebooks of the same person at once."""

from fault import fault
from fault_disk import APPROVALS, GGUF
from fault_network import LOAD, QUICK, fetched, hub, some_came
from hub_server import Pace

# The converter stops where the file is half written, until somebody presses the stop button.
HALF_WAY = """\
import time
from course_utils import stored_tensors, convert_gguf
from course_utils.part_files import part_file
from contextlib import contextmanager
usual = convert_gguf.part_file
@contextmanager
def stopping(target, size):
    with usual(target, size) as part:
        part.write_bytes(bytes(1000))
        print("HALF", flush=True)
        time.sleep(600)
        yield part
convert_gguf.part_file = stopping
"""
SERVER = """\
from course_utils.serving import local_server
from openai import OpenAI
server = local_server("mini").start()
client = OpenAI(base_url=server.base_url, api_key=server.api_key)
def ask():
    messages = [{"role": "user", "content": "배송은 얼마나 걸리나요?"}]
    reply = client.chat.completions.create(model=server.model, messages=messages, max_tokens=5, temperature=0)
    return reply.choices[0].message.content
"""


@fault(
    "두 노트북, 같은 모델 내려받기",
    what="두 노트북에서 같은 모델을 동시에 내려받습니다.",
    seen="뒤에 실행한 노트북에 다른 노트북이 받고 있다는 한 줄이 나오고, 두 셀 모두 끝까지 실행됩니다.",
    way_out="할 일이 없습니다. 기다리십시오.",
    kept="파일은 한 번만 받습니다.",
    without={"course_utils.hub.alone": "lambda hub_id: __import__('contextlib').nullcontext()"},
)
def same_download(learner):
    second = learner.another()
    for each in (learner, second):
        each.before(QUICK)
    pace = Pace(pause=0.3)
    with hub(learner, pace) as requests:
        learner.begin(LOAD)
        some_came(pace)
        second.begin(LOAD)
        second.wait_until_shown("다른 노트북이 같은 모델", 120)
        pace.pause = 0.0
        learner.finish().went_well()
        second.finish().went_well().has("다 받으면 이어서 불러옵니다")
    assert len(fetched(requests)) == 2, fetched(requests)


@fault(
    "두 노트북, 같은 모델 변환",
    what="한 노트북이 모델을 변환하는 동안 다른 노트북이 같은 모델을 쓰려고 합니다.",
    seen="두 노트북 모두 평소와 같습니다.",
    way_out="할 일이 없습니다. 그대로 계속하십시오.",
    kept="반쯤 쓴 파일을 다른 노트북이 읽는 일이 없고, 도중에 꺼진 노트북도 다른 노트북을 막지 않습니다.",
    without={
        "course_utils.convert_gguf.part_file": "__import__('contextlib').contextmanager("
        "lambda target, size: iter([target.parent.mkdir(parents=True, exist_ok=True) or target]))"
    },
)
def same_conversion(learner):
    cache = learner.home / "cache"
    learner.environment["COURSE_CACHE"] = str(cache)
    second = learner.another()
    learner.before(HALF_WAY)
    learner.begin(GGUF)
    learner.wait_until_shown("HALF", 120)
    assert list(cache.rglob("*.part")) and not list(cache.rglob("*.gguf")), "a half-written file has the name"
    second.cell(GGUF).went_well()
    learner.kill()
    learner.cell(GGUF).went_well()
    assert [learner.value("str(file)")] == [second.value("str(file)")] == [str(path) for path in cache.rglob("*.gguf")]


@fault(
    "두 노트북, 로컬 서버 둘",
    what="두 노트북에서 로컬 서버를 하나씩 켰습니다.",
    seen="서버마다 다른 포트를 쓰고 둘 다 답합니다.",
    way_out="할 일이 없습니다. 메모리가 모자라면 한쪽의 커널을 끄십시오.",
    kept="한쪽을 꺼도 다른 쪽은 계속 답합니다.",
    without={
        "course_utils.serving.EngineSettings": "lambda *a, **k: original(*a, **{**k, 'port': 47811})",
    },
)
def two_servers(learner):
    second = learner.another()
    learner.cell(SERVER).went_well()
    second.cell(SERVER).went_well()
    assert learner.value("server.base_url") != second.value("server.base_url")
    assert learner.value("ask()") == second.value("ask()") != ""
    learner.cell("server.stop()").went_well()
    assert second.value("ask()")


@fault(
    "두 노트북, 같은 결과 파일",
    what="두 노트북이 결과를 같은 이름의 CSV 파일로 저장했습니다.",
    seen="앞의 파일을 다른 이름으로 바꾸어 두었다는 한 줄이 나옵니다.",
    way_out="두 파일을 열어 어느 것을 쓸지 고르십시오.",
    kept="다른 노트북의 결정은 이름이 `이전`으로 끝나는 파일에 남습니다.",
    without={"course_utils.approval_csv._keep_others": "lambda path, content: None"},
)
def same_results(learner):
    second = learner.another()
    learner.cell(APPROVALS + 'save_csv(approvals, "answers.csv")').went_well()
    first = (learner.work / "answers.csv").read_bytes()
    learner.cell('save_csv(approvals, "answers.csv")').went_well()
    assert not (learner.work / "answers.이전.csv").exists(), "its own file is no other notebook's"
    shown = second.cell(APPROVALS + 'approvals.undo()\nsave_csv(approvals, "answers.csv")').went_well()
    shown.has("다른 노트북이 쓴 answers.csv", "answers.이전.csv")
    assert (learner.work / "answers.이전.csv").read_bytes() == first
    assert (learner.work / "answers.csv").read_bytes() != first
