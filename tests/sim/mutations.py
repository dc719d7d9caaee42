"""Breaks the product on purpose, one way at a time, and shows that the simulation notices.

usage: tests/sim/mutations.py [--check] [--only WORD] [--markdown] [--keep FOLDER]

tests/sim/mutations.txt says what is broken, where, which rule should catch it, and a seed that showed it; if it does not
any more, because what a seed means has changed, the first seeds are tried. Each mutation is made in a copy of the tree;
only wavegate-sim is built there. A mutation that no seed notices is a failure, and so is one that another rule notices.
The seed that notices it must pass without the mutation: else it would show nothing.
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
NOT_COPIED = (".git", ".ci", "build", "__pycache__", ".pytest_cache", "compile_commands.json")
SEEDS = 60  # from 1 on, when the seed that showed it last does not any more
SECONDS = 120  # for these
FAILED = re.compile(r"^seed (\d+), step (\d+), (.+): rule (\d+) does not hold\n +(.*)$", re.MULTILINE)


@dataclasses.dataclass
class Mutation:
    name: str
    file: str
    rules: str  # one of these digits
    seed: int  # that showed it last
    find: list
    replace: list  # one for each

    def apply(self, tree):
        """The text of the file with the mutation in it."""
        text = (tree / self.file).read_text()
        for find, replace in zip(self.find, self.replace, strict=True):
            if text.count(find) != 1:
                sys.exit(f"{self.name}: {self.file} holds the text {text.count(find)} times, not once")
            text = text.replace(find, replace)
        return text


def read_list(path):
    """Blocks of "key: value"; find and with hold the indented lines that follow, and may come again."""
    for block in re.split(r"\n(?=mutation:)", path.read_text()):
        if not block.startswith("mutation:"):
            continue
        fields, key = {"find": [], "with": []}, None
        for line in block.rstrip().splitlines():
            if line.startswith("    ") and key in ("find", "with"):
                fields[key][-1] += line[4:] + "\n"
            elif line.strip() and not line.startswith("#"):
                key, value = (part.strip() for part in line.split(":", 1))
                if key in ("find", "with"):
                    fields[key].append("")
                else:
                    fields[key] = value
        yield Mutation(fields["mutation"], fields["file"], fields["rule"], int(fields["seed"]), fields["find"],
                       fields["with"])


def copy_changed(source, target):
    """What is the same stays as it is: the build goes by the time of a file."""
    if not os.path.exists(target) or pathlib.Path(source).read_bytes() != pathlib.Path(target).read_bytes():
        shutil.copyfile(source, target)
        shutil.copymode(source, target)


def take_over(source, target):
    shutil.copytree(source, target, symlinks=False, dirs_exist_ok=True, copy_function=copy_changed,
                    ignore=shutil.ignore_patterns(*NOT_COPIED))
    for path in target.rglob("*"):
        if path.is_file() and not (source / path.relative_to(target)).exists():
            path.unlink()


class Copy:
    """The tree once more, with its own build, and the program as it is without any mutation."""

    def __init__(self, folder):
        self.tree = folder / "tree"
        self.build = folder / "build"
        self.sound = folder / "wavegate-sim"
        take_over(ROOT, self.tree)
        launcher = ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
        self.env = dict(os.environ, CCACHE_BASEDIR=str(self.tree))
        self.run(["cmake", "--preset", "release", "-B", str(self.build), *launcher])
        self.make()
        shutil.copy2(self.build / "bin/wavegate-sim", self.sound)

    def run(self, command):
        done = subprocess.run(command, cwd=self.tree, env=self.env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

    def make(self):
        self.run(["cmake", "--build", str(self.build), "--target", "wavegate-sim"])

    def simulate(self, program, start, seeds):
        """The first seed that fails, as (seed, rule, words), or None."""
        command = [str(self.tree / "tests/sim/sim.sh"), str(program), "--from", str(start), "--seeds", str(seeds),
                   "--shrink", "0", "--seconds", str(SECONDS)]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        found = FAILED.search(done.stdout)
        if found:
            return int(found[1]), found[4], found[5]
        if done.returncode != 0:
            sys.exit(f"the simulation itself failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return None

    def judge(self, mutation):
        """What notices the mutation, as simulate() says it."""
        path = self.tree / mutation.file
        text = path.read_text()
        path.write_text(mutation.apply(self.tree))
        try:
            self.make()
            program = self.build / "bin/wavegate-sim"
            found = self.simulate(program, mutation.seed, 1) or self.simulate(program, 1, SEEDS)
        finally:
            path.write_text(text)
        sound = found and self.simulate(self.sound, found[0], 1)
        if sound:
            sys.exit(f"seed {found[0]} fails without a mutation, rule {sound[1]}: {sound[2]}")
        return found


def tell(mutation, found, markdown):
    caught = bool(found) and found[1] in mutation.rules
    rule, words = (found[1], found[2]) if found else ("-", "")
    seed = f"seed {found[0]}" if found else f"seeds 1 to {SEEDS}"
    if markdown and caught:
        words = textwrap.shorten(re.sub(r"^(dev-\d+|c\d+) ", "", words), 110, placeholder=" ..")
        print(f"| {rule} | {mutation.name} | {found[0]} | {words} |", flush=True)
    else:
        print(f"{'caught' if caught else 'MISSED':7} {mutation.name}: rule {rule}, {seed}  {words[:100]}", flush=True)
    return caught


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only look whether each text still stands once in its file")
    parser.add_argument("--only", default="", help="mutations with this in their name")
    parser.add_argument("--markdown", action="store_true", help="rows of a table: rule, mutation, seed, what is said")
    parser.add_argument("--keep", help="folder for the copy and its build, kept for the next time")
    args = parser.parse_args()
    mutations = [mutation for mutation in read_list(LIST) if args.only in mutation.name]
    for mutation in mutations:
        mutation.apply(ROOT)
    if args.check:
        print(f"{len(mutations)} mutations, each fits once")
        return 0
    with tempfile.TemporaryDirectory(prefix="wavegate-mutations.") as temporary:
        copy = Copy(pathlib.Path(args.keep or temporary))
        missed = sum(not tell(mutation, copy.judge(mutation), args.markdown) for mutation in mutations)
    print(f"{len(mutations) - missed} of {len(mutations)} mutations caught", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
