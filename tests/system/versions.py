"""Ranges of versions as docs/campaign.md has them, written again for judge.py: slow and plain."""

import re
from functools import cmp_to_key

_SEMVER = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")
_PARTIAL = re.compile(r"v?([0-9xX*]+)(?:\.([0-9xX*]+))?(?:\.([0-9xX*]+))?(?:-([0-9A-Za-z.-]+))?")
_TESTS = {"<": lambda c: c < 0, "<=": lambda c: c <= 0, ">": lambda c: c > 0,
          ">=": lambda c: c >= 0, "=": lambda c: c == 0}
_LEAST = ((0, 0, ""),)  # of all prereleases


def holds(scheme, text, version):
    """Whether the version is in the range. One that the scheme cannot read is in none."""
    if scheme == "semver":
        found = _SEMVER.fullmatch(version)
        return bool(found) and any(_in_set(_comparators(part.strip()), _semver(found))
                                   for part in text.split("||"))
    compare = {"debian": _debian, "calver": _calver, "revision": _revision}[scheme]
    return any(all(_TESTS[sign or "="](compare(version, operand))
                   for sign, operand in re.findall(r"(>=|<=|>|<|=)?\s*([^\s<>=]+)", part))
               for part in text.split("||"))


def _pre(text):
    """Identifiers: numbers before words; () for a release."""
    return tuple((0, int(one), "") if one.isdigit() else (1, 0, one)
                 for one in text.split(".")) if text else ()


def _semver(found):
    return (*(int(number) for number in found.groups()[:3]), _pre(found.group(4)))


def _order(left, right):
    """A release is behind all its prereleases."""
    left, right = ((*v[:3], v[3] == (), v[3]) for v in (left, right))
    return (left > right) - (left < right)


def _in_set(comparators, version):
    if not all(_TESTS[sign](_order(version, bound)) for sign, bound in comparators):
        return False
    return not version[3] or any(bound[3] and bound[:3] == version[:3] for _, bound in comparators)


def _numbers(partial):
    """Those before the first wildcard, and the prerelease."""
    out = []
    for text in partial.groups()[:3]:
        if text is None or text in "xX*":
            break
        out.append(int(text))
    return out, _pre(partial.group(4))


def _next(numbers, at):
    """The least version with a greater number at that place."""
    return (*numbers[:at], numbers[at] + 1, *[0] * (2 - at), _LEAST)


def _low(numbers, pre=()):
    return (*numbers, *[0] * (3 - len(numbers)), pre)


def _simple(sign, numbers, pre):
    if sign == "^":
        first = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
        return [(">=", _low(numbers, pre)), ("<", _next(numbers, first))]
    if sign == "~":
        return [(">=", _low(numbers, pre)), ("<", _next(numbers, min(1, len(numbers) - 1)))]
    if len(numbers) == 3:
        return [(sign or "=", _low(numbers, pre))]
    if not numbers:
        return [(">=", (0, 0, 0, ()))]
    above = _next(numbers, len(numbers) - 1)
    return {"": [(">=", _low(numbers)), ("<", above)], "=": [(">=", _low(numbers)), ("<", above)],
            ">=": [(">=", _low(numbers))], ">": [(">=", (*above[:3], ()))],
            "<": [("<", _low(numbers, _LEAST))], "<=": [("<", above)]}[sign]


def _comparators(text):
    hyphen = re.fullmatch(r"(\S+) - (\S+)", text)
    if hyphen:
        (low, low_pre), (high, high_pre) = (_numbers(_PARTIAL.fullmatch(end))
                                            for end in hyphen.groups())
        return [(">=", _low(low, low_pre)), *_simple("<=", high, high_pre)]
    out = []
    for sign, operand in re.findall(r"(\^|~|>=|<=|>|<|=)?\s*([^\s<>=^~]+)", text):
        out += _simple(sign, *_numbers(_PARTIAL.fullmatch(operand)))
    return out


def _runs(text):
    return [int(run) if run.isdigit() else run for run in re.findall(r"\d+|[A-Za-z]+", text)]


def _revision(left, right):
    """Letters by length, then by letter; numbers as numbers."""
    key = [[(0, run, "") if isinstance(run, int) else (1, len(run), run) for run in _runs(text)]
           for text in (left, right)]
    return (key[0] > key[1]) - (key[0] < key[1])


def _calver(left, right):
    left, right = ([int(number) for number in text.split(".")] for text in (left, right))
    return (left > right) - (left < right)


def _debian_part(left, right):
    """deb-version(7): in turns what is no digit ('~' first, letters before the rest) and numbers."""
    while left or right:
        words = [re.match(r"\D*", text).group() for text in (left, right)]
        left, right = (text[len(word):] for text, word in zip((left, right), words))
        key = [[-1 if c == "~" else ord(c) if c.isalpha() else ord(c) + 256 for c in word] + [0]
               for word in words]
        if key[0] != key[1]:
            return 1 if key[0] > key[1] else -1
        numbers = [re.match(r"\d*", text).group() for text in (left, right)]
        left, right = (text[len(number):] for text, number in zip((left, right), numbers))
        values = [int(number or 0) for number in numbers]
        if values[0] != values[1]:
            return 1 if values[0] > values[1] else -1
    return 0


def _debian(left, right):
    parts = []
    for text in (left, right):
        epoch, _, rest = text.rpartition(":")
        upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
        parts.append((int(epoch or 0), cmp_to_key(_debian_part)(upstream),
                      cmp_to_key(_debian_part)(revision)))
    return (parts[0] > parts[1]) - (parts[0] < parts[1])
