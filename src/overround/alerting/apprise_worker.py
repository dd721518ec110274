"""
The process that runs Apprise: `python -m overround.alerting.apprise_worker NETWORKS`.

Apprise speaks a hundred protocols through libraries that wait, some of which connect wherever an address leads or
start programs. So it lives in a process of its own, in which an audit hook lets nothing pass but connections to
addresses that `Guard` allows; Python can't take such a hook away again. One JSON object per line on stdin is a
request, one on stdout its answer.
"""

import json
import logging
import os
import socket
import sys
from typing import Any

from overround.alerting.guard import Guard, read_networks

_CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty")
REFUSED = "refused: not a public address; OVERROUND_ALERT_ALLOW names what else may be reached"


class Refused(OSError):
    """A connection or a program that alerts have no business with."""


class _Reasons(logging.Handler):
    """Keeps what Apprise says of a failure."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def watch(guard: Guard, reasons: list[str]) -> None:
    """Let this process reach only what the guard allows, and start nothing, from here on."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _STARTS:
            reasons.append("refused: it would start a program")
            raise Refused(reasons[-1])
        if event in _CONNECTS and arguments[1] is not None:
            sock: Any = arguments[0]
            address: Any = arguments[1]
            is_internet = sock.family in (socket.AF_INET, socket.AF_INET6)
            if not is_internet or not guard.allows(str(address[0])):
                reasons.append(REFUSED)
                raise Refused(REFUSED)

    sys.addaudithook(hook)


def main() -> None:
    """Answer requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a plugin prints is no answer
    import apprise
    import requests

    sessions: Any = requests.sessions
    sessions.DEFAULT_REDIRECT_LIMIT = 0  # a redirect would carry the message elsewhere
    reasons = _Reasons()
    logging.getLogger("apprise").addHandler(reasons)
    logging.getLogger("apprise").propagate = False
    watch(Guard(read_networks(sys.argv[1] if len(sys.argv) > 1 else "")), reasons.said)
    for line in sys.stdin:
        request = json.loads(line)
        reasons.said.clear()
        ok = _perform(apprise, request)
        reason = "" if ok else "; ".join(dict.fromkeys(reasons.said)) or "the service did not take it"
        answers.write(json.dumps({"ok": ok, "reason": reason}) + "\n")


def _perform(apprise: Any, request: dict[str, Any]) -> bool:
    try:
        plugin = apprise.Apprise.instantiate(request["url"])
        if plugin is None or request.get("check"):
            return plugin is not None
        return bool(plugin.notify(title=request["title"], body=request["body"], body_format="text"))
    except Exception as exc:  # a plugin's fault is an answer
        logging.getLogger("apprise").warning("%s: %s", type(exc).__name__, exc)
        return False


if __name__ == "__main__":
    main()
