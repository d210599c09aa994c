"""Two leaderboards' scores of the same models, for the visible cases of ``same_order_share``."""

# Real rows: Chatbot Arena of 2025-07-18 and averages of the Open LLM Leaderboard's last table, rounded.
VOTES = {
    "QwQ-32B": 1332,
    "Llama-3.3-70B-Instruct": 1273,
    "Qwen2.5-72B-Instruct": 1272,
    "Phi-4": 1221,
    "Gemma-2-9B-it": 1207,
}
TESTS = {
    "QwQ-32B": 12.21,
    "Llama-3.3-70B-Instruct": 44.85,
    "Qwen2.5-72B-Instruct": 47.98,
    "Phi-4": 30.36,
    "Gemma-2-9B-it": 32.07,
}
# Of these every known mistake makes another number.
THREE = ("QwQ-32B", "Llama-3.3-70B-Instruct", "Phi-4")
THREE_VOTES, THREE_TESTS = ({name: board[name] for name in THREE} for board in (VOTES, TESTS))
MORE_VOTES = VOTES | {"Gemini-2.5-Pro": 1474, "EXAONE-3.5-2.4B-Instruct": None}
MORE_TESTS = {"EXAONE-3.5-2.4B-Instruct": 27.14} | TESTS
TIED_VOTES = {
    "Gemma-2-2b-it": 1159,
    "Nous-Hermes-2-Mixtral-8x7B-DPO": 1099,
    "Gemma-1.1-7B-it": 1099,
    "DeepSeek-LLM-67B-Chat": 1092,
}
TIED_TESTS = {
    "Gemma-2-2b-it": 17.05,
    "Nous-Hermes-2-Mixtral-8x7B-DPO": 27.35,
    "Gemma-1.1-7B-it": 17.69,
    "DeepSeek-LLM-67B-Chat": 27.31,
}
