"""sets.py: an update of three components, given by hand: all of them are new in the end, or none."""

from tests.cuts.story import GOOD, ONLINE, Cut, Story, failing
from tests.lab import fleet, payload
from tests.lab.director import Director
from tests.lab.set_agent import SetAgent

OLD = {"app": "1.0.0", "modem": "1.0.0"}
NEW = {fleet.COMPONENT: GOOD, "app": "1.1.0", "modem": "1.1.0"}


class SetCut(Cut):
    """With a modem in folders, and an app that the shipped installer keeps."""

    def __init__(self, world, case, app, modem):
        super().__init__(world, case, kind=SetAgent)
        self.agent.provision_places(app, modem)


class SetStory(Story):
    def __init__(self, world, ground, size):
        super().__init__(world, ground, "set", GOOD)
        self.director = Director(world)
        self.old = self._file("app-1.0.0", "app 1.0.0\n"), payload.make(world.folder, "modem", "1.0.0")
        self.system = payload.make(world.folder, fleet.COMPONENT, GOOD, size=size)
        self.companions = [("app", "1.1.0", self._file("app-1.1.0", "app 1.1.0\n" + "app " * (size // 4))),
                           ("modem", "1.1.0", payload.make(world.folder, "modem", "1.1.0", size=size))]

    def close(self):
        self.director.close()

    def _file(self, name, text):
        path = self.world.folder / name
        path.write_text(text)
        return path

    def _make(self, cases):
        self.ground.pki.issue_devices([case.device for case in cases])
        return [SetCut(self.world, case, *self.old) for case in cases]

    def _give(self, cuts, seconds):
        """Gives each the order, until all have ended it."""
        def all_are(condition):
            def looked():
                for cut in cuts:
                    cut.look()
                return all(condition(cut) for cut in cuts)
            return looked
        self.world.wait("every device says hello", all_are(lambda cut: self.director.runs(cut.agent.id)), ONLINE)
        for cut in cuts:
            self.director.order(cut.agent.id, (fleet.COMPONENT, GOOD, self.system), self.companions)
        self.world.wait("every order has ended", all_are(lambda cut: self.director.devices[cut.agent.id].end()), seconds)

    def _facts(self, name):
        return {"contradictions": []}

    def _problems(self, cut, facts):
        agent, holds = cut.agent, cut.agent.holds()
        old = {fleet.COMPONENT: agent.device.version, **OLD}
        cut.state, cause, detail = self.director.devices[agent.id].end()
        said = self.director.runs(agent.id)
        return failing(
            (holds in (old, NEW), f"its places hold {holds}"),
            ((cut.state == "succeeded") == (holds == NEW), f"it holds {holds}, and said: {cut.state} {cause} {detail}"),
            (said == holds, f"it holds {holds}, and says it runs {said}"),
            (agent.decided() == "undecided", f"{agent.decided()} is left to be done")) + self._state_problems(cut)
