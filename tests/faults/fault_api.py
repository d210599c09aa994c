"""Faults of keys and servers."""

from fault import fault

ASK = (
    "from course_utils.api_calls import BrokenStreamError, ask, ask_stream\n"
    'question = [{"role": "user", "content": "이 우산 무게가 얼마나 되나요?"}]\n'
)
CLIENT = "from course_utils import openai_client\n"
CLASS = (
    "import os\nfrom course_utils.serving import local_server\nserver = local_server().start()\n"
    'os.environ["OPENAI_BASE_URL"] = server.base_url\n'
)
SAY = "lambda error, client=None: str(error)"


@fault(
    "키가 없거나 키가 아닌 것",
    what='`openai_client(where="openai")`를 키 없이, 예시 글자로, 또는 다른 회사의 키로 불렀습니다.',
    seen="무엇이 잘못되었는지와 키를 얻는 곳이 나옵니다. 키 자체는 어디에도 나오지 않습니다.",
    way_out='`ask_for_key()`로 키를 넣거나, 키 없이 `openai_client(where="local")`을 쓰십시오.',
    kept="틀린 키를 어디로도 보내지 않습니다. 커널이 그대로 있습니다.",
    without={
        "course_utils.api_client.checked_key": "lambda text, source, openai=True: text",
        "course_utils.api_client.CourseError": "RuntimeError",
    },
)
def no_key(learner):
    learner.cell(CLIENT).went_well()
    shown = learner.cell('openai_client(where="openai")')
    shown.refused().has("API 키가 없습니다", "ask_for_key()")
    for wrong in ("", "여기에 키를 넣으세요", "hf_abcdefghijklmnop", "AIzaSyA-abcdefghijklmnop"):
        learner.before(f"import os; os.environ['MINE'] = {wrong!r}")
        shown = learner.cell('import os\nopenai_client(where="openai", key=os.environ["MINE"])')
        assert not shown.ok and (not wrong or wrong not in shown.text)
        shown.is_kind()
    learner.cell('client = openai_client(where="local")').went_well()


@fault(
    "틀린 키, 다른 서버의 키",
    what="수업 서버에 틀린 키로 묻거나, 옛 서버의 키를 든 클라이언트로 새 서버에 물었습니다.",
    seen="서버가 키를 받아들이지 않았다는 안내(401)가 나옵니다.",
    way_out="강사에게 키를 확인하거나 `client = openai_client()`가 있는 셀을 다시 실행하십시오.",
    kept="커널과 변수가 그대로 있습니다. 키를 고치면 바로 이어집니다.",
    without={
        "course_utils.api_client._models_of": "lambda client, url: ['mini']",
        "course_utils.api_calls.explain": SAY,
    },
)
def wrong_key(learner):
    learner.cell(CLASS + CLIENT + ASK + 'os.environ["OPENAI_API_KEY"] = "not-the-key-of-this-class"').went_well()
    shown = learner.cell("client = openai_client()")
    assert not shown.ok and "not-the-key" not in shown.text
    shown.is_kind().has("키를 받아들이지 않았습니다(401)", "강사에게")
    learner.cell(
        "from openai import OpenAI\nold = OpenAI(base_url=server.base_url, api_key='key-of-another-server')"
    ).went_well()
    shown = learner.cell('ask(old, question, model="mini")')
    shown.refused().has("401", "openai_client()")
    learner.cell('os.environ["OPENAI_API_KEY"] = server.api_key\nclient = openai_client()').went_well()
    learner.cell("print(ask(client, question, temperature=0).choices[0].message.content)").went_well().has("우산")


@fault(
    "수업 서버가 없음",
    what="수업 서버의 주소가 틀렸거나, 서버가 아직 켜지지 않았거나, API 서버가 아닌 곳을 가리킵니다.",
    seen="몇 초 안에 주소를 확인하라는 안내가 나옵니다.",
    way_out='강사에게 주소를 확인하거나 `openai_client(where="local")`로 계속하십시오.',
    kept="커널이 그대로 있고, 이 컴퓨터의 서버로 바로 이어서 할 수 있습니다.",
    without={"course_utils.api_client.explain": SAY},
)
def server_never_there(learner):
    learner.cell(CLIENT + 'import os\nos.environ["OPENAI_API_KEY"] = "key-of-the-class"').went_well()
    for address in ("http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1"):
        learner.cell(f'os.environ["OPENAI_BASE_URL"] = "{address}"').went_well()
        shown = learner.cell("client = openai_client()", seconds=20)
        shown.refused().has("수업 서버", 'openai_client(where="local")')
        assert "Connection error" not in shown.text
    learner.cell('client = openai_client(where="local")').went_well()


@fault(
    "서버가 답을 보내다가 사라짐",
    what="답이 나오는 도중에 이 컴퓨터의 서버가 죽었습니다(메모리 부족 등).",
    seen="답이 중간에 끊겼다는 안내와, 서버를 다시 켜는 방법이 나옵니다.",
    way_out="`client = openai_client()`가 있는 셀을 다시 실행하십시오.",
    kept="받은 글은 화면과 오류의 `text`에 남습니다. 커널을 다시 시작하지 않아도 서버가 다시 켜집니다.",
    without={
        "course_utils.api_calls.BrokenStreamError": "lambda message, text: RuntimeError(message)",
        "course_utils.api_calls.explain": SAY,
        "course_utils.serving.LocalServer._start_again": "lambda self, before: before",
    },
)
def server_dies(learner):
    learner.cell(CLIENT + ASK + "import os, time, course_utils.api_client as a").went_well()
    # An answer of a few tokens may be on its way whole before the server is gone: then another one is asked for.
    shown = learner.cell(
        "try:\n    for attempt in range(20):\n"
        '        client = openai_client(where="local")\n'
        "        for got, piece in enumerate(ask_stream(client, question, temperature=2, max_completion_tokens=500)):\n"
        "            if got == 1:\n                os.kill(a._local.pid, 9)\n            time.sleep(0.02)\n"
        'except Exception as error:\n    kept = getattr(error, "text", "")\n    raise'
    )
    shown.refused().has("끊겼습니다", "다시")
    assert learner.value("len(kept)") > 0
    shown = learner.cell("ask(client, question, retries=0)")
    shown.refused().has("이 컴퓨터의 서버", "client = openai_client()")
    learner.cell('client = openai_client(where="local")').went_well()
    learner.cell("print(ask(client, question, temperature=0).choices[0].message.content)").went_well().has("우산")


@fault(
    "서버가 잠시 사라졌다가 돌아옴",
    what="연결이 끊기거나 서버 안에서 오류가 난 뒤에 서버가 다시 답합니다.",
    seen="`ask()`가 몇 초 뒤에 다시 묻는다고 알리고, 답을 받아 옵니다.",
    way_out="기다리십시오. 셀을 다시 실행할 필요가 없습니다.",
    kept="질문도 답도 잃지 않습니다.",
    without={"course_utils.api_calls._worth_asking_again": "lambda error: False"},
)
def server_comes_back(learner):
    learner.cell(ASK + _FAULTY.format('["drop", "overloaded", "ok"]')).went_well()
    shown = learner.cell("print(ask(client, question, first_wait=0.01).choices[0].message.content)").went_well()
    shown.is_kind(way_out=False).has("다시 묻습니다(1/6)", "다시 묻습니다(2/6)")


@fault(
    "llama.cpp가 답을 쓰다가 멈춤",
    what='`load_pipeline(..., engine="llama.cpp")`의 프로세스가 답을 쓰는 도중에 죽었습니다.',
    seen="도중에 멈췄다는 안내가 나오고, 다음 셀에서 새로 켠다는 한 줄이 나옵니다.",
    way_out="셀을 다시 실행하십시오. 되풀이되면 메모리를 확인하십시오.",
    kept="나온 글은 화면에 남고, 커널과 변수가 그대로 있습니다.",
    without={
        "course_utils.gguf_pipeline.EngineLost": "type('Other', (Exception,), {})",
    },
)
def engine_dies(learner):
    learner.cell('from course_utils import load_pipeline\npipe = load_pipeline("mini", engine="llama.cpp")').went_well()
    learner.cell("import os, time\ngot = []").went_well()
    learner.cell(
        "def kill(piece):\n    got.append(piece)\n    print(piece, end='', flush=True)\n"
        "    if len(got) == 3:\n        os.kill(pipe.pid, 9)\n        time.sleep(0.2)"
    ).went_well()
    shown = learner.cell('pipe("안녕하세요", streamer=kill, temperature=100.0, top_k=0, seed=1, max_new_tokens=1900)')
    assert not shown.ok and learner.value('"".join(got)') in shown.text
    shown.is_kind().has("멈췄습니다", "다시 실행")
    learner.cell('pipe("안녕하세요", max_new_tokens=4)').went_well().has("새로 켭니다")


@fault(
    "수업 서버에 사람이 가득함",
    what="수업 서버가 바쁘다고(429) 거듭 답합니다.",
    seen="`ask()`가 몇 초 뒤에 다시 묻는지 알리며 기다리고, 끝내 안 되면 그렇다고 알립니다.",
    way_out="잠시 뒤에 셀을 다시 실행하거나 강사에게 알리십시오.",
    kept="질문은 그대로 있고, 자리가 나면 답이 옵니다.",
    without={
        "course_utils.api_calls._worth_asking_again": "lambda error: False",
        "course_utils.api_calls.explain": SAY,
    },
)
def server_full(learner):
    learner.cell(ASK + _FAULTY.format('[("busy", 0.01)] * 5')).went_well()
    shown = learner.cell("ask(client, question, retries=2, first_wait=0.01)")
    shown.refused().has("서버가 바쁩니다(429)", "다시 묻습니다(2/2)", "2번 다시 물었지만")
    learner.cell("ask(client, question, first_wait=0.01)").went_well().has("서버가 바쁩니다(429)")


_FAULTY = """
from openai import OpenAI
from course_utils.fault_server import fault_server
server = fault_server({}).start()
client = OpenAI(base_url=server.base_url, api_key=server.api_key)
"""
