"""Faults of the network and of downloads."""

from fault import fault


@fault(
    "인터넷 없음, 이름으로 고른 모델",
    what='인터넷이 끊긴 컴퓨터에서 `load_pipeline("exaone")`을 실행했습니다.',
    seen="허브에 연결할 수 없다는 안내와, 인터넷 없이 쓸 수 있는 모델의 이름이 나옵니다.",
    way_out='연결을 확인하고 셀을 다시 실행하거나 `load_pipeline("mini")`로 계속하십시오.',
    kept="커널과 변수가 그대로 있습니다. 다시 시작할 필요가 없습니다.",
    without={"course_utils.hub.hub_error": "lambda error, model: None"},
)
def no_network(learner):
    learner.cell("from course_utils import load_pipeline\nmine = 3").went_well()
    shown = learner.cell('chat = load_pipeline("exaone", engine="transformers", device="cpu", dtype="bfloat16")')
    assert not shown.ok
    shown.is_kind().has("연결할 수 없", 'load_pipeline("mini")')
    learner.cell('chat = load_pipeline("mini")').went_well()
    assert learner.value("mine") == 3
