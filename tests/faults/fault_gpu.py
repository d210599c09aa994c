"""Faults of the GPU, on a machine that has none: what torch would say is put into its mouth."""

from fault import fault

LOAD = 'from course_utils import load_pipeline\nchat = load_pipeline("mini")'
QUESTION = 'question = [{"role": "user", "content": "이 우산 무게가 얼마나 되나요?"}]\n'
# Both fill a "GPU" with a tensor that only the local variables of the failing call hold.
FULL_WHILE_LOADING = """\
import builtins, weakref, torch
from transformers import AutoModelForCausalLM
builtins.occupied = []
really = AutoModelForCausalLM.from_pretrained
def full(*arguments, **settings):
    weights = torch.zeros(1000)
    occupied.append(weakref.ref(weights))
    if len(occupied) == 1:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 524.00 MiB.")
    return really(*arguments, **settings)
AutoModelForCausalLM.from_pretrained = full
"""
FULL_WHILE_ANSWERING = """\
import builtins, weakref, torch, stand_ins
from course_utils.exaone import ExaoneForCausalLM
stand_ins.gpu_pipeline()
builtins.occupied = []
really, compute = ExaoneForCausalLM.generate, ExaoneForCausalLM.forward
def generate(self, *arguments, **settings):
    cache = torch.zeros(1000)
    occupied.append(weakref.ref(cache))
    wanted = settings.get("max_new_tokens") or settings["generation_config"].max_new_tokens
    if wanted > 100:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 MiB.")
    return really(self, *arguments, **settings)
def forward(self, *arguments, **settings):
    if builtins.full_now:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 MiB.")
    return compute(self, *arguments, **settings)
builtins.full_now = False
ExaoneForCausalLM.generate, ExaoneForCausalLM.forward = generate, forward
"""
KEEP = "lambda error: None"


@fault(
    "GPU 없음",
    what='GPU가 없는 컴퓨터에서 `device="cuda"`로 모델을 불러왔습니다.',
    seen="CUDA GPU를 찾을 수 없다는 안내와, 코랩에서 GPU를 켜는 곳이 나옵니다.",
    way_out='`device="auto"`로 다시 실행하십시오. 코랩이면 런타임 유형에서 T4 GPU를 고르십시오.',
    kept="변수가 그대로 있습니다. `load_pipeline()`만 쓰면 CPU에서 그대로 실행됩니다.",
    without={"course_utils.placement._existing_gpu": "lambda index: 'cuda:0'"},
)
def no_gpu(learner):
    learner.before("from course_utils import runtime; runtime.gpus = lambda: []")
    shown = learner.cell('from course_utils import load_pipeline\nchat = load_pipeline("mini", device="cuda")')
    shown.refused().has("CUDA GPU를 찾을 수 없습니다", 'device="auto"', "런타임")
    learner.environment["COURSE_MODEL"] = "auto"
    learner.cell("chat = load_pipeline()").went_well().has("CPU")


@fault(
    "모델을 불러오다가 가득 찬 GPU",
    what="모델을 GPU에 올리는 도중에 다른 프로그램이 GPU 메모리를 차지했습니다.",
    seen="메모리가 바닥났다는 안내가 나옵니다.",
    way_out="다른 노트북의 커널을 끄고 셀을 다시 실행하십시오. 그래도 모자라면 커널을 다시 시작하십시오.",
    kept="올리던 만큼의 메모리는 돌려놓습니다. 변수가 그대로 있습니다.",
    without={
        "course_utils.models.out_of_memory": "lambda model: RuntimeError(model)",
        "course_utils.gpu_memory.give_back": KEEP,
    },
)
def full_while_loading(learner):
    learner.before(FULL_WHILE_LOADING)
    shown = learner.cell(LOAD)
    shown.refused().has("메모리가 바닥났습니다", "다시 실행")
    assert learner.value("[each() is None for each in occupied]") == [True], "memory is still held"
    learner.cell(LOAD).went_well()


@fault(
    "답을 만들다가 가득 찬 GPU",
    what="긴 답이나 여러 질문을 한꺼번에 만드는 도중에 GPU 메모리가 모자랐습니다.",
    seen="메모리가 모자라 답을 끝내지 못했고, 커널을 다시 시작하지 않아도 된다는 안내가 나옵니다.",
    way_out="`max_new_tokens`나 앞선 대화, `batch_size`를 줄여 다시 실행하십시오.",
    kept="모델과 변수가 그대로 있고, 쓰던 GPU 메모리는 돌려놓습니다.",
    without={"course_utils.gpu_memory.ran_out": "lambda error: False", "course_utils.gpu_memory.give_back": KEEP},
)
def full_while_answering(learner):
    learner.before(FULL_WHILE_ANSWERING)
    learner.cell(QUESTION + LOAD).went_well()
    shown = learner.cell("chat(question, max_new_tokens=2000)")
    shown.refused().has("GPU 메모리가 모자라", "max_new_tokens를 줄이거나", "다시 시작하지 않아도")
    assert learner.value("[each() is None for each in occupied]") == [True], "memory is still held"
    learner.cell("chat(question, max_new_tokens=10)").went_well()
    caught = (
        "try:\n    chat(question, max_new_tokens=2000)\nexcept RuntimeError as error:\n    print(type(error).__name__)"
    )
    learner.cell(caught).went_well().has("NotEnoughMemoryError")


@fault(
    "로짓을 계산하다가 가득 찬 GPU",
    what="디코딩 탐색기처럼 로짓을 계산하는 도중에 GPU 메모리가 모자랐습니다.",
    seen="같은 안내가 나옵니다.",
    way_out="앞선 대화를 줄이고, 같은 GPU를 쓰는 다른 노트북의 커널을 끈 뒤 다시 실행하십시오.",
    kept="모델과 변수가 그대로 있습니다.",
    without={"course_utils.next_token.told_when_full": "__import__('contextlib').nullcontext"},
)
def full_while_computing_logits(learner):
    learner.before(FULL_WHILE_ANSWERING)
    learner.cell(f"{QUESTION}{LOAD}\nfrom course_utils.next_token import next_token_logits, prompt_ids").went_well()
    learner.before("import builtins; builtins.full_now = True")
    shown = learner.cell("next_token_logits(chat, prompt_ids(chat, question))")
    shown.refused().has("GPU 메모리가 모자라")
    learner.before("import builtins; builtins.full_now = False")
    learner.cell("next_token_logits(chat, prompt_ids(chat, question))").went_well()
