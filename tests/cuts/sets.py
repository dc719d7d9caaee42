"""sets.py: an update of three components, given by hand: all of them are new in the end, or none."""

from tests.cuts.story import GOOD, Cut, Story
from tests.lab import fleet, payload
from tests.lab.director import Director
from tests.lab.set_agent import SetAgent

AT_ONCE = 40  # devices
OLD = {"app": "1.0.0", "modem": "1.0.0"}
NEW = {fleet.COMPONENT: GOOD, "app": "1.1.0", "modem": "1.1.0"}


class SetCut(Cut):
    """With a modem in folders, and an app that the shipped installer keeps."""

    def __init__(self, world, case, app, modem):
        super().__init__(world, case, kind=SetAgent)
        self.agent.provision_places(app, modem)
        self.ended = None  # as the device has reported it


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

    def _campaign(self, cuts, seconds):
        for start in range(0, len(cuts), AT_ONCE):
            self._give(cuts[start:start + AT_ONCE], seconds)

    def _give(self, cuts, seconds):
        """Starts these, gives each the order, and its power back, until all have ended."""
        for cut in cuts:
            cut.start()

        def all_are(condition):
            def looked():
                for cut in cuts:
                    cut.look()
                return all(condition(cut) for cut in cuts)
            return looked
        self.world.wait("every device says hello", all_are(lambda cut: self.director.runs(cut.agent.id)), 120)
        for cut in cuts:
            self.director.order(cut.agent.id, (fleet.COMPONENT, GOOD, self.system), self.companions)
        self.world.wait("every order has ended", all_are(lambda cut: self.director.devices[cut.agent.id].end()), seconds)
        self.world.wait("every device says what it runs",
                        all_are(lambda cut: self.director.runs(cut.agent.id) == cut.agent.holds() and cut.settled()), 60)
        for cut in cuts:
            self._judge_one(cut)
        for cut in cuts:
            cut.agent.terminate()
        for cut in cuts:
            cut.agent.stop()

    def _judge_one(self, cut):
        agent, holds = cut.agent, cut.agent.holds()
        old = {fleet.COMPONENT: agent.device.version, **OLD}
        cut.state, cause, detail = self.director.devices[agent.id].end()
        self._expect(cut, holds in (old, NEW), f"its places hold {holds}")
        self._expect(cut, (cut.state == "succeeded") == (holds == NEW),
                     f"it holds {holds}, and said: {cut.state} {cause} {detail}")
        self._expect(cut, self.director.runs(agent.id) == holds,
                     f"it holds {holds}, and says it runs {self.director.runs(agent.id)}")
        self._expect(cut, agent.decided() == "undecided", f"{agent.decided()} is left to be done")
        self._judge_state(cut)
