"""Do addresses still answer? Asked politely: few at a time, few attempts, as long to wait as a server says."""

import http.client
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

ATTEMPTS, AT_ONCE = 3, 4
PAUSE, LONGEST_PAUSE = 2.0, 30.0
# They answer browsers and refuse programs: 401, 403 or 429 from them says nothing about the page.
REFUSE_PROGRAMS = ("openai.com", "colab.research.google.com", "doi.org", "dl.acm.org", "researchgate.net")
_REFUSALS = (401, 403, 429)
_NOT_BY_HEAD = (400, 403, 404, 405, 501)
_AGENT = "Mozilla/5.0 (compatible; course-link-check)"


@dataclass(frozen=True)
class Answer:
    """What became of one address. ``state``: "alive", "moved", "refused" (unknown, a person should look) or "dead"."""

    address: str
    state: str
    told: str
    places: tuple[str, ...] = ()

    @property
    def dead(self) -> bool:
        return self.state == "dead"


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *arguments, **named):
        return None


def _status(address: str, method: str, timeout: float, follow: bool) -> tuple[int, Mapping[str, str]]:
    opener = build_opener() if follow else build_opener(_NoRedirects())
    request = Request(address, method=method, headers={"User-Agent": _AGENT, "Accept": "*/*"})
    try:
        with opener.open(request, timeout=timeout) as answer:
            return answer.status, answer.headers
    except HTTPError as error:
        with error:
            return error.code, error.headers


def _looked_at(address: str, timeout: float) -> tuple[int, Mapping[str, str]]:
    """Status and headers by HEAD, by GET where HEAD is not taken; a redirect that lasts is told, not followed."""
    status, headers = _status(address, "HEAD", timeout, follow=False)
    method = "HEAD"
    if status in _NOT_BY_HEAD:
        method = "GET"
        status, headers = _status(address, method, timeout, follow=False)
    if status in (301, 308):
        final, _ = _status(address, "GET", timeout, follow=True)
        return (status if final < 400 else final), headers
    if 300 <= status < 400:
        status, headers = _status(address, "GET", timeout, follow=True)
    return status, headers


def _pause(headers: Mapping[str, str], attempt: int, pause: float) -> float:
    told = (headers.get("Retry-After") or "").strip()
    return min(float(told) if told.isdigit() else pause * 2**attempt, LONGEST_PAUSE)


def ask(address: str, places: Sequence[str] = (), *, timeout: float = 20.0, pause: float = PAUSE) -> Answer:
    """One address, asked up to three times: busy servers and broken lines get another chance."""
    host, told, status = urlsplit(address).hostname or "", "", 0
    for attempt in range(ATTEMPTS):
        wait = pause * 2**attempt
        try:
            status, headers = _looked_at(address.partition("#")[0], timeout)
            told, wait = f"HTTP {status}", _pause(headers, attempt, pause)
            if status in (301, 308):
                return Answer(address, "moved", f"now {headers.get('Location', '?')}", tuple(places))
            if status < 400:
                return Answer(address, "alive", told, tuple(places))
            if status in _REFUSALS and _matches(host):
                return Answer(address, "refused", told, tuple(places))
            if status != 429 and status < 500:
                break
        except (URLError, OSError, http.client.HTTPException, ValueError) as error:
            status, told = 0, f"{type(error).__name__}: {getattr(error, 'reason', error)}"
        if attempt + 1 < ATTEMPTS:
            time.sleep(wait)
    # A server that is busy each time is there.
    return Answer(address, "refused" if status == 429 else "dead", told, tuple(places))


def _matches(host: str) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in REFUSE_PROGRAMS)


def ask_all(addresses: Mapping[str, Sequence[str]], **options: float) -> list[Answer]:
    """Every address, four at a time; ``addresses``: address -> the files that name it. Options as for ``ask``."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda item: ask(*item, **options), sorted(addresses.items())))


def report(answers: Sequence[Answer]) -> str:
    """The result as Markdown: what to mend first, then what a person should look at, then a count."""
    counts = {state: [one for one in answers if one.state == state] for state in ("dead", "moved", "refused", "alive")}
    lines = ["## Links", "", ", ".join(f"{len(found)} {state}" for state, found in counts.items()) + "."]
    for state, what in (("dead", "Dead"), ("moved", "Moved for good"), ("refused", "Refused to answer a program")):
        if counts[state]:
            lines += ["", f"### {what}", ""]
            lines += [f"- <{one.address}>: {one.told} (in {', '.join(one.places)})" for one in counts[state]]
    return "\n".join(lines) + "\n"
