"""A whole flash of a virtual car: what passes, and each way in which it does not, with its evidence and read-back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gallia.services.uds.core import service
from gallia.services.uds.core.client import UDSClient
from gallia.transports import TargetURI
from gallia.transports.doip import DoIPTransport

from campaign.station_agent.driver import Aborted, CarFailed, CarSilent, RigFailed, Trouble
from campaign.station_drivers.uds import UdsDriver
from campaign.yard.virtual_car.serving import serve_car
from tests.fakes.apart import run_apart
from tests.fakes.doip_gateway import SILENT, gateway, says
from tests.fakes.flashed_car import JOB, OTHER_VIN, SOURCE, TARGET, VIN, Bench, bench, driver_options

UNITS = {"gateway": 0x1001, "bms": 0x1007, "motor": 0x1010}


@pytest.fixture
def at_bench(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        yield made


def gallia_reads_software(port: int) -> dict[str, str]:
    """F189 of every unit, by a client that is not ours; "-" for a refusal."""

    async def one(address: int) -> str:
        target = f"doip://127.0.0.1:{port}?src_addr=0x0e01&target_addr={address:#06x}&activation_type=0&protocol_version=2"
        transport = DoIPTransport(TargetURI(target))
        await transport.connect(timeout=5)
        try:
            answer = await UDSClient(transport, timeout=2).read_data_by_identifier(0xF189)
        finally:
            await transport.close()
        return "-" if isinstance(answer, service.NegativeResponse) else answer.data_record.decode("ascii")

    return {name: run_apart(one(address)) for name, address in UNITS.items()}


def said(trouble: Trouble | None) -> tuple[str, str, bool]:
    assert trouble is not None
    return trouble.verdict, trouble.code, trouble.written


def software(read_back: dict[str, Any]) -> dict[str, str]:
    return {ecu["name"]: ecu["software"] for ecu in read_back["ecus"]}


def erases(at_bench: Bench) -> list[str]:
    """Which units were erased, in order."""
    return [fact["ecu"] for fact in at_bench.told.of("uds") if fact["request"].startswith("3101ff00")]


# ---------------------------------------------------------------- a pass


def test_a_car_at_the_source_comes_to_the_target(at_bench: Bench) -> None:
    assert set(gallia_reads_software(at_bench.cable.port).values()) == {"0452"}
    assert at_bench.read_back()["version"] == SOURCE
    assert at_bench.flash() is None
    read_back = at_bench.read_back()
    assert (read_back["vin"], read_back["version"]) == (VIN, TARGET)
    assert (read_back["soc_raw"], read_back["soc_display"], read_back["soc_bms"]) == (77, 278, 308)
    assert read_back["volts"] == 12.6
    assert gallia_reads_software(at_bench.cable.port) == software(read_back) == dict.fromkeys(UNITS, "0453")


def test_the_evidence_of_a_pass_is_complete(at_bench: Bench) -> None:
    assert at_bench.flash() is None
    told = at_bench.told
    assert {"udsoncan", "doipclient", "python"} == set(told.of("tools")[0]["versions"])
    before, after = told.of("identification")
    assert (before["when"], after["when"], before["vin"]) == ("before", "after", VIN)
    bms = before["ecus"][1]
    assert (bms["name"], bms["software"], bms["coding"], bms["attempts"]) == ("bms", "0452", "0C00310F", 0)
    assert [ecu["attempts"] for ecu in after["ecus"]] == [1, 1, 1]
    dtcs = told.of("dtcs")
    assert dtcs[0]["ecus"] == {"gateway": [], "bms": ["P0A0F00:2F"], "motor": ["U010000:28"]}
    assert dtcs[1]["ecus"]["motor"] == []
    assert [(block["ecu"], block["bytes"]) for block in told.of("block")] == [
        (name, 20_000) for name in UNITS
    ]
    assert [int(block["crc32"], 16) for block in told.of("block")] == [
        row.blocks[0].crc32 for row in at_bench.manifest.ecus
    ]
    assert told.of("sample")[0]["formula"] == "display:meb-display-1 bms:meb-bms-1"
    assert told.of("comparison") == [{"kind": "comparison", "rows": [], "matched": 11}]


def test_progress_never_goes_back_and_counts_bytes(tmp_path: Path) -> None:
    with bench(tmp_path, size=400_000, blocks=2) as at_bench:
        assert at_bench.flash() is None
    steps = at_bench.told.steps
    percents = [percent for _, percent in steps]
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0, 100)
    transfer = [percent for step, percent in steps if step.startswith("transfer")]
    assert all(10 <= percent <= 90 for percent in transfer)
    assert 30 <= len(transfer) <= 50
    assert {step.split()[0] for step, _ in steps} == {
        "identify", "preconditions", "erase", "transfer", "verify", "read_back",
    }  # fmt: skip


def test_each_unit_is_asked_in_the_order_of_the_standard(at_bench: Bench) -> None:
    assert at_bench.flash() is None
    asked = at_bench.told.requests("motor")
    begins = asked.index("1002")
    sequence = [request[:8] for request in asked[begins - 4 : begins + 10]]
    assert sequence == [
        "1003", "31010203", "8502", "280301",
        "1002", "2711", "2712", "2ef15a" + sequence[7][6:8],
        "3101ff00", "34004400", "37", "31010202", "3101ff01", "1101",
    ]  # fmt: skip
    first = at_bench.told.of("uds")[0]
    assert (first["ecu"], first["request"]) == ("gateway", "22f190")


def test_no_seed_and_no_key_is_kept(at_bench: Bench) -> None:
    assert at_bench.flash() is None
    kept = [
        (fact["request"], fact["response"])
        for fact in at_bench.told.of("uds")
        if fact["request"].startswith("27")
    ]
    assert set(kept) == {("2711", "6711"), ("2712", "6712")}


def test_every_unit_talks_again_after_a_pass(at_bench: Bench) -> None:
    assert at_bench.flash() is None
    for name in ("gateway", "bms"):
        asked = at_bench.told.requests(name)
        assert asked[asked.index("280001") : asked.index("280001") + 3] == ["280001", "8501", "1001"]


def test_a_unit_without_blocks_is_compared_and_never_written(tmp_path: Path) -> None:
    with bench(tmp_path, sizes={"gateway": 0}) as at_bench:
        assert at_bench.flash() is None
        assert erases(at_bench) == ["bms", "motor"]
        assert at_bench.read_back()["version"] == TARGET


def test_the_counter_of_blocks_begins_anew_after_255(tmp_path: Path) -> None:
    with bench(tmp_path, size=1_200_000, sizes={"gateway": 0, "motor": 0}) as at_bench:
        assert at_bench.flash() is None
        assert at_bench.told.of("block")[0]["bytes"] > 256 * 4093
        assert at_bench.read_back()["version"] == TARGET


def test_a_package_may_leave_out_the_unit_that_knows_the_vin(at_bench: Bench) -> None:
    rows = tuple(row for row in at_bench.manifest.ecus if row.name == "bms")
    at_bench.package = at_bench.package._replace(manifest=at_bench.manifest._replace(ecus=rows))
    assert at_bench.flash() is None
    assert at_bench.told.of("uds")[0]["ecu"] == "0x1001"
    read_back = at_bench.read_back()
    assert (read_back["vin"], read_back["version"]) == (VIN, TARGET)
    assert software(read_back) == {"bms": "0453"}


def test_a_read_back_without_a_package_has_no_version(at_bench: Bench) -> None:
    read_back = UdsDriver(at_bench.options).read_back(VIN, None)
    assert (read_back["vin"], read_back["version"], read_back["ecus"]) == (VIN, None, [])
    assert (read_back["soc_display"], read_back["volts"]) == (278, 12.6)


def test_a_car_at_the_target_is_flashed_again(at_bench: Bench) -> None:
    assert at_bench.flash() is None
    assert at_bench.flash() is None
    assert erases(at_bench) == ["gateway", "bms", "motor"]
    assert [ecu["attempts"] for ecu in at_bench.read_back()["ecus"]] == [2, 2, 2]


def test_the_12_v_and_the_soc_are_sampled_during_the_transfer(tmp_path: Path) -> None:
    with bench(tmp_path, options={"sample_every": 0.1}) as at_bench:
        at_bench.car.faults.seconds_per_block = 0.06
        assert at_bench.flash() is None
    samples = at_bench.told.of("sample")
    assert len(samples) >= 5
    assert any(sample["volts"] is None for sample in samples)  # the gateway itself is being programmed
    assert any(sample["soc_raw"] == 77 and sample["volts"] == 12.6 for sample in samples[1:-1])


def test_sessions_outlive_a_unit_that_is_slow(tmp_path: Path) -> None:
    """Longer than the five seconds after which a session ends by itself: the others must still be quiet."""
    with bench(tmp_path, sizes={"gateway": 0, "motor": 0}, options={"silence": 2}) as at_bench:
        at_bench.car.faults.of("bms").erase_seconds = 6.5
        assert at_bench.flash() is None
    answers = {(fact["ecu"], fact["request"]): fact["response"] for fact in at_bench.told.of("uds")}
    # Refused (7F 28 7F) in the default session.
    assert answers["gateway", "280001"] == "6800"
    assert answers["motor", "280001"] == "6800"


def test_sessions_outlive_a_disk_that_hangs(at_bench: Bench) -> None:
    """The flash itself stands still in the middle of a programming session; nothing is lost."""

    def hang(fact: dict[str, Any]) -> None:
        if fact.get("kind") == "block" and fact["ecu"] == "gateway":
            threading.Event().wait(5.5)

    at_bench.heard = hang
    assert at_bench.flash() is None
    assert at_bench.read_back()["version"] == TARGET


def test_units_that_start_slowly_are_waited_for(tmp_path: Path) -> None:
    with bench(tmp_path, boot_seconds=0.7) as at_bench:
        assert at_bench.flash() is None
        assert at_bench.read_back()["version"] == TARGET


def test_a_unit_that_never_comes_back_from_its_reset_is_silence(tmp_path: Path) -> None:
    with bench(tmp_path, boot_seconds=60, options={"restart_timeout": 1}) as at_bench:
        trouble = at_bench.flash()
        assert said(trouble) == ("timeout", "silent", True)
        assert trouble is not None
        assert trouble.params == {"ecu": "gateway", "step": "verify"}


def test_a_gateway_that_restarts_may_take_the_connection_with_it(at_bench: Bench) -> None:
    def pull(fact: dict[str, Any]) -> None:
        if fact.get("request") == "1101" and fact["ecu"] == "gateway":
            at_bench.cable.cut()

    at_bench.heard = pull
    assert at_bench.flash() is None
    assert erases(at_bench) == ["gateway", "bms", "motor"]
    assert at_bench.read_back()["version"] == TARGET


def test_a_cable_that_is_pulled_in_the_transfer_is_never_written_to_again(at_bench: Bench) -> None:
    def pull(fact: dict[str, Any]) -> None:
        if fact.get("step") == "transfer bms":
            at_bench.cable.cut()

    at_bench.heard = pull
    trouble = at_bench.flash()
    assert said(trouble) == ("error", "interface_lost", True)
    assert [request for request in at_bench.told.requests("bms") if request.startswith("34")] == [
        "3400440001000000004e20"
    ]
    assert software(at_bench.read_back()) == {"gateway": "0453", "bms": "", "motor": "0452"}


# ---------------------------------------------------------------- a precondition does not hold


def test_another_car_on_the_cable_is_not_touched(at_bench: Bench) -> None:
    at_bench.car.faults.vin = OTHER_VIN
    trouble = at_bench.flash()
    assert isinstance(trouble, Aborted)
    assert said(trouble) == ("aborted", "wrong_car", False)
    assert trouble.params == {"expected": VIN, "found": OTHER_VIN}
    assert at_bench.told.requests("gateway") == ["22f190"]
    assert at_bench.read_back()["vin"] == OTHER_VIN


def test_a_package_for_another_part_does_not_fit(at_bench: Bench) -> None:
    at_bench.car.faults.of("bms").part_number = "1EA915184Z"
    trouble = at_bench.flash()
    assert said(trouble) == ("aborted", "package_unfit", False)
    assert trouble is not None
    assert trouble.params == {
        "ecu": "bms", "field": "part_number", "specified": "1EA915184B", "actual": "1EA915184Z",
    }  # fmt: skip
    assert [one["when"] for one in at_bench.told.of("identification")] == ["before"]
    assert at_bench.read_back()["version"] == "mixed"


def test_a_car_at_neither_version_is_not_touched(tmp_path: Path) -> None:
    with bench(tmp_path, software="0451") as at_bench:
        trouble = at_bench.flash()
        assert said(trouble) == ("aborted", "wrong_version", False)
        assert trouble is not None
        assert trouble.params == {"found": "gateway 0451", "source": SOURCE}
        assert at_bench.read_back()["version"] == "mixed"
        assert set(gallia_reads_software(at_bench.cable.port).values()) == {"0451"}


def test_a_car_at_26_9_is_refused(at_bench: Bench) -> None:
    at_bench.car.faults.soc_raw = 75
    trouble = at_bench.flash()
    assert said(trouble) == ("aborted", "soc_below", False)
    assert trouble is not None
    assert trouble.params == {"soc": "26.9", "gate": "27.0", "gauge": "display", "raw": "75"}
    sample = at_bench.told.of("sample")[0]
    assert (sample["soc_raw"], sample["soc_display"], sample["soc_bms"]) == (75, 269, 300)
    assert at_bench.read_back()["version"] == SOURCE


def test_a_car_at_27_0_is_flashed(tmp_path: Path) -> None:
    exact = {"ecu": "0x1007", "formulas": {"display": {"id": "exact", "factor": 0.5, "offset": -10.5}}}
    with bench(tmp_path, soc_raw=75, options={"soc": exact}) as at_bench:
        assert at_bench.flash() is None
    assert at_bench.told.of("sample")[0]["soc_display"] == 270


def test_the_gate_is_on_the_gauge_that_it_names(at_bench: Bench) -> None:
    at_bench.car.faults.soc_raw = 75
    assert at_bench.flash(JOB._replace(gate="bms:300")) is None
    trouble = at_bench.flash(JOB._replace(gate="bms:301"))
    assert said(trouble) == ("aborted", "soc_below", False)


def test_a_soc_that_is_not_told_means_wait(at_bench: Bench) -> None:
    at_bench.car.faults.of("bms").refuse["22028c"] = 0x22
    trouble = at_bench.flash()
    assert said(trouble) == ("aborted", "soc_unreadable", False)
    assert trouble is not None
    assert trouble.params == {"gauge": "display"}
    assert at_bench.told.of("sample")[0]["soc_raw"] is None
    assert at_bench.read_back()["soc_display"] is None


def test_without_a_gate_the_soc_is_only_kept(at_bench: Bench) -> None:
    at_bench.car.faults.soc_raw = 20
    assert at_bench.flash(JOB._replace(gate="-")) is None
    assert at_bench.told.of("sample")[0]["soc_display"] == 26


def test_below_12_v_nothing_starts(at_bench: Bench) -> None:
    at_bench.car.faults.volts = 11.9
    trouble = at_bench.flash()
    assert said(trouble) == ("aborted", "volts_below", False)
    assert trouble is not None
    assert trouble.params == {"volts": "11.9", "min": "12.0"}
    assert at_bench.told.of("sample")[0]["warning"] == "volts_below"
    assert at_bench.read_back()["volts"] == 11.9


def test_a_marginal_12_v_is_a_warning(at_bench: Bench) -> None:
    at_bench.car.faults.volts = 12.2
    assert at_bench.flash() is None
    assert at_bench.told.of("sample")[0]["warning"] == "volts_marginal"


def test_a_unit_that_does_not_agree_stops_the_flash_before_any_is_erased(at_bench: Bench) -> None:
    at_bench.car.faults.of("motor").preconditions_refused = True
    trouble = at_bench.flash()
    assert said(trouble) == ("aborted", "preconditions", False)
    assert trouble is not None
    assert trouble.params == {"ecu": "motor", "nrc": "0x22", "name": "conditionsNotCorrect"}
    assert erases(at_bench) == []
    assert at_bench.told.requests("bms")[-1] == "1001"
    assert at_bench.read_back()["version"] == SOURCE


# ---------------------------------------------------------------- the car fails


def test_a_programming_failure_names_the_block(at_bench: Bench) -> None:
    at_bench.car.faults.of("bms").nrc_at[3] = 0x72
    trouble = at_bench.flash()
    assert isinstance(trouble, CarFailed)
    assert said(trouble) == ("fail", "programming_failed", True)
    assert trouble.params == {
        "ecu": "bms", "block": "bms-1", "nrc": "0x72", "name": "generalProgrammingFailure",
    }  # fmt: skip
    assert erases(at_bench) == ["gateway", "bms"]
    assert [block["ecu"] for block in at_bench.told.of("block")] == ["gateway"]
    assert at_bench.told.requests("motor")[-3:] == ["280001", "8501", "1001"]
    read_back = at_bench.read_back()
    assert (read_back["vin"], read_back["version"]) == (VIN, None)
    assert software(read_back) == {"gateway": "0453", "bms": "", "motor": "0452"}
    assert gallia_reads_software(at_bench.cable.port) == {"gateway": "0453", "bms": "-", "motor": "0452"}


def test_a_cut_flash_is_mended_and_what_is_right_is_left_alone(at_bench: Bench) -> None:
    at_bench.car.faults.of("bms").nrc_at[3] = 0x72
    assert said(at_bench.flash()) == ("fail", "programming_failed", True)
    at_bench.car.faults.clear()
    assert at_bench.flash() is None
    assert erases(at_bench) == ["bms", "motor"]
    assert at_bench.read_back()["version"] == TARGET


def test_a_checksum_that_the_unit_refuses_is_the_car_s_failure(at_bench: Bench) -> None:
    at_bench.car.faults.of("gateway").checksum_refused = True
    trouble = at_bench.flash()
    assert isinstance(trouble, CarFailed)
    assert said(trouble) == ("fail", "checksum_refused", True)
    assert trouble.params == {"ecu": "gateway", "block": "gateway-1"}
    assert [block["ecu"] for block in at_bench.told.of("block")] == ["gateway"]
    assert at_bench.read_back()["version"] is None


def test_parts_that_do_not_fit_each_other_are_the_car_s_failure(at_bench: Bench) -> None:
    at_bench.car.faults.of("gateway").dependencies_refused = True
    trouble = at_bench.flash()
    assert said(trouble) == ("fail", "dependencies_refused", True)
    assert trouble is not None
    assert trouble.params["ecu"] == "gateway"
    assert at_bench.read_back()["version"] is None


def test_a_refused_key_is_told_with_its_service(at_bench: Bench) -> None:
    at_bench.car.faults.of("gateway").security_denied = True
    trouble = at_bench.flash()
    assert said(trouble) == ("fail", "refused", False)
    assert trouble is not None
    assert trouble.params == {
        "ecu": "gateway", "service": "0x27", "nrc": "0x33", "name": "securityAccessDenied",
    }  # fmt: skip
    assert at_bench.read_back()["version"] == SOURCE


def test_a_car_that_differs_in_the_end_fails_field_by_field(at_bench: Bench) -> None:
    """The flash of the bms goes well, and another part number than specified comes out."""
    manifest = at_bench.manifest
    rows = [
        row._replace(target=row.target._replace(part_number="1EA915184C")) if row.name == "bms" else row
        for row in manifest.ecus
    ]
    at_bench.package = at_bench.package._replace(manifest=manifest._replace(ecus=tuple(rows)))
    trouble = at_bench.flash()
    assert said(trouble) == ("fail", "differs", True)
    assert trouble is not None
    difference = {"ecu": "bms", "field": "part_number", "specified": "1EA915184C", "actual": "1EA915184B"}
    assert trouble.params == {"count": "1", **difference}
    assert at_bench.told.of("comparison") == [{"kind": "comparison", "rows": [difference], "matched": 10}]
    assert at_bench.read_back()["version"] == "mixed"


def test_a_long_erase_is_waited_for(at_bench: Bench) -> None:
    """Beyond the silence, and beyond what the unit promises (P2, 50 ms): it says "pending" all the time."""
    at_bench.car.faults.of("bms").erase_seconds = 2.5
    assert at_bench.flash() is None
    slow = [fact["ms"] for fact in at_bench.told.of("uds") if fact["request"].startswith("3101ff00")]
    assert max(slow) >= 2400
    assert at_bench.read_back()["version"] == TARGET


def test_an_erase_beyond_its_limit_is_silence(tmp_path: Path) -> None:
    with bench(tmp_path, options={"erase_timeout": 1.5}) as at_bench:
        at_bench.car.faults.of("gateway").erase_seconds = 6
        trouble = at_bench.flash()
        assert said(trouble) == ("timeout", "silent", True)
        assert trouble is not None
        assert trouble.params == {"ecu": "gateway", "step": "erase"}


# ---------------------------------------------------------------- silence, and the rig


def test_a_frozen_unit_is_silence_and_the_others_are_brought_back(at_bench: Bench) -> None:
    at_bench.car.faults.of("gateway").freeze_at = 2
    trouble = at_bench.flash()
    assert isinstance(trouble, CarSilent)
    assert said(trouble) == ("timeout", "silent", True)
    assert trouble.params == {"ecu": "gateway", "step": "transfer"}
    assert at_bench.told.requests("motor")[-3:] == ["280001", "8501", "1001"]
    silent = at_bench.read_back()
    assert (silent["vin"], silent["version"], silent["soc_display"], silent["ecus"]) == (VIN, None, None, [])
    at_bench.car.faults.clear()
    assert at_bench.read_back()["version"] is None
    assert at_bench.flash() is None


def test_a_frozen_unit_that_does_not_tell_the_vin_leaves_the_rest_readable(at_bench: Bench) -> None:
    at_bench.car.faults.of("motor").freeze_at = 1
    trouble = at_bench.flash()
    assert said(trouble) == ("timeout", "silent", True)
    assert trouble is not None
    assert trouble.params == {"ecu": "motor", "step": "transfer"}
    read_back = at_bench.read_back()
    assert (read_back["vin"], read_back["version"]) == (VIN, None)
    assert software(read_back) == {"gateway": "0453", "bms": "0453", "motor": None}
    assert read_back["soc_display"] == 278


def test_a_car_that_loses_its_power_in_the_transfer_is_lost_to_the_rig(at_bench: Bench) -> None:
    at_bench.car.faults.of("bms").power_loss_at = 3
    trouble = at_bench.flash()
    assert isinstance(trouble, RigFailed)
    assert said(trouble) == ("error", "interface_lost", True)
    assert at_bench.read_back() == {
        "vin": VIN, "version": None, "soc_display": None, "soc_bms": None,
        "soc_raw": None, "volts": None, "ecus": [],
    }  # fmt: skip
    at_bench.car.faults.clear()
    assert software(at_bench.read_back()) == {"gateway": "0453", "bms": "", "motor": "0452"}
    assert at_bench.flash() is None
    assert at_bench.read_back()["version"] == TARGET


def test_a_unit_that_is_silent_from_the_start_is_not_written(at_bench: Bench) -> None:
    at_bench.car.faults.of("motor").silent = True
    trouble = at_bench.flash()
    assert said(trouble) == ("timeout", "silent", False)
    assert trouble is not None
    assert trouble.params == {"ecu": "motor", "step": "identify"}
    assert at_bench.read_back()["version"] is None


def test_an_interface_that_is_not_there_is_the_rig_s_failure(at_bench: Bench) -> None:
    at_bench.options = driver_options(1)
    trouble = at_bench.flash()
    assert isinstance(trouble, RigFailed)
    assert said(trouble) == ("error", "interface_lost", False)
    assert at_bench.read_back()["version"] is None


def test_a_cable_without_a_car_is_told_as_such(tmp_path: Path) -> None:
    with bench(tmp_path) as at_bench, serve_car(lambda: None) as empty:
        at_bench.options = driver_options(empty.port)
        trouble = at_bench.flash()
        assert said(trouble) == ("error", "no_car", False)


def test_a_read_back_ends_when_every_unit_is_silent(at_bench: Bench) -> None:
    for name in ("bms", "motor"):
        at_bench.car.faults.of(name).silent = True
    began = time.monotonic()
    read_back = at_bench.read_back()
    assert time.monotonic() - began < 8
    assert (read_back["vin"], read_back["version"], read_back["volts"]) == (VIN, None, 12.6)


def test_a_read_back_ends_when_every_answer_is_slow(at_bench: Bench) -> None:
    """0.9 s for each of 27 answers: what came in time is told, and no version is made of it."""

    def slow(unit: int, request: bytes) -> list[bytes]:
        threading.Event().wait(0.9)
        data = VIN.encode().hex() if request == b"\x22\xf1\x90" else "30"
        return [says("62" + request[1:].hex() + data, unit)]

    with gateway(slow) as made:
        at_bench.options = driver_options(made.port, silence=5)
        began = time.monotonic()
        read_back = at_bench.read_back()
        assert time.monotonic() - began < 8
    assert (read_back["vin"], read_back["version"], len(read_back["ecus"])) == (VIN, None, 3)


def test_a_read_back_ends_when_nobody_even_answers_the_door(at_bench: Bench) -> None:
    with gateway(lambda *_: [], routing=SILENT) as made:
        at_bench.options = driver_options(made.port)
        began = time.monotonic()
        assert at_bench.read_back()["version"] is None
        assert time.monotonic() - began < 8
        assert said(at_bench.flash()) == ("error", "no_car", False)


def test_a_flash_without_a_package_says_so(at_bench: Bench) -> None:
    at_bench.package = None  # type: ignore[assignment]
    trouble = at_bench.flash()
    assert said(trouble) == ("error", "package_missing", False)
