"""Faults of the network and of downloads."""

import time
from contextlib import contextmanager

from checkpoints import write_exaone_checkpoint
from fault import fault
from hub_server import Pace, local_hub

LOAD = 'from course_utils import load_pipeline\nchat = load_pipeline("owner/tiny")'
QUICK = "from huggingface_hub import constants\nconstants.DOWNLOAD_CHUNK_SIZE = 1 << 14\n"
IMPATIENT = QUICK + "constants.HF_HUB_DOWNLOAD_TIMEOUT = 0.5\n"
EXAONE = 'from course_utils import load_pipeline\nchat = load_pipeline("exaone")'
# The library's own way: a file that broke off is begun again.
BY_THE_LIBRARY = "lambda hub_id, file: None"


def repository(learner):
    """A tiny EXAONE model as a Hub serves it, in two files of weights; the same for every scenario."""
    folder = learner.stage.folder / "repository"
    return folder if folder.exists() else write_exaone_checkpoint(folder, shards=2)


@contextmanager
def hub(learner, pace=None, break_after=None):
    """A Hub at the learner's address while the block runs; gives the growing list of requests."""
    with local_hub(repository(learner), break_after, learner.stage.port, pace) as (_, requests):
        yield requests


def some_came(pace, seconds=60):
    """Until a few pieces of a file have been sent; AssertionError when they are not."""
    until = time.monotonic() + seconds
    while pace.sent < 5 * pace.piece:
        assert time.monotonic() < until, "nothing is downloaded"
        time.sleep(0.02)


def fetched(requests):
    """The weight files that were asked for from their beginning."""
    names = [line.rsplit("/", 1)[1] for line in requests if line.startswith("GET") and line.endswith(".safetensors")]
    return sorted(names)


@fault(
    "인터넷 없음, 이름으로 고른 모델",
    what='인터넷이 끊긴 컴퓨터에서 `load_pipeline("exaone")`을 실행했습니다.',
    seen="허브에 연결할 수 없다는 안내와, 인터넷 없이 쓸 수 있는 모델의 이름이 나옵니다.",
    way_out='연결을 확인하고 셀을 다시 실행하거나 `load_pipeline("mini")`로 계속하십시오.',
    kept="커널과 변수가 그대로 있습니다. 다시 시작할 필요가 없습니다.",
    without={"course_utils.hub.hub_error": "lambda error, model: None"},
)
def no_network(learner):
    learner.before("import stand_ins; stand_ins.plenty_of_memory()")
    learner.cell("mine = 3").went_well()
    shown = learner.cell(EXAONE)
    shown.refused().has("연결할 수 없", 'load_pipeline("mini")')
    learner.cell('chat = load_pipeline("mini")').went_well()
    assert learner.value("mine") == 3


@fault(
    "인터넷 없음, 모델을 고르지 않음",
    what="GPU가 있지만 인터넷이 끊긴 컴퓨터에서 `load_pipeline()`을 실행했습니다.",
    seen="허브에 연결할 수 없어 함께 들어 있는 작은 모델을 불러온다는 한 줄이 나오고, 셀은 끝까지 실행됩니다.",
    way_out="그대로 계속하십시오. EXAONE이 필요하면 연결한 뒤 셀을 다시 실행하십시오.",
    kept="모두 그대로입니다.",
    without={
        "course_utils.models._load_auto": "lambda device, dtype: "
        "__import__('course_utils.models').models._load('exaone', device, dtype)"
    },
)
def no_network_auto(learner):
    learner.environment["COURSE_MODEL"] = "auto"
    learner.before("import stand_ins; stand_ins.t4()")
    shown = learner.cell("from course_utils import load_pipeline\nchat = load_pipeline()").went_well()
    shown.is_kind(way_out=False).has("연결할 수 없", "mini를 불러옵니다", "mini 모델")
    assert learner.value("chat.model.num_parameters()") < 10_000_000


@fault(
    "느린 인터넷, 응답이 멈춤",
    what="모델을 내려받는 도중에 허브가 더는 보내지 않습니다.",
    seen="이어서 다시 받는다는 줄이 몇 번 나온 뒤, 응답이 너무 느리다는 안내로 끝납니다. 끝없이 기다리지 않습니다.",
    way_out='연결이 나아지면 셀을 다시 실행하십시오. 그동안은 `load_pipeline("mini")`를 쓸 수 있습니다.',
    kept="받은 부분은 남아 있어 다시 받지 않습니다.",
    without={
        "course_utils.resumed_download._tell_again": "lambda record: True",
        "course_utils.loading_errors._is_timeout": "lambda error: False",
        "course_utils.hub.resumed_download": BY_THE_LIBRARY,
    },
)
def hub_that_stalls(learner):
    learner.before(IMPATIENT + "import huggingface_hub.file_download as f, types\n"
                   "f.time = types.SimpleNamespace(**{**vars(f.time), 'sleep': lambda seconds: None})")  # fmt: skip
    pace = Pace(pause=0.001, stall_after=1 << 16)
    with hub(learner, pace) as requests:
        shown = learner.cell(LOAD)
        assert not shown.ok and "Error while" not in shown.text
        shown.is_kind().has("%|", "이어서 다시 받습니다", "너무 느려", "다시 실행해 주십시오")
        pace.stall_after = None
        requests.clear()
        learner.cell(LOAD).went_well()
    assert "RANGE 65536" in requests


@fault(
    "느린 인터넷, 정지 단추",
    what="느린 연결로 모델을 내려받다가 정지 단추를 눌렀습니다.",
    seen="받는 동안 진행 막대가 움직이고, 멈추면 한 줄 안내가 나옵니다.",
    way_out="이어서 받으려면 셀을 다시 실행하십시오.",
    kept="받은 부분과 변수가 그대로 있습니다.",
    without={
        "course_utils.hub.AnswerStopped": "KeyboardInterrupt",
        "course_utils.hub._show_progress_bars": "__import__('huggingface_hub').utils.disable_progress_bars",
    },
)
def hub_that_drips(learner):
    learner.before(QUICK)
    pace = Pace(pause=0.3)
    with hub(learner, pace) as requests:
        learner.begin(LOAD)
        learner.wait_until_shown("%|", 60)
        some_came(pace)
        learner.interrupt()
        shown = learner.finish()
        shown.refused().has("내려받기를 멈추었습니다")
        pace.pause = 0.0
        requests.clear()
        learner.cell(LOAD).went_well()
    assert [line for line in requests if line.startswith("RANGE ")]


@fault(
    "받다가 끊긴 연결",
    what="모델을 내려받는 도중에 연결이 한 번 끊겼습니다.",
    seen="이어서 다시 받는다는 한 줄이 나오고, 셀은 끝까지 실행됩니다.",
    way_out="할 일이 없습니다. 기다리십시오.",
    kept="받은 부분은 다시 받지 않습니다.",
    without={"course_utils.resumed_download._tell_again": "lambda record: True"},
)
def line_that_breaks(learner):
    learner.before(QUICK)
    with hub(learner, break_after=1 << 16) as requests:
        shown = learner.cell(LOAD).went_well()
    shown.has("이어서 다시 받습니다", "불러왔습니다")
    assert "Error while" not in shown.text
    assert "RANGE 65536" in requests


@fault(
    "받다가 꺼진 컴퓨터",
    what="모델을 내려받는 도중에 커널이나 컴퓨터가 꺼졌습니다.",
    seen="같은 셀을 다시 실행하면 받은 곳부터 이어서 받습니다.",
    way_out="셀을 다시 실행하십시오.",
    kept="받은 부분은 다시 받지 않습니다.",
    without={"course_utils.hub.resumed_download": BY_THE_LIBRARY},
)
def half_downloaded(learner):
    learner.before(QUICK)
    pace = Pace(pause=0.3)
    with hub(learner, pace) as requests:
        learner.begin(LOAD)
        some_came(pace)
        learner.kill()
        pace.pause = 0.0
        requests.clear()
        learner.cell(LOAD).went_well()
    assert [line for line in requests if line.startswith("RANGE ")]


@fault(
    "내려받은 파일이 깨짐",
    what="허브의 캐시에 있는 모델 파일이 잘리거나 깨졌습니다.",
    seen="깨진 파일의 이름과, 그 파일만 지우고 다시 받는다는 한 줄이 나온 뒤 셀이 끝까지 실행됩니다.",
    way_out="할 일이 없습니다. 인터넷이 없으면 연결한 뒤 셀을 다시 실행하십시오.",
    kept="온전한 파일은 다시 받지 않습니다. 인터넷이 없을 때는 깨진 파일도 지우지 않습니다.",
    without={
        "course_utils.hub.find_fault": "lambda folder: None",
        "course_utils.hub.forget": "lambda file: None",
    },
)
def broken_in_the_cache(learner):
    with hub(learner):
        learner.cell(LOAD).went_well()
    broken = sorted(learner.home.glob("hf/hub/models--owner--tiny/snapshots/*/model-*.safetensors"))[0]
    broken.resolve().write_bytes(broken.read_bytes()[:-100])
    shown = learner.cell(LOAD)
    shown.refused().has(broken.name, "온전하지 않습니다")
    with hub(learner) as requests:
        learner.cell(LOAD).went_well().has("지우고 다시 받습니다", broken.name)
    assert fetched(requests) == [broken.name]
