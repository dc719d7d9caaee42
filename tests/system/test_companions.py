"""Releases of several components: how they are added, whom they can go to, and what devices are told."""

import json

import jsonschema

from tests.lab import fleet, payload
from tests.lab.mqtt import observer
from tests.lab.programs import ROOT
from tests.lab.set_agent import SetAgent, app_is_well
from tests.system import seeded
from tests.system.story import campaign

MAIN, NEW = fleet.COMPONENT, "2.4.1"


def add(world, component, version, *more, expect=0, size=0):
    """A release in the database."""
    made = payload.make(world.folder, component, version, size=size)
    done = world.wavegate("release", "add", made, "--component", component, "--version", version, *more,
                          operator="rita", expect=expect)
    return made if expect == 0 else done.stderr


def together(world, *more):
    """The release of MAIN with its app and modem."""
    add(world, "app", "5.0.1", "--from", ">=4.0.0")
    add(world, "modem", "1.2.0", "--hardware", MAIN, "--depends", "hub:^3")
    return add(world, MAIN, NEW, "--with", "app/5.0.1", "--with", "modem/1.2.0", *more)


def test_added_and_listed(world):
    together(world)
    listed = json.loads(world.wavegate("release", "list", "--json").stdout)
    found = {one["component"]: one for one in listed}
    assert found[MAIN]["with"] == {"app": "5.0.1", "modem": "1.2.0"}
    assert found["modem"]["with"] == {} and found["modem"]["depends"] == {"hub": "^3"}
    assert "app/5.0.1, modem/1.2.0" in world.wavegate("release", "list").stdout
    audit = world.db.rows("select kind, subject from audit where kind = 'release-companion' order by 1")
    assert audit == [("release-companion", f"{MAIN}/{NEW}")] * 2
    # the same again is fine, with others it is another release
    assert "was published already" in world.wavegate(
        "release", "add", world.folder / f"{MAIN}-{NEW}", "--component", MAIN, "--version", NEW, "--with", "modem/1.2.0",
        "--with", "app/5.0.1", operator="rita").stdout
    assert "with other content" in add(world, MAIN, NEW, "--with", "app/5.0.1", expect=6)


WRONG = [
    (("--with", "app/9.0.0"), 5, "there is no release app/9.0.0"),
    (("--with", "app/5.0.1", "--depends", "app:<5"), 2, f"{MAIN}/2.5.0 needs app <5, together with it comes app/5.0.1"),
    (("--with", f"{MAIN}/{NEW}"), 2, "is no other component"),
    (("--with", "car/1.0.0"), 2, "car/1.0.0, which has companions of its own"),
    (("--with", "lamp/1.0.0", "--depends", "lamp:*"), 2, "need each other: neither can come first"),
    (("--depends", "lamp:loud"), 2, "lamp"),
]


def test_what_does_not_go_together_is_not_stored(world):
    add(world, "app", "5.0.1")
    add(world, MAIN, NEW)
    add(world, "car", "1.0.0", "--with", "app/5.0.1")
    add(world, "lamp", "1.0.0", "--depends", f"{MAIN}:*")
    for flags, expect, says in WRONG:
        assert says in add(world, MAIN, "2.5.0", *flags, expect=expect)
        assert world.db.value("select count(*) from release where version = '2.5.0'") == 0


FITS = {MAIN: "2.3.7", "app": "4.2.0", "hub": "3.1.0"}
KINDS = {
    "": [FITS, {**FITS, "app": "5.0.1"}, {**FITS, "modem": "0.9.0"}],
    "its companion modem/1.2.0 fits hardware brake-controller alone": [(FITS, "box")],
    "no path for its companion app/5.0.1, which is installed over >=4.0.0":
        [{**FITS, "app": "3.9.0"}, {MAIN: "2.3.7", "hub": "3.1.0"}],
    "modem/1.2.0 needs hub ^3": [{**FITS, "hub": "2.9.0"}, {MAIN: "2.3.7", "app": "4.2.0"}],
}


def test_who_does_not_fit_a_companion_is_left_out(world):
    devices = []
    for reason, kinds in KINDS.items():
        for kind in kinds:
            software, model = kind if isinstance(kind, tuple) else (kind, MAIN)
            devices.append({"id": f"dev-{len(devices):02}", "hardware_model": model, "hardware_revision": "C",
                            "software": software, "seen": None, "revoked": False, "states": {}, "reason": reason})
    seeded.register(world, [{key: value for key, value in device.items() if key != "reason"} for device in devices])
    together(world)
    file = world.folder / "plan.yaml"
    file.write_text(campaign("together", NEW, target="  - device: ['*']"))
    planned = json.loads(world.wavegate("campaign", "plan", file, "--json", "--devices", "left-out", expect=3).stdout)
    reasons = {device["id"]: device["reason"] for device in devices if device["reason"]}
    assert {one["id"]: one["reason"] for one in planned["devices"]} == reasons
    assert planned["members"] == len(KINDS[""]) and planned["with"] == {"app": "5.0.1", "modem": "1.2.0"}
    assert f"{MAIN} {NEW} with app 5.0.1, modem 1.2.0 for 3 of {len(devices)} devices" in world.wavegate(
        "campaign", "plan", file, expect=3).stdout
    name = world.apply(file.read_text())
    assert set(world.db.places(name)) == {device["id"] for device in devices} - set(reasons)
    for device, reason in reasons.items():
        assert f"is left out: {reason}" in world.wavegate("device", "explain", device).stdout


def test_the_order_names_all_members(world, fleet_of):
    """With addresses and forms of each; the schema takes it. Forms that save least stay away."""
    schema = json.loads((ROOT / "schemas/message-order.schema.json").read_text())
    with observer(world) as ear:
        agent, = fleet_of(1)
        world.db.rows("insert into device_software (device_id, component, version, version_key) values "
                      "(%s, 'app', '4.2.0', '14120~'), (%s, 'hub', '3.0.0', '13~') returning 1", agent.id, agent.id)
        add(world, "app", "5.0.1", size=40_000)
        add(world, "modem", "1.2.0", size=9_000)
        add(world, MAIN, NEW, "--with", "modem/1.2.0", "--with", "app/5.0.1", size=60_000)
        forms = {}
        for component, version, count in (("app", "5.0.1", 4), ("modem", "1.2.0", 3), (MAIN, NEW, 2)):
            for i in range(count):
                base = world.folder / f"base-{i}"
                base.write_text("".join(f"{component} {i} {line}\n" for line in range(200 * (i + 1))))
                packed = world.folder / f"{component}-{i}.zst"
                world.wavegate("release", "pack", world.folder / f"{component}-{version}", "--base", base, "--out", packed,
                               operator=None)
                # what it becomes does not matter here: only how long it is
                packed.write_bytes(packed.read_bytes() + bytes(7 * i))
                world.wavegate("release", "add-form", packed, "--component", component, "--version", version,
                               operator="rita")
                forms.setdefault(component, []).append(packed.stat().st_size)
        world.apply(campaign("together", NEW))
        world.wait("the order is sent", lambda: any(topic.endswith("/down/order") for topic, _ in ear.messages))
        order = next(json.loads(data) for topic, data in ear.messages if topic.endswith("/down/order"))
    jsonschema.Draft7Validator(schema).validate(order)
    body = order["signed"]
    assert body["release"]["component"] == MAIN
    assert [(one["component"], one["version"]) for one in body["with"]] == [("app", "5.0.1"), ("modem", "1.2.0")]
    for one, name in zip(body["with"], ("app-5.0.1", "modem-1.2.0")):
        assert one["length"] == (world.folder / name).stat().st_size
        assert one["urls"] and all(one["sha256"] in url for url in one["urls"])
    # six in all: those of the small modem save least
    taken = {MAIN: body["artifact"].get("forms", []), **{one["component"]: one.get("forms", []) for one in body["with"]}}
    assert sum(map(len, taken.values())) == 6 and not taken["modem"]
    assert sorted(form["length"] for form in taken["app"]) == sorted(forms["app"])
    assert all(form["sha256"] in url for one in taken.values() for form in one for url in form["urls"])


def factory(world):
    """A device with places of its own for app and modem, that trusts the repository alone."""
    device = fleet.devices()[0]
    agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), kind=SetAgent,
                            soak="300ms", health_every="100ms")
    app = world.folder / "app-1.0.0"
    app.write_text("app 1.0.0\n")
    agent.provision_places(app, payload.make(world.folder, "modem", "1.0.0"))
    world.start_agents()
    return agent


def publish(world, agent, number, app=None):
    """Three releases, in the repository and in the database: app after the system, which comes after the modem. Its app is
    packed as well."""
    versions = {"modem": f"1.{number}.0", "app": f"1.{number}.0", MAIN: f"2.4.{number}"}
    files = {"modem": payload.make(world.folder, "modem", versions["modem"]),
             MAIN: payload.make(world.folder, MAIN, versions[MAIN], health=app_is_well(agent.app)),
             "app": world.folder / f"app-{versions['app']}"}
    files["app"].write_text(app or f"app 1.{number}.0\n" + "app " * 20_000)
    more = {"modem": [], "app": ["--depends", f"{MAIN}:>=2.4.0", "--from", ">=1.0.0"],
            MAIN: ["--depends", "modem:^1", "--with", f"app/{versions['app']}", "--with", f"modem/{versions['modem']}"]}
    for component, version in versions.items():
        world.repository.add(files[component], component, version, *more[component],
                             *(["--compress"] if component == "app" else []))
        world.wavegate("release", "add", files[component], "--component", component, "--version", version, *more[component],
                       operator="rita")
    packed = next((world.repository.folder / "targets/app" / versions["app"]).glob("*.artifact.zst"))
    world.wavegate("release", "add-form", packed, "--component", "app", "--version", versions["app"], operator="rita")
    return versions


def ends(world, agent, name, state, cause, runs):
    """The campaign's one place has come to that, and the device runs those: by its places and by the database."""
    world.wait_finished(name)
    (place,) = world.db.rows("select p.state, p.cause from place p join campaign c on c.id = p.campaign_id where c.name = %s",
                             name)
    assert place == (state, cause)
    assert agent.holds() == runs
    world.wait("the database knows what runs", lambda: dict(world.db.rows(
        "select component, version from device_software where device_id = %s", agent.id)) == runs)
    world.wait("nothing is left to be done", lambda: agent.boots_once() == "" and agent.decided() == "undecided")


def test_three_components_or_none(bare_world, ground):
    """From the repository over the signer to the device: all three, and, where one of them is not well, none."""
    world = bare_world
    world.trust(0)
    world.start_signer()
    world.start_orchestrator()
    agent = factory(world)
    new = publish(world, agent, 1)
    name = world.apply(campaign("three", new[MAIN]))
    ends(world, agent, name, "succeeded", "", new)
    # the app came packed
    app = {file.name.split(".", 1)[1]: file.name.split(".", 1)[0]
           for file in (world.repository.folder / "targets/app" / new["app"]).iterdir()}
    asked = [request["path"].rsplit("/", 1)[1] for request in ground.web.requests()]
    assert app["artifact.zst"] in asked and app["artifact"] not in asked
    broken = publish(world, agent, 2, app="broken\n" * 100)
    name = world.apply(campaign("three-broken", broken[MAIN]))
    ends(world, agent, name, "rolled-back", "health", new)
    assert "the app is not well" in world.wavegate("device", "explain", agent.id).stdout
    # what is revoked in the repository is refused by name
    gone = publish(world, agent, 3)
    world.repository.release("revoke", "modem/1.3.0", "--reason", "drops calls", repository=True)
    world.repository.sign()
    name = world.apply(campaign("three-revoked", gone[MAIN]))
    world.wait("the signer says why", lambda: "the repository has no release modem/1.3.0" in
               world.wavegate("campaign", "status", name).stdout)
    assert agent.holds() == new
