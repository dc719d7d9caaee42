"""wavegate-tuf as whoever runs it sees it."""

import json
import os
import subprocess

from tests.lab import programs

# A sanitizer's finding must not pass for a refusal.
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="exitcode=99", UBSAN_OPTIONS="exitcode=99:print_stacktrace=1")


class Client:
    def __init__(self, folder, url):
        self.metadata = folder / "metadata"
        self.targets = folder / "targets"
        self.folder = folder
        self.url = url
        self.more = []

    def command(self, *arguments):
        return [programs.program("wavegate-tuf"), "--metadata-dir", str(self.metadata), *arguments]

    def run(self, *arguments):
        return subprocess.run(self.command(*arguments, *self.more), text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, check=False, env=ENVIRONMENT, timeout=60)

    def trust(self, root):
        path = self.folder / "first_root.json"
        path.write_bytes(root)
        done = self.run("init", str(path))
        assert done.returncode == 0, done.stderr

    def _judge(self, done, refused):
        if refused is None:
            assert done.returncode == 0, done.stderr
            assert done.stderr == ""
        else:
            assert done.returncode == 1, (done.returncode, done.stderr)
            assert refused in done.stderr
            assert done.stderr.startswith("wavegate-tuf: ") and done.stderr.count("\n") == 1
        return done

    def refresh(self, refused=None):
        """refused: a part of the error that is expected."""
        return self._judge(self.run("--metadata-url", f"{self.url}/metadata", "refresh"), refused)

    def download(self, path, refused=None):
        return self._judge(self.run(*self.download_arguments(path)), refused)

    def download_arguments(self, path):
        return ["--metadata-url", f"{self.url}/metadata/", "--target-base-url", f"{self.url}/targets/",
                "--target-dir", str(self.targets), "--target-name", path, "download"]

    def versions(self):
        """What is trusted: role -> version; every file must be whole."""
        return {path.name.removesuffix(".json"): json.loads(path.read_bytes())["signed"]["version"]
                for path in sorted(self.metadata.glob("*.json"))}

    def downloaded(self):
        if not self.targets.exists():
            return {}
        return {path.name: path.read_bytes() for path in sorted(self.targets.iterdir())}
