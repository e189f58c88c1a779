"""The crew on a running clock: nights without work are left out, trouble passes, and it stops when told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from campaign.domain.campaign import CampaignState
from campaign.domain.vehicle import Status
from campaign.errors import StoreError
from campaign.yard.fast_forward import Standing
from campaign.yard.live import Skipping, next_qa, qa_just_came, skip_quiet, work_until
from campaign.yard.pace import HandClock, Pace
from tests.fakes.small_yard import CODE, case_of, small_yard

LAYOUT = case_of(1).layout
NIGHT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)  # 22:00 at the site
MORNING = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)  # 08:00 at the site


def standing(now, **counts):
    return Standing(now, CampaignState.RUNNING, {Status(name): n for name, n in counts.items()})


def test_qa_comes_back_in_the_morning():
    assert next_qa(LAYOUT, NIGHT) == MORNING
    assert next_qa(LAYOUT, MORNING - timedelta(minutes=1)) == MORNING
    assert next_qa(LAYOUT, MORNING) is None


def test_a_viewer_begins_when_qa_comes():
    assert qa_just_came(LAYOUT, MORNING)
    assert qa_just_came(LAYOUT, MORNING + timedelta(minutes=29))
    assert not qa_just_came(LAYOUT, MORNING + timedelta(minutes=30))
    assert not qa_just_came(LAYOUT, MORNING - timedelta(minutes=1))


def test_a_night_in_which_everything_waits_for_qa_is_left_out(tmp_path):
    file = tmp_path / "clock.json"
    Pace(NIGHT, datetime.now(UTC), 1500.0).write(file)
    seen = standing(NIGHT, flashed=12, released=20)
    assert skip_quiet(Skipping(file, LAYOUT), HandClock(NIGHT), seen)
    assert (Pace.read(file).campaign, Pace.read(file).speed) == (MORNING, 1500.0)


def test_a_night_with_work_is_not_left_out(tmp_path):
    file = tmp_path / "clock.json"
    Pace(NIGHT, datetime.now(UTC), 1500.0).write(file)
    for busy in ("queued", "charging", "charged", "flashing", "approved", "rework", "uncertain"):
        seen = standing(NIGHT, flashed=12, **{busy: 1})
        assert not skip_quiet(Skipping(file, LAYOUT), HandClock(NIGHT), seen)
    assert not skip_quiet(Skipping(file, LAYOUT), HandClock(MORNING), standing(MORNING, flashed=12))
    assert Pace.read(file).campaign == NIGHT


class Hurrying(Event):
    """Each beat moves the yard's clock and lets the reconciler look, as the flows would."""

    def __init__(self, yard):
        super().__init__()
        self._yard = yard

    def wait(self, timeout=None):
        self._yard.clock.move(minutes=10)
        self._yard.services.reconcile.tick(CODE)
        return self.is_set()


def test_the_crew_works_until_the_campaign_is_complete(tmp_path):
    told = []
    with small_yard(tmp_path, 3) as yard:
        seen = work_until(yard.services, yard.crew, CODE, Hurrying(yard), on_progress=told.append)
    assert seen.complete
    assert told[-1].released == 3


class Stumbling:
    """A crew whose first rounds meet a locked database."""

    def __init__(self, crew):
        self._crew, self.rounds = crew, 0

    def round(self):
        self.rounds += 1
        if self.rounds <= 3:
            raise StoreError("the database is locked")
        return self._crew.round()


def test_trouble_passes(tmp_path):
    with small_yard(tmp_path, 3) as yard:
        crew = Stumbling(yard.crew)
        assert work_until(yard.services, crew, CODE, Hurrying(yard)).complete
    assert crew.rounds > 3


def test_it_stops_when_told(tmp_path):
    with small_yard(tmp_path, 3) as yard:
        over, seen = Event(), []
        thread = Thread(
            target=lambda: seen.append(work_until(yard.services, yard.crew, CODE, over, beat_s=0.01))
        )
        thread.start()
        over.set()
        thread.join(timeout=5)
        assert not thread.is_alive()
        assert seen == [None] or not seen[0].complete
