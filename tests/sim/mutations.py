"""Breaks the product on purpose, one way at a time, and shows that the simulation notices.

usage: tests/sim/mutations.py [--only WORD] [--markdown] [--keep FOLDER]

tests/sim/mutations.txt says what is broken, where, and which rule should catch it. Each mutation is made in a copy of the
tree; only wavegate-sim is built there. A mutation that no seed notices is a failure, and so is a seed that fails without
one: then nothing that is caught would mean anything.
"""
import argparse
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).with_name("mutations.txt")
SECONDS = 900  # of one mutation at most
FAILED = re.compile(r"^seed (\d+), step (\d+), (.+): rule (\d+) does not hold\n +(.*)$", re.MULTILINE)


@dataclasses.dataclass
class Mutation:
    name: str
    file: str
    rules: str  # one of these digits, or several
    seeds: int
    start: int
    find: str
    replace: str


def read_list(path):
    """Blocks of "key: value" parted by empty lines; find and with hold the indented lines that follow."""
    for block in re.split(r"\n(?=mutation:)", path.read_text()):
        if not block.startswith("mutation:"):
            continue
        fields, key = {}, None
        for line in block.rstrip().splitlines():
            if line.startswith("    ") and key in ("find", "with"):
                fields[key] += line[4:] + "\n"
            elif line.strip() and not line.startswith("#"):
                key, value = (part.strip() for part in line.split(":", 1))
                fields[key] = value
        yield Mutation(fields["mutation"], fields["file"], fields["rule"], int(fields["seeds"]),
                       int(fields.get("from", 1)), fields["find"], fields["with"])


class Copy:
    """The tree once more, with its own build."""

    def __init__(self, folder):
        self.tree = folder / "tree"
        self.build = folder / "build"
        files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                               capture_output=True, text=True).stdout.splitlines()
        for name in files:
            if (ROOT / name).is_file():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.tree / name)
        launcher = ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
        self.env = dict(os.environ, CCACHE_BASEDIR=str(self.tree))
        self.run(["cmake", "--preset", "release", "-B", str(self.build), *launcher])

    def run(self, command):
        done = subprocess.run(command, cwd=self.tree, env=self.env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

    def make(self):
        self.run(["cmake", "--build", str(self.build), "--target", "wavegate-sim"])

    def simulate(self, start, seeds):
        """The first seed that fails, as (seed, rule, words), or None."""
        command = [str(self.tree / "tests/sim/sim.sh"), str(self.build / "bin/wavegate-sim"), "--from", str(start),
                   "--seeds", str(seeds), "--shrink", "0", "--seconds", str(SECONDS)]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        found = FAILED.search(done.stdout)
        if found:
            return int(found[1]), found[4], found[5]
        if done.returncode != 0:
            sys.exit(f"the simulation itself failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return None


def mutate(copy, mutation):
    path = copy.tree / mutation.file
    text = path.read_text()
    if text.count(mutation.find) != 1:
        sys.exit(f"{mutation.name}: {mutation.file} holds the text {text.count(mutation.find)} times, not once")
    path.write_text(text.replace(mutation.find, mutation.replace))
    try:
        copy.make()
        return copy.simulate(mutation.start, mutation.seeds)
    finally:
        path.write_text(text)


def tell(mutation, found, markdown):
    caught = found and found[1] in mutation.rules
    seeds = str(found[0] - mutation.start + 1) if found else f"none of {mutation.seeds}"
    rule = found[1] if found else "-"
    words = found[2] if found else ""
    if markdown:
        print(f"| {mutation.name} | `{mutation.file}` | {rule} | {seeds} | {textwrap.shorten(words, 90)} |", flush=True)
    else:
        print(f"{'caught' if caught else 'MISSED':7} {mutation.name}: rule {rule}, seeds {seeds}  {words[:100]}", flush=True)
    return caught


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="mutations with this in their name")
    parser.add_argument("--markdown", action="store_true", help="rows of a table")
    parser.add_argument("--keep", help="folder for the copy and its build, kept for the next time")
    args = parser.parse_args()
    mutations = [mutation for mutation in read_list(LIST) if args.only in mutation.name]
    with tempfile.TemporaryDirectory(prefix="wavegate-mutations.") as temporary:
        folder = pathlib.Path(args.keep or temporary)
        shutil.rmtree(folder / "tree", ignore_errors=True)
        copy = Copy(folder)
        copy.make()
        found = copy.simulate(1, max(mutation.start + mutation.seeds - 1 for mutation in mutations))
        if found:
            sys.exit(f"seed {found[0]} fails without a mutation, rule {found[1]}: {found[2]}")
        missed = sum(not tell(mutation, mutate(copy, mutation), args.markdown) for mutation in mutations)
    print(f"{len(mutations) - missed} of {len(mutations)} mutations caught", file=sys.stderr if args.markdown else None)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
