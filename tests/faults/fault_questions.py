"""Faults of questions: nothing asked, a wrong shape, far too much."""

from fault import fault
from usual_cells import ASK, CLIENT, HOW, NOTHING, PIPE, SIDES

# Asked for nothing that can be answered; the first five are what a beginner really types.
UNUSABLE = (
    "None",
    "[]",
    "{}",
    '{"role": "user", "content": "안녕"}',
    '[{"role": "user", "contents": "안녕"}]',
    '[{"role": "user", "content": None}]',
    '[{"role": "customer", "content": "안녕"}]',
    "[[]]",
    '["안녕", {"role": "user", "content": "안녕"}]',
    "b'bytes'",
)


@fault(
    "빈 질문과 모양이 틀린 메시지, 파이프라인",
    what="`pipe()`에 `None`, 빈 리스트, `content`가 없거나 철자가 틀린 메시지, 모르는 역할을 넣었습니다.",
    seen="무엇이 틀렸는지와 바르게 적은 예가 나옵니다.",
    way_out="나온 예를 보고 메시지를 고쳐 다시 실행하십시오.",
    kept="모델과 변수가 그대로 있습니다.",
    without={"course_utils.checked_pipeline.check_asked": NOTHING},
)
def unusable_pipeline(learner):
    learner.cell(PIPE).went_well()
    for asked in UNUSABLE:
        shown = learner.cell(f"pipe({asked}{HOW})")
        shown.refused()
    learner.cell(f'pipe([{{"role": "user", "content": "안녕하세요"}}]{HOW})').went_well()


@fault(
    "빈 질문과 모양이 틀린 메시지, llama.cpp로 실행하는 파이프라인",
    what='`load_pipeline(..., engine="llama.cpp")`이 돌려준 파이프라인에 같은 것들을 넣었습니다.',
    seen="무엇이 틀렸는지와 바르게 적은 예가 나옵니다.",
    way_out="나온 예를 보고 메시지를 고쳐 다시 실행하십시오.",
    kept="모델과 변수가 그대로 있습니다.",
    without={"course_utils.answer_prompts.check_asked": NOTHING},
)
def unusable_gguf(learner):
    learner.cell('from course_utils import load_pipeline\npipe = load_pipeline("mini", engine="llama.cpp")').went_well()
    for asked in (*UNUSABLE, '""'):
        shown = learner.cell(f"pipe({asked}{HOW})")
        shown.refused()
    learner.cell(f'pipe("안녕하세요"{HOW})').went_well()


@fault(
    "빈 질문과 모양이 틀린 메시지, 서버",
    what="서버에 빈 리스트, `content`가 없는 메시지, 모르는 역할을 보냈습니다.",
    seen="`ask()`가 서버의 거절을 한국어로 풀어 알립니다.",
    way_out="메시지를 고쳐 다시 물으십시오. `client`를 바로 쓸 때는 오류를 `explain()`에 넣어 보십시오.",
    kept="서버와 클라이언트를 그대로 쓸 수 있습니다.",
    without={"course_utils.api_calls.explain": "lambda error, client=None: str(error)"},
)
def unusable_server(learner):
    learner.cell(CLIENT + ASK).went_well()
    for asked in ("None", "[]", "{}", '"안녕"', '[{"role": "user"}]', '[{"role": "customer", "content": "안녕"}]'):
        shown = learner.cell(f"ask(client, {asked}, max_completion_tokens=4)")
        shown.refused(way_out=True).has("messages")
    learner.cell('ask(client, [{"role": "user", "content": "안녕"}], max_completion_tokens=4)').went_well()


@fault(
    "빈 질문, 채팅 화면과 명령줄",
    what="채팅 화면이나 명령줄에 아무것도 적지 않고 보냈습니다.",
    seen="질문을 적어 달라는 한 줄이 나옵니다.",
    way_out="질문을 적고 다시 보내십시오.",
    kept="지난 대화가 그대로 있습니다.",
    without={"course_utils.chat_session.CourseValueError": "TypeError"},
)
def empty_widgets(learner):
    learner.cell(
        SIDES + "from course_utils.chat_widget import CompareChat\nchat = CompareChat(pipe, client)"
    ).went_well()
    learner.cell('chat.question.value = "  "\nchat.send.click()\nprint(chat.message.value)').went_well()
    shown = learner.value("chat.message.value")
    assert "질문을 적어 주십시오" in shown and "예상하지 못한" not in shown
    learner.cell("from course_utils.explorer import DecodingExplorer").went_well()
    for question in ('""', '" "', "None", "3"):
        shown = learner.cell(f"DecodingExplorer(pipe, questions=[{question}])")
        shown.refused()
    command = 'import subprocess, sys\nrun = subprocess.run([sys.executable, "-m", "course_utils", " "], '
    learner.cell(command + "capture_output=True, text=True)").went_well()
    said = learner.value("run.stderr")
    assert "질문이 비어 있습니다" in said and "Traceback" not in said and learner.value("run.returncode") == 2


@fault(
    "아주 긴 질문, 파이프라인",
    what="모델이 읽을 수 있는 길이를 넘는 글(최대 1 MB)을 파이프라인에 넣었습니다.",
    seen="질문의 토큰 수와 모델의 한도가 나옵니다. 몇 분씩 기다리게 하지 않습니다.",
    way_out="질문이나 지난 대화를 줄이거나 나누십시오.",
    kept="모델과 변수가 그대로 있고, 메모리를 더 차지하지 않습니다.",
    without={"course_utils.checked_pipeline._Checks._check_length": NOTHING},
)
def too_long_pipeline(learner):
    learner.cell(PIPE).went_well()
    shown = learner.cell(f'pipe([{{"role": "user", "content": "우산 " * 1500}}]{HOW})', seconds=30)
    shown.refused().has("3,013토큰", "2,048토큰")
    shown = learner.cell('text = "우산 " * 150_000\npipe(text, max_new_tokens=1)', seconds=30)
    shown.refused().has("토큰")
    learner.cell(f'pipe("안녕하세요"{HOW})').went_well()


@fault(
    "아주 긴 질문, 서버와 llama.cpp로 실행하는 파이프라인",
    what="모델이 읽을 수 있는 길이를 넘는 글(최대 9 MB)을 서버와 llama.cpp 파이프라인에 보냈습니다.",
    seen="너무 길다는 안내가 곧바로 나옵니다.",
    way_out="오래된 메시지를 덜어 내거나 질문을 나누십시오.",
    kept="서버가 계속 답합니다. 다시 켤 필요가 없습니다.",
    without={
        "course_utils.api_calls.explain": "lambda error, client=None: str(error)",
        "course_utils.gguf_pipeline.GgufPipeline._checked_ids": "lambda self, prompt: prompt.ids(self.tokenizer)",
    },
)
def too_long_server(learner):
    learner.cell('from course_utils import load_pipeline\npipe = load_pipeline("mini", engine="llama.cpp")').went_well()
    shown = learner.cell('pipe("우산 " * 3000, max_new_tokens=1)')
    shown.refused().has("너무 깁니다", "토큰")
    learner.cell(CLIENT + ASK).went_well()
    for times in (1500, 1_500_000):
        shown = learner.cell(f'ask(client, [{{"role": "user", "content": "우산 " * {times}}}])')
        shown.refused()
    learner.cell('ask(client, [{"role": "user", "content": "안녕"}], max_completion_tokens=4)').went_well()
