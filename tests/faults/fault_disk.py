"""Faults of the disk: full, full before one knows it, read-only."""

from fault import fault
from fault_network import LOAD, QUICK, hub

GGUF = "from course_utils.gguf_files import gguf_for\nfile = gguf_for('mini').path"
APPROVALS = """\
from course_utils.approval_csv import save_csv
from course_utils.approval_state import Approvals
approvals = Approvals([{"id": "Q1", "question": "배송은 얼마나 걸리나요?", "draft": "이틀 걸립니다."}])
approvals.approve("Q1")
"""


@fault(
    "가득 찬 디스크, 내려받기 전",
    what="디스크에 남은 공간이 모델의 크기보다 작습니다.",
    seen="필요한 크기와 남은 크기가 나오고, 내려받기를 시작하지 않습니다.",
    way_out="디스크를 비우거나 환경 변수 HF_HOME으로 다른 디스크를 지정하십시오. "
    '`load_pipeline("mini")`는 공간이 없어도 됩니다.',
    kept="아무것도 쓰지 않았습니다. 변수가 그대로 있습니다.",
    without={
        "course_utils.hub.shutil.disk_usage": "lambda path: original(path)._replace(free=10**12)",
        "course_utils.loading_errors.gigabytes": "lambda size: f'{size / 1e6:.1f} MB'",
    },
)
def full_before_the_download(learner):
    learner.before(f"import stand_ins; stand_ins.small_disk({str(learner.home)!r}, 40960)")
    with hub(learner) as requests:
        shown = learner.cell(LOAD)
    assert not shown.ok and not [line for line in requests if line.endswith(".safetensors")]
    shown.is_kind().has("내려받지 않았습니다", "KB가 필요한데", "KB만 남아 있습니다")
    learner.cell('chat = load_pipeline("mini")').went_well()


@fault(
    "내려받는 도중에 가득 찬 디스크",
    what="남은 공간이 충분해 보였지만, 사용량 제한(quota)이나 다른 프로그램 때문에 도중에 디스크가 가득 찼습니다.",
    seen="디스크가 가득 찼다는 안내와 그 위치가 나옵니다.",
    way_out="그 디스크를 비우고 셀을 다시 실행하십시오.",
    kept="받은 부분은 남아 있어 이어서 받습니다.",
    without={
        "course_utils.hub.broken_download": "lambda error, model, where: error",
        "course_utils.loading_errors.is_disk_full": "lambda error: False",
    },
)
def full_during_the_download(learner):
    learner.before(
        f"import stand_ins; stand_ins.small_disk({str(learner.home)!r}, 1200 * 1024); stand_ins.unknown_quota()\n"
        f"open({str(learner.home / 'films')!r}, 'wb').write(bytes(1000 * 1024))\n{QUICK}"
    )
    with hub(learner) as requests:
        shown = learner.cell(LOAD)
        shown.refused().has("디스크가 가득 찼습니다", str(learner.home / "hf"))
        learner.cell(f"import os\nos.remove({str(learner.home / 'films')!r})").went_well()
        requests.clear()
        learner.cell(LOAD).went_well()
    assert [line for line in requests if line.startswith("RANGE ")]


@fault(
    "모델을 변환하는 도중에 가득 찬 디스크",
    what="llama.cpp용 GGUF 파일을 만드는 도중에 디스크가 가득 찼습니다.",
    seen="어느 파일을 쓰다가 가득 찼는지 나옵니다.",
    way_out="공간을 비우거나 환경 변수 COURSE_CACHE로 다른 디스크를 지정하고 셀을 다시 실행하십시오.",
    kept="쓰다 만 파일은 지워져 공간을 차지하지 않습니다.",
    without={
        "course_utils.part_files.is_disk_full": "lambda error: False",
        "course_utils.part_files._remove": "lambda part: None",
    },
)
def full_while_converting(learner):
    full = learner.work / "full"
    full.mkdir()
    learner.environment["COURSE_CACHE"] = str(full)
    learner.before(f"import stand_ins; stand_ins.small_disk({str(full)!r}, 1 << 20); stand_ins.unknown_quota()")
    shown = learner.cell(GGUF)
    shown.refused().has("가득 찼습니다", ".gguf")
    assert learner.value("[str(p) for p in __import__('pathlib').Path('full').rglob('*') if p.is_file()]") == []
    other = str(learner.work / "other")
    learner.cell(f"import os\nos.environ['COURSE_CACHE'] = {other!r}\n{GGUF}").went_well()


@fault(
    "결과를 저장할 때 가득 찬 디스크",
    what="승인한 답을 CSV 파일로 저장하려는데 디스크가 가득 찼습니다.",
    seen="디스크가 가득 차서 저장하지 못했고 결정은 남아 있다는 안내가 나옵니다.",
    way_out="디스크를 비우고 다시 저장하거나 다른 디스크의 경로에 저장하십시오.",
    kept="결정은 노트북에, 앞서 저장한 파일은 디스크에 그대로 있습니다.",
    without={"course_utils.approval_csv.is_disk_full": "lambda error: False"},
)
def full_while_saving(learner):
    full = learner.work / "full"
    full.mkdir()
    learner.before(f"import stand_ins; stand_ins.small_disk({str(full)!r}, 8192)")
    learner.cell(APPROVALS + 'save_csv(approvals, "full/answers.csv")').went_well()
    learner.cell(
        'before = open("full/answers.csv", "rb").read()\nopen("full/film", "wb").write(bytes(4096))'
    ).went_well()
    shown = learner.cell('approvals.undo()\nsave_csv(approvals, "full/answers.csv")')
    shown.refused().has("디스크가 가득 차서", "answers.csv", "그대로 남아 있습니다")
    assert learner.value('open("full/answers.csv", "rb").read() == before')
    learner.cell('save_csv(approvals, "answers.csv")').went_well()


@fault(
    "쓸 수 없는 홈 폴더, 함께 들어 있는 모델",
    what="홈 폴더가 읽기 전용인 컴퓨터(공용 컴퓨터, 실습실)에서 실행했습니다.",
    seen="평소와 같습니다. 모델이 답하고, 변환한 파일과 서버의 기록은 임시 폴더에 들어갑니다.",
    way_out="할 일이 없습니다. 변환한 파일을 남겨 두려면 환경 변수 COURSE_CACHE로 쓸 수 있는 폴더를 지정하십시오.",
    kept="모두 그대로입니다.",
    without={"course_utils.user_cache._is_writable": "lambda folder: True"},
)
def read_only_home(learner):
    _read_only(learner)
    learner.cell('from course_utils import load_pipeline\nchat = load_pipeline("mini")').went_well()
    learner.cell(GGUF + "\nfrom course_utils.engine_log import new_log\nhandle, log = new_log()").went_well()
    for made in ("file", "log"):
        assert learner.value(f"str({made})").startswith(str(learner.work / "temporary"))


@fault(
    "쓸 수 없는 홈 폴더, 내려받는 모델",
    what="홈 폴더가 읽기 전용인 컴퓨터에서 허브의 모델을 내려받으려고 했습니다.",
    seen="어느 폴더에 쓸 수 없는지 나옵니다.",
    way_out="환경 변수 HF_HOME으로 쓸 수 있는 폴더를 지정하고 커널을 다시 시작하십시오. "
    '`load_pipeline("mini")`는 그대로 쓸 수 있습니다.',
    kept="변수가 그대로 있습니다.",
    without={"course_utils.hub.broken_download": "lambda error, model, where: error"},
)
def read_only_cache(learner):
    _read_only(learner)
    with hub(learner):
        shown = learner.cell(LOAD)
    shown.refused().has("쓸 수 없습니다", "HF_HOME", str(learner.home / "hf"))
    learner.cell('chat = load_pipeline("mini")').went_well()


def _read_only(learner):
    learner.home.chmod(0o500)
    (learner.work / "temporary").mkdir()
    learner.environment["TMPDIR"] = str(learner.work / "temporary")
    learner.before("import stand_ins, tempfile; stand_ins.no_special_rights(); tempfile.tempdir = None")
