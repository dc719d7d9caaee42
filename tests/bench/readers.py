"""People who look all the time: commands one after the other, and a stream of events, through deaths of the server."""

import http.client
import threading

from tests.lab import programs
from tests.lab.events import Stream

AGAIN = 1  # seconds after an answer that did not come


class Commands(threading.Thread):
    """words: a function that gives the words of the next command. `failed` are those that were not answered."""

    def __init__(self, orchestrator, words, pause):
        super().__init__(daemon=True)
        self._orchestrator, self._words, self._pause = orchestrator, words, pause
        self._ended = threading.Event()
        self.answered, self.failed, self.last, self.slowest = 0, 0, "", 0.0
        self.start()

    def run(self):
        turn = 0
        while not self._ended.wait(self._pause):
            self.ask(self._words(turn))
            turn += 1

    def ask(self, words):
        done = programs.run(self._orchestrator.command(*words),
                            env=programs.environment(self._orchestrator.folder), timeout=120)
        if done.returncode == 0:
            self.answered += 1
        else:
            self.failed += 1
            self.last = f"{' '.join(words)}: {done.returncode}: {(done.stderr or done.stdout).strip()[:200]}"
        return done.returncode == 0

    def end(self):
        self._ended.set()
        self.join()


class Listener(threading.Thread):
    """A stream that goes on behind what it has seen."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self._client, self._ended, self._stream = client, threading.Event(), None
        self.events, self.opened, self._last = 0, 0, ""
        self.start()

    def run(self):
        while not self._ended.is_set():
            try:
                self._stream = Stream(self._client, "campaigns,devices", last=self._last).open()
            except (OSError, AssertionError, http.client.HTTPException):
                self._ended.wait(AGAIN)
                continue
            self.opened += 1
            while not self._stream.wait_end(0.5) and not self._ended.is_set():
                pass
            self._last = self._stream.last
            self.events += len(self._stream.events)
            self._stream.close()

    def end(self):
        self._ended.set()
        self.join()
