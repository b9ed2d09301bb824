"""Whether workers wait for the model: a model that takes 200 ms, and trials of a second.

    python benchmarks/proposing.py [N]

Runs N proposals of a server on loopback through the real engine, with two workers in the best
sandbox there is, and prints one JSON line: the share of the time, from the first proposal to the
last trial, in which workers were busy. The model answers at once after its 200 ms, whoever asks.
"""

import json
import shutil
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

from filial.authors import Access
from filial.core import Event, History, Proposed, Spend, TrialFinished
from filial.kits import copy
from filial.running import Surroundings, run
from filial.study import Study

LATENCY_S = 0.2
TRIAL_S = 1.0
WORKERS = 2
_N_ITEMS = 24
_N_PROPOSED = count()


class Handler(BaseHTTPRequestHandler):
    """Answers in OpenAI's protocol, each time with another change for the worse."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answers."""
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(LATENCY_S)
        code = f"def shift():\n    return 4.{next(_N_PROPOSED):06}\n"
        text = f"Hypothesis: another shift\n\n```python answer.py::shift\n{code}```\n"
        choice = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": text},
        }
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        reply = {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
        data = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Says nothing."""


def prepare(folder: Path, n: int, url: str) -> None:
    """Makes a study whose program takes a second to sit the exam."""
    copy("sums", folder)
    code = folder / "code" / "answer.py"
    text = code.read_text(encoding="utf-8").replace("SHIFT = 5.0", "_UNUSED = 5.0")
    text = text.replace("SHIFT * n", "shift() * n")
    text = text.replace(
        "def answer(question):\n", "def answer(question):\n    time.sleep(PAUSE)\n"
    )
    begin = f"import time\n\nPAUSE = {TRIAL_S / _N_ITEMS}\n\n\ndef shift():\n    return 5.0\n\n\n"
    head, _, rest = text.partition("\n\n")
    code.write_text(f"{head}\n\n{begin}{rest}", encoding="utf-8")
    settings = (folder / "study.toml").read_text(encoding="utf-8").partition("[proposers]")[0]
    api = f'[proposers]\napi = {{ model = "custom:m", base_url = "{url}" }}\n'
    (folder / "study.toml").write_text(f"{settings}{api}[budget]\ncandidates = {n}\n")


def measure(n: int, folder: Path, url: str) -> dict[str, float]:
    """Runs the study and returns its figures."""
    prepare(folder, n, url)
    begun: list[float] = []
    ended: list[float] = []
    busy = Spend()

    def note(event: Event, _history: History) -> None:
        nonlocal busy
        now = time.perf_counter()
        if isinstance(event.body, Proposed) and event.body.index >= 0:
            begun.append(now)
        if isinstance(event.body, TrialFinished) and begun:
            ended.append(now)
            busy += event.body.trial.spend

    reason = run(Study(folder), Surroundings(workers=WORKERS, listener=note, access=Access()))
    elapsed = ended[-1] - begun[0]
    return {
        "proposals": len(begun),
        "trials": len(ended),
        "trials_per_s": round(len(ended) / elapsed, 2),
        "busy_share": round(busy.wall_s / WORKERS / elapsed, 3),
        "over": reason == "the budget is used up: candidates",
    }


if __name__ == "__main__":
    place = Path(tempfile.mkdtemp(dir=Path.home()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        print(
            json.dumps(
                measure(int(sys.argv[1]) if len(sys.argv) > 1 else 60, place / "s", address)
            )
        )
    finally:
        shutil.rmtree(place)
