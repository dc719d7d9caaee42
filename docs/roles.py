"""Prints docs/roles.md from the table of routes: wavegate-api --routes | python3 -m docs.roles"""

import json
import sys

ROLES = ("owner", "rollout-admin", "repository-admin", "deployment-admin", "support", "auditor")
HEAD = """# Who may what

Printed from the routes of `wavegate-api` (`make docs`); `tests/system/test_api_contract.py` tries every cell. A grant may be limited to
regions, groups and hardware models: then only on devices inside. Who is not signed in may what is marked *anybody*.

"""


def page_of(routes):
    lines = ["| route | permission | " + " | ".join(ROLES) + " |", "|---|---|" + "---|" * len(ROLES)]
    for route in routes:
        permission = " or ".join(f"`{word}`" for word in route["permissions"])
        if not permission:
            permission = "*anybody*" if route["open"] else "*signed in*"
        cells = ["yes" if route["open"] or role in route["roles"] else "" for role in ROLES]
        lines.append(f"| `{route['method']} {route['path']}` | {permission} | " + " | ".join(cells) + " |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page_of(json.load(sys.stdin)))
