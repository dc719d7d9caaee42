"""A client of the YAML language server, as small as an editor can be: it opens files and asks for
completions, hovers and diagnostics (Language Server Protocol 3.17 over stdio)."""

import json
import queue
import subprocess
import threading
import time

from tests.lab.programs import ROOT

SERVER = ROOT / "build/editor/node_modules/yaml-language-server/bin/yaml-language-server"
ANSWER_SECONDS = 60
SETTINGS = {"yaml": {"validate": True, "hover": True, "completion": True,
                     "schemaStore": {"enable": False}},  # nothing from outside
            "http": {}, "[yaml]": {}, "editor": {"tabSize": 2}, "files": {}}
CAPABILITIES = {
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {
        "publishDiagnostics": {},
        "hover": {"contentFormat": ["markdown"]},
        "completion": {"completionItem": {"documentationFormat": ["markdown"],
                                          "snippetSupport": True}},
    },
}


class LanguageServer:
    """Started with the first use of `with`; every wait has an end."""

    def __init__(self, log):
        if not SERVER.exists():
            raise FileNotFoundError(f"{SERVER} is not installed: run deploy/setup.sh")
        self._log = open(log, "w", encoding="utf-8")  # pylint: disable=consider-using-with
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["node", SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._log, cwd=ROOT)
        self._received = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._last_id = 0
        self._shown = 0
        self._diagnostics = {}  # by URI

    def __enter__(self):
        folder = [{"uri": ROOT.as_uri(), "name": "wavegate"}]
        self.ask("initialize", {"processId": None, "rootUri": ROOT.as_uri(),
                                "capabilities": CAPABILITIES, "workspaceFolders": folder})
        self._tell("initialized", {})
        until = time.monotonic() + ANSWER_SECONDS
        while self._next(until, "initialized").get("method") != "workspace/configuration":
            pass  # files are shown once it has been told the settings
        return self

    def __exit__(self, *_):
        try:
            self.ask("shutdown", None)
            self._tell("exit", None)
            self._process.wait(ANSWER_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            self._process.stdin.close()
            self._process.stdout.close()
            self._log.close()

    def ask(self, method, params):
        """The result of a request; the server's own requests are answered meanwhile."""
        self._last_id += 1
        self._send({"id": self._last_id, "method": method, "params": params})
        until = time.monotonic() + ANSWER_SECONDS
        while True:
            message = self._next(until, method)
            if message.get("id") == self._last_id and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def show(self, text):
        """Opens a campaign file of that text, a new one each time, not on the disk. Its URI."""
        self._shown += 1
        uri = (ROOT / f"campaigns/shown-{self._shown}.yaml").as_uri()
        self._tell("textDocument/didOpen", {"textDocument": {
            "uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        return uri

    def diagnostics(self, uri):
        """What is wrong with the file."""
        until = time.monotonic() + ANSWER_SECONDS
        while uri not in self._diagnostics:
            self._next(until, "diagnostics")
        return self._diagnostics[uri]

    def completions(self, uri, line, character):
        """Items by their labels. Lines and characters are counted from 0, as the protocol does."""
        answer = self.ask("textDocument/completion", _place(uri, line, character))
        items = answer["items"] if isinstance(answer, dict) else answer
        return {item["label"]: item for item in items or []}

    def hover(self, uri, line, character):
        answer = self.ask("textDocument/hover", _place(uri, line, character))
        return answer["contents"]["value"] if answer else ""

    def _tell(self, method, params):
        self._send({"method": method, "params": params})

    def _send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self):
        """In a thread of its own: everything that the server sends, and None at its end."""
        out = self._process.stdout
        while True:
            length = 0
            while (line := out.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                break
            self._received.put(json.loads(out.read(length)))
        self._received.put(None)

    def _next(self, until, what):
        try:
            message = self._received.get(timeout=max(0, until - time.monotonic()))
        except queue.Empty:
            raise TimeoutError(f"the language server did not answer: {what}") from None
        if message is None:
            raise EOFError(f"the language server has ended; see {self._log.name}")
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": _answer(message)})
        return message


def _place(uri, line, character):
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def _answer(request):
    if request["method"] == "workspace/configuration":
        return [SETTINGS.get(item.get("section")) for item in request["params"]["items"]]
    return None
