"""Snapshots for the planner's tests: small ones by hand, random ones, and the measured 2,300 cars."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from campaign.planning.calendars import DAY, Calendar
from campaign.planning.snapshot import BatchLimits, Circuit, Crew, Job, Machine, Snapshot, Stage
from tests.bench.plan_cases import TIGHT, measured_case

START = datetime(2026, 1, 5, 8, tzinfo=UTC)  # a Monday, 08:00
DAY_SHIFT = Calendar.daily(8 * 60, 20 * 60, START)


def yard(jobs, *, points=2, stations=1, inspectors=1, inspection=None, **fields):
    """Charge, flash and inspect; without a pilot and with batches of any size, unless told otherwise."""
    stages = (
        Stage.of("charge", points),
        Stage.of("flash", stations),
        Stage.of("inspect", inspectors, inspection or Calendar.round_the_clock()),
    )
    fields.setdefault("batch_limits", BatchLimits(1, 50))
    return Snapshot(START, stages, tuple(jobs), **fields)


def reference(*, cars=2300, points=60, due_from=TIGHT[0], due_to=TIGHT[1], seed=1):
    """The measured campaign, as the benchmarks have it."""
    return measured_case(points, (due_from, due_to), cars=cars, seed=seed)


@st.composite
def calendars(draw, *, longest_work):
    """Round the clock, a daily shift, or a week with closed days; some window is long enough."""
    kind = draw(st.sampled_from(["always", "daily", "weekly"]))
    opens = draw(st.integers(0, DAY - 1))
    length = draw(st.integers(longest_work, DAY - 1))
    if kind == "always":
        return Calendar.round_the_clock()
    closes = opens + length - (DAY if opens + length > DAY else 0)
    if kind == "daily":
        return Calendar.daily(opens, closes, START)
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    return Calendar.weekly({weekday: [(opens, closes)] for weekday in weekdays}, START)


@st.composite
def outages(draw):
    """Times at which a machine is out."""
    begins = draw(st.lists(st.sampled_from([0, 90, 700, 3000]), max_size=2, unique=True))
    return tuple((begin, begin + draw(st.sampled_from([1, 60, 400]))) for begin in sorted(begins))


@st.composite
def stages(draw, name, *, longest_work, most_machines=4):
    """Machines with everything that can stand in their way: half of the stages are plain."""
    free = draw(st.lists(st.sampled_from([0, 0, 30, 500]), min_size=1, max_size=most_machines))
    calendar = draw(calendars(longest_work=2 * longest_work + 30))
    if draw(st.booleans()):
        calendar = calendar.closing(*draw(outages()))
    if draw(st.booleans()):
        return Stage(name, tuple(Machine(f"m{n}", minute) for n, minute in enumerate(free)), calendar)
    circuits = (Circuit("C1", 5000, draw(st.sampled_from([0, 900])), draw(st.sampled_from([0, 0, 200]))),)
    machines = tuple(
        Machine(
            f"m{number}",
            minute,
            draw(outages()),
            draw(st.sampled_from([1000, 1000, 1130, 2000, 700])),
            draw(st.sampled_from(["", "C1"])),
            draw(st.sampled_from([0, 2300, 4100])),
        )
        for number, minute in enumerate(free)
    )
    crew = None
    if draw(st.booleans()):
        shifts = draw(
            st.sampled_from([calendar, Calendar.round_the_clock()])
        )  # shifts that never meet are refused
        crew = Crew(
            draw(st.integers(1, 2)), draw(st.sampled_from([1, 12])), draw(st.sampled_from([0, 7])), shifts
        )
    return Stage(name, machines, calendar, circuits, crew)


@st.composite
def snapshots(draw, *, most_cars=14):
    """Small campaigns of one to four stages with everything that a snapshot can hold."""
    stage_count = draw(st.integers(1, 4))
    longest = 400
    line = tuple(draw(stages(f"stage{number}", longest_work=longest)) for number in range(stage_count))
    minutes = st.sampled_from([0, 10, 45, 45, 100, 360, longest])
    jobs = tuple(
        Job(
            f"car{number}",
            tuple(draw(minutes) for _ in line),
            release=draw(st.sampled_from([0, 0, 7, 300])),
            due=draw(st.none() | st.integers(-100, 5000)),
            weight=draw(st.integers(0, 3)),
            done=draw(st.sampled_from([0, 0, 0, stage_count, draw(st.integers(0, stage_count))])),
            variant=draw(st.sampled_from(["", "pro", "gtx"])),
            pins=draw(pins(line)),
        )
        for number in range(draw(st.integers(0, most_cars)))
    )
    smallest = draw(st.integers(1, 4))
    pilot = draw(st.sampled_from([(), (), tuple(job.id for job in jobs[:3])]))
    formed = draw(
        st.sampled_from(
            [(), (), ((), tuple(job.id for job in jobs[3:5]), tuple(job.id for job in jobs[6:7]))]
        )
    )
    return Snapshot(
        START,
        line,
        jobs,
        batch_limits=BatchLimits(smallest, smallest + draw(st.integers(0, 3))),
        pilot_size=0 if formed else draw(st.integers(0, 5)),
        pilot=pilot,
        batches=formed,
        gate_stage=draw(st.integers(0, stage_count - 1)),
        pilot_sign_off_minutes=draw(st.sampled_from([0, 60])),
        sign_off_minutes=draw(st.sampled_from([0, 0, 25, 90])),
    )


@st.composite
def pins(draw, line):
    """Mostly none; else one machine at one stage."""
    if draw(st.integers(0, 3)):
        return ()
    at = draw(st.integers(0, len(line) - 1))
    return ((at, draw(st.sampled_from(line[at].machines)).name),)
