"""What must hold of images, of containers as they run, and of the end of a campaign; each check gives what is wrong, in words."""

import hashlib
import json

from tests.lab import pages, programs
from tests.lab.engine import BASE

# What an image that does nothing but run has no use for.
COMPILERS = "cc gcc g++ c++ clang tcc ld as make cmake ninja"
USER = 10001
# What the slot that boots by default holds.
RELEASE_IN_SLOT = r"""cd /var/lib/wavegate/device/state
slot=$(sed -n 's/.*"default": *"\([ab]\)".*/\1/p' boot.json 2>/dev/null || :)
cat slots/${slot:-a}/release.json
"""


def images(engine):
    """Tag to bytes."""
    names = engine.ask("image", "ls", "--filter", "reference=wavegate-*", "--format", "{{.Repository}}:{{.Tag}}").decode().split()
    return {one["RepoTags"][0]: one["Size"] for one in json.loads(engine.ask("image", "inspect", BASE, *names))}


def compilers(engine, tags):
    wrong = []
    for tag in tags:
        found = engine.ask("run", "--rm", "--network", "none", "--entrypoint", "/bin/sh", tag, "-c",
                           f"for name in {COMPILERS}; do command -v $name; done; :").decode().split()
        wrong += [f"{tag} has {found}"] if found else []
    return wrong


def _status(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def hardening(containers):
    """As the kernel sees each container's first process, and as the engine was told."""
    wrong = []
    for one in containers:
        host, status = one["HostConfig"], _status(one["State"]["Pid"])
        held = {
            "runs as a user without rights": set(status["Uid"].split()) == {str(USER)},
            "has no capability": all(int(status[f"Cap{kind}"], 16) == 0 for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")),
            "can get none": status["NoNewPrivs"] == "1",
            "has a root that is read-only": host["ReadonlyRootfs"],
            "has a limit of memory": host["Memory"] > 0,
            "has a limit of processor time": host["NanoCpus"] > 0,
            "has a limit of processes": (host["PidsLimit"] or 0) > 0,
            "starts again by itself": host["RestartPolicy"]["Name"] == "unless-stopped",
            "is asked how it is": "Healthcheck" in one["Config"]}
        wrong += [f"{one['Name']}: not so: it {what}" for what, holds in held.items() if not holds]
    return wrong


REGIONS = ("DE-BY", "AT-9", "US-CA", "FR-IDF")


def first(device):
    """Region and first version of a device, as deploy/compose/device takes them from a hash of its id."""
    number = int(hashlib.sha256(device.encode()).hexdigest()[:7], 16)
    return REGIONS[number % 4], "2.3.0" if number // 12 % 4 == 0 else "2.3.7"


def identities(project):
    """Each device is its container, by the hostname, with the place and the first software that come of it."""
    agents = project.inspect(*project.containers("agent"))
    expected = {device: first(device) for device in (f"dev-{one['Config']['Hostname']}" for one in agents)}
    found = {device: (region, version) for device, region, version in project.db.rows(
        "select d.id, d.region, s.version from device d join device_software s on s.device_id = d.id")}
    wrong = [f"{device} is {found.get(device)}, expected {expected.get(device)}" for device in sorted({*found, *expected})
             if found.get(device) != expected.get(device)]
    volumes = {mount["Name"] for one in agents for mount in one["Mounts"] if mount["Destination"].endswith("/device")}
    if len(volumes) != len(agents):
        wrong.append(f"{len(agents)} devices share {len(volumes)} volumes")
    return wrong


def campaign_end(project, release):
    """Every device on it, by the database and by its own slot; each one's success told once; every counter as a recount finds."""
    db, name = project.db, f"brake-{release}"
    wrong = db.inconsistencies()
    places = db.places(name)
    wrong += [f"{device} is {state} ({cause})" for device, (state, cause) in places.items() if state != "succeeded"]
    if len(places) != project.devices:
        wrong.append(f"{len(places)} of {project.devices} devices are in the campaign")
    told = dict(db.rows("select device_id, count(*) from report where campaign = %s and state = 'succeeded' and remark = '' "
                        "group by 1", name))
    wrong += [f"{device} told its success {told.get(device, 0)} times" for device in places if told.get(device) != "1"]
    if set(db.versions().values()) != {release}:
        wrong.append(f"versions in the database: {db.versions()}")
    if db.campaign_state(name) != "finished":
        wrong.append(f"the campaign is {db.campaign_state(name)}")
    for container in project.containers("agent"):
        held = json.loads(project.engine.ask("exec", container, "sh", "-c", RELEASE_IN_SLOT))
        if held["version"] != release:
            wrong.append(f"{container[:12]} has {held['version']} in its slot")
    return wrong


def page_lines():
    """What docs/compose.md has people type, behind `docker compose`."""
    return [call.words[2:] for line in pages.code_lines(programs.ROOT / "docs/compose.md") for call in pages.others(line)
            if call.words[:2] == ["docker", "compose"]]


def _shape(words):
    """Profiles, verb and flags; images were built before, by a line of their own."""
    words = [str(word) for word in words]
    profiles = {after for word, after in zip(words, words[1:]) if word == "--profile"}
    rest = [word for word in words if word != "--profile" and word not in profiles]
    return profiles, rest[0], {word for word in rest[1:] if word.startswith("-")} - {"--build"}


def untyped(project, chaos):
    """Lines of the page that no command of this run stands for."""
    ran = [_shape(words) for words in project.typed]
    wrong = []
    for words in page_lines():
        profiles, verb, flags = _shape(words)
        if (chaos or "chaos" not in profiles) and not any(
                profiles <= one[0] and verb == one[1] and flags <= one[2] for one in ran):
            wrong.append(f"docs/compose.md: docker compose {' '.join(words)}: not run")
    return wrong
