"""What OpenAI's API refuses, and how: the checks of the fake in fake_openai.py."""

MODEL, REASONING_MODEL = "gpt-4o-mini", "o4-mini"
MODELS = (MODEL, "gpt-4o", REASONING_MODEL)
CONTEXT_WORDS = 2000
FIELDS = frozenset(
    "model messages temperature top_p n stop seed logprobs top_logprobs max_tokens max_completion_tokens stream "
    "stream_options presence_penalty frequency_penalty user store metadata response_format tools tool_choice "
    "logit_bias reasoning_effort service_tier".split()
)
# Parameter -> (smallest, largest, whether whole).
RANGES = {
    "temperature": (0, 2, False),
    "top_p": (0, 1, False),
    "presence_penalty": (-2, 2, False),
    "frequency_penalty": (-2, 2, False),
    "n": (1, 128, True),
    "top_logprobs": (0, 20, True),
    "max_tokens": (1, None, True),
    "max_completion_tokens": (1, None, True),
    "seed": (None, None, True),
}
FIXED_BY_REASONING = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
ROLES = ("system", "developer", "user", "assistant", "tool", "function")


class Refusal(Exception):
    """An error answer; ``code`` and ``param`` as OpenAI's."""

    def __init__(self, status, message, code=None, param=None, kind="invalid_request_error"):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def check_number(name, value):
    low, high, whole = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise Refusal(400, f"Invalid type for '{name}'.", "invalid_type", name)
    word = "integer" if whole else "decimal"
    if low is not None and value < low:
        raise Refusal(400, f"Invalid '{name}': below {low}.", f"{word}_below_min_value", name)
    if high is not None and value > high:
        raise Refusal(400, f"Invalid '{name}': above {high}.", f"{word}_above_max_value", name)


def check_model(name):
    if not name:
        raise Refusal(400, "You must provide a model parameter.")
    if name not in MODELS:
        raise Refusal(404, f"The model `{name}` does not exist or you do not have access to it.", "model_not_found")


def check_messages(messages):
    if not isinstance(messages, list):
        raise Refusal(400, "Invalid type for 'messages': expected an array.", "invalid_type", "messages")
    if not messages:
        raise Refusal(400, "Invalid 'messages': empty array.", "empty_array", "messages")
    for number, message in enumerate(messages):
        where = f"messages[{number}]"
        if not isinstance(message, dict):
            raise Refusal(400, f"Invalid type for '{where}'.", "invalid_type", where)
        if message.get("role") not in ROLES:
            raise Refusal(400, f"Invalid value for '{where}.role'.", "invalid_value", f"{where}.role")
        if not isinstance(message.get("content"), str | list):
            raise Refusal(400, f"Invalid value for 'content' of '{where}'.", None, f"{where}.content")
    if len(str(messages).split()) > CONTEXT_WORDS:
        message = "This model's maximum context length is exceeded. Please reduce the length of the messages."
        raise Refusal(400, message, "context_length_exceeded", "messages")


def check_reasoning(body):
    if "max_tokens" in body:
        message = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
        raise Refusal(400, message, "unsupported_parameter", "max_tokens")
    for name in FIXED_BY_REASONING:
        if body.get(name) not in (None, 1 if name in ("temperature", "top_p") else 0):
            raise Refusal(400, f"Unsupported value: '{name}' takes the default only.", "unsupported_value", name)
    if body.get("logprobs"):
        raise Refusal(400, "Unsupported parameter: 'logprobs'.", "unsupported_parameter", "logprobs")


def check_chat(body):
    check_model(body.get("model"))
    for name in body:
        if name not in FIELDS:
            raise Refusal(400, f"Unknown parameter: '{name}'.", "unknown_parameter", name)
    check_messages(body.get("messages"))
    for name in RANGES:
        if body.get(name) is not None:
            check_number(name, body[name])
    if isinstance(body.get("stop"), list) and len(body["stop"]) > 4:
        raise Refusal(400, "Invalid 'stop': array too long.", "array_above_max_length", "stop")
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise Refusal(400, "'top_logprobs' needs 'logprobs'.", None, "top_logprobs")
    if body["model"] == REASONING_MODEL:
        check_reasoning(body)


def check_response(body):
    check_model(body.get("model"))
    if not body.get("input"):
        raise Refusal(400, "Missing required parameter: 'input'.", "missing_required_parameter", "input")
    for name in ("temperature", "top_p", "top_logprobs"):
        if body.get(name) is not None:
            check_number(name, body[name])
    if body["model"] == REASONING_MODEL:
        for name in ("temperature", "top_p"):
            if name in body:
                message = f"Unsupported parameter: '{name}' is not supported with this model."
                raise Refusal(400, message, "unsupported_parameter", name)
