"""Particles (josa) that do not agree with the word before them, as that word is read aloud.

Hangul and digits are read by rule, capital letters by their names, Latin words by the table below; a Latin word that
is not in it is left alone, and so is a bare Hangul word where only a dictionary could tell a particle from an ending.
"""

import re

from tools.mini.josa import PAIRS, RIEUL, final_consonant

# How Koreans read the Latin words of the course. Only the last sound matters for the particle.
_READINGS = """
accelerate 액셀러레이트, answer 앤서, anthropic 앤트로픽, api 에이피아이, arena 아레나, argmax 아그맥스, array 어레이,
assert 어서트, assistant 어시스턴트, attention 어텐션, auto 오토, average 애버리지, axis 액시스, bart 바트,
base 베이스, batch 배치, bfloat 비플로트, bias 바이어스, bits 비츠, bubblewrap 버블랩, budget 버짓, cache 캐시,
causallm 코즐엘엠, chat 챗, chatgpt 챗지피티, check 체크, choice 초이스, choices 초이시스, chrome 크롬,
chromium 크로미엄, chunk 청크, claude 클로드, client 클라이언트, code 코드, colab 코랩, completion 컴플리션,
completions 컴플리션스, config 컨피그, content 콘텐트, contents 콘텐츠, context 콘텍스트, count 카운트, counts 카운츠,
create 크리에이트, dataframe 데이터프레임, decoding 디코딩, delta 델타, device 디바이스, dict 딕트, docker 도커,
draft 드래프트, drafts 드래프츠, draw 드로, dtype 디타입, embedding 임베딩, engine 엔진, enter 엔터, error 에러,
exaone 엑사원, excel 엑셀, exception 엑셉션, exercises 엑서사이즈, explain 익스플레인, factor 팩터, false 폴스,
filter 필터, float 플로트, gate 게이트, gelu 젤루, gemini 제미나이, gemma 젬마, generate 제너레이트, git 깃,
github 깃허브, gumbel 굼벨, head 헤드, history 히스토리, home 홈, hub 허브, human 휴먼, ids 아이디스, inf 인프,
ipynb 아이파이엔비, jinja 진자, json 제이슨, jupyter 주피터, jupyterhub 주피터허브, jupyterlab 주피터랩, kernel 커널,
keys 키스, length 렝스, linux 리눅스, llama 라마, load 로드, logit 로짓, logits 로지츠, logprob 로그프로브,
logprobs 로그프로브스, macos 맥오에스, message 메시지, messages 메시지스, mini 미니, mode 모드, model 모델,
models 모델스, nbgrader 엔비그레이더, none 넌, norm 놈, notebook 노트북, numpy 넘파이, offline 오프라인,
openai 오픈에이아이, output 아웃풋, outputs 아웃풋츠, pandas 판다스, param 패럼, path 패스, penalty 페널티, phi 파이,
pip 핍, pipe 파이프, pipeline 파이프라인, positions 포지션스, powershell 파워셸, prefill 프리필, print 프린트,
probabilities 프로버빌리티스, progress 프로그레스, proj 프로젝트, prompt 프롬프트, python 파이썬, pytorch 파이토치,
question 퀘스천, questions 퀘스천스, quota 쿼터, qwen 큐웬, reason 리즌, relu 렐루, requests 리퀘스츠,
response 리스폰스, responses 리스폰시스, result 리절트, retries 리트라이스, return 리턴, role 롤, rope 로프,
rotate 로테이트, rows 로스, safe 세이프, sample 샘플, sampling 샘플링, scaling 스케일링, scipy 사이파이, seed 시드,
server 서버, settings 세팅스, shape 셰이프, silu 실루, softmax 소프트맥스, solutions 설루션스, source 소스, stop 스톱,
stream 스트림, streamer 스트리머, system 시스템, tab 탭, task 태스크, temperature 템퍼러처, tensor 텐서, text 텍스트,
theta 세타, timeout 타임아웃, token 토큰, tokenizer 토크나이저, tokens 토큰스, torch 토치, traceback 트레이스백,
train 트레인, transformers 트랜스포머스, tries 트라이스, true 트루, type 타입, typeerror 타입에러, ubuntu 우분투,
unknown 언노운, url 유알엘, usage 유시지, user 유저, value 밸류, valueerror 밸류에러, vllm 브이엘엘엠, weight 웨이트,
weights 웨이츠, widget 위젯, windows 윈도, within 위딘, zip 집, zypper 지퍼
"""
READ_AS = dict(entry.split() for entry in _READINGS.replace("\n", " ").split(",") if entry.strip())
_LETTERS_WITH_FINAL = "LMNR"

# after a consonant, after a vowel; what follows must end the word, or it may be part of another one
_BOTH = {form: pair for pair in (PAIRS[key] for key in ("은", "이", "을", "과", "으로")) for form in pair}
_LONG = {"라는": "이라는", "라고": "이라고", "라면": "이라면", "란": "이란"}
_AFTER_OTHER = re.compile(r"(?<=[^\s가-힣])(은|는|이|가|을|를|과|와|으로|로|라는|라고|라면|란)(?![가-힣])")
_CLOSERS = re.compile(r"(?:\([^()]*\)|[*\"'”’_])+$")
_CALL = re.compile(r"[A-Za-z_]\w*\([^()]+\)[\"'*]*$")  # a call with arguments: is the name read, or the last argument?
_SPOKEN = re.compile(r"(?:[A-Za-z]+|\d[\d,]*|[가-힣]+)$")
_FRACTION = re.compile(r"(\d+)/\d+$")  # "3/4" is read "four's three"
_EMPTY_CALL = re.compile(r"(?:\(\)|[/\"'])+$")
# Hangul words in which the last syllable is surely a particle: 를 never ends a word by itself, 와 and 으로 hardly ever.
_AFTER_HANGUL = re.compile(r"[가-힣]*([가-힣])(를|을|와|으로)(?![가-힣])")
_WORDS_IN_EUL = ("마을", "가을", "노을", "나을", "이을", "지을", "그을", "저을", "부을")
_FORBIDDEN = re.compile(
    r"은\(는\)|는\(은\)|이\(가\)|가\(이\)|을\(를\)|를\(을\)|과\(와\)|와\(과\)|\(으\)로|[은이을과]/[는가를와](?![가-힣])"
)


def final_of(head: str) -> int | None:
    """Index of the final consonant that ends `head` when it is read aloud (0: a vowel); None where nobody knows.

    `head` may end in closing quotes, emphasis, a gloss in parentheses, or be a piece of code.
    """
    code = re.search(r"`([^`]*)`[*]*$", head)
    head = _EMPTY_CALL.sub("", code[1] if code else head)
    if not code and _CALL.search(head):
        return None
    head = _FRACTION.sub(r"\1", head if code else _CLOSERS.sub("", head))
    if head.endswith("%"):
        return final_consonant("퍼센트")
    spoken = _SPOKEN.search(head)
    if not spoken:
        return None
    word = spoken[0]
    if word[0].isdigit() or word[-1] >= "가":
        return final_consonant(word)
    if word.lower() in READ_AS:
        return final_consonant(READ_AS[word.lower()])
    if len(word) == 1 or word.isupper() and not (len(word) > 3 and set(word) & set("AEIOU")):
        return final_consonant(word.upper()) if word[-1].upper() in _LETTERS_WITH_FINAL else 0
    return None


def _fitting(final: int, josa: str) -> str:
    if josa in _LONG:
        return _LONG[josa] if final else josa
    after_consonant, after_vowel = _BOTH[josa]
    if after_vowel == "로" and final == RIEUL:
        return after_vowel
    return after_consonant if final else after_vowel


def wrong_josa(text: str) -> list[str]:
    """Each particle in `text` that does not agree with the word before it, with that word."""
    found = [match[0] for match in _FORBIDDEN.finditer(text)]
    for match in _AFTER_OTHER.finditer(text):
        head = text[: match.start()].rsplit("\n", 1)[-1]
        final = None if head.endswith(("}", "$")) else final_of(head)
        if final is not None and _fitting(final, match[1]) != match[1]:
            found.append(f"{head[-30:]}{match[1]}")
    for match in _AFTER_HANGUL.finditer(text):
        if not match[0].endswith(_WORDS_IN_EUL) and _fitting(final_consonant(match[1]), match[2]) != match[2]:
            found.append(match[0])
    return found
