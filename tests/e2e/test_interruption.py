"""Whatever ends the process, the run goes on where it was and ends as if nothing had happened."""

from __future__ import annotations

import signal

import pytest
from tests.e2e.rehearsal import Desk, end


@pytest.mark.parametrize(("kind", "count"), [("intent", 1), ("submitted", 2), ("collected", 1)])
def test_a_killed_run_resumes_to_the_same_bytes_without_a_second_job(still_desk: Desk, kind: str, count: int) -> None:
    still_desk.reef.order(stop_after=1)
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for(kind, count)
    end(process, signal.SIGKILL)
    killed = still_desk.report("status", "run")
    assert (killed["standing"], killed["process"]["pid"]) == ("dead", process.pid)
    assert sum(fact["t"] == "collected" for fact in still_desk.facts()) <= 1

    still_desk.reef.go_on()

    summary = still_desk.report("resume", "run")
    jobs_created = still_desk.reef.order()["jobs_created"]

    assert summary["standing"] == "finished"
    assert summary["points"] == {"points": 144, "predicted": 144, "failed": 0, "skipped": 0}
    assert jobs_created == 4 == len({fact["batch"] for fact in still_desk.facts() if fact["t"] == "batched"})

    undisturbed = still_desk.survey(directory="undisturbed", name="undisturbed.yaml")
    still_desk.run("apply", undisturbed)
    assert still_desk.table("predictions.csv") == still_desk.table("predictions.csv", "undisturbed")
    assert still_desk.table("failures.csv") == still_desk.table("failures.csv", "undisturbed")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_stops_within_five_seconds_and_can_be_resumed(
    still_desk: Desk, number: signal.Signals, code: int
) -> None:
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for("submitted")

    exit_code, took_s = end(process, number)

    assert exit_code == code
    assert took_s < 5.0
    still_desk.reef.go_on()
    assert still_desk.report("resume", "run")["standing"] == "finished"


def test_a_second_process_is_refused_and_told_who_works_on_the_run(still_desk: Desk) -> None:
    survey = still_desk.survey()
    process = still_desk.start("apply", survey)
    still_desk.wait_for("submitted")

    _, err = still_desk.run("resume", "run", code=4)

    assert f"process {process.pid} on " in err
    still_desk.reef.go_on()
    process.communicate(timeout=120)
    assert process.returncode == 0


def test_status_reads_a_run_that_is_going_on(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for("submitted", 2)

    summary = still_desk.report("status", "run")

    assert (summary["standing"], summary["process"]["pid"]) == ("working", process.pid)
    assert len(summary["jobs_active"]) >= 2
    still_desk.reef.go_on()
    process.communicate(timeout=120)


def test_a_finished_run_is_left_alone(desk: Desk) -> None:
    survey = desk.survey()
    desk.run("apply", survey)
    run = desk.folder / "run"
    before = dict(desk.everything())

    out, _ = desk.run("apply", survey)

    assert "run is finished; there is nothing to do." in out
    after = dict(desk.everything())
    told_by_others = {run / "run.owner"} | {path for path in after if run not in path.parents}
    assert {path: data for path, data in after.items() if path not in told_by_others} == {
        path: data for path, data in before.items() if path not in told_by_others
    }


def test_a_run_in_the_middle_becomes_what_its_survey_says_now(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for("submitted")
    end(process, signal.SIGINT)
    still_desk.reef.go_on()

    fewer = still_desk.survey(source="{coralnet: 1, filters: {limit: 12}}", batch_size=5)
    out, _ = still_desk.run("apply", fewer)

    assert "  survey      run.batch_size: 6 -> 5" in out
    assert "  - 12 images no longer named" in out
    summary = still_desk.report("status", "run")
    assert summary["images"] == summary["succeeded"] == 12


def test_a_torn_last_line_is_set_aside_and_the_run_goes_on(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for("submitted", 4)
    end(process, signal.SIGKILL)
    with (still_desk.folder / "run" / "state" / "journal-0.jsonl").open("ab") as journal:
        journal.write(b'{"n":99,"c":"0000')

    still_desk.reef.go_on()
    assert still_desk.report("resume", "run")["standing"] == "finished"
    torn = list((still_desk.folder / "run" / "state").glob("torn-*.txt"))
    assert [path.read_bytes() for path in torn] == [b'{"n":99,"c":"0000']


def test_a_damaged_journal_stops_with_the_file_and_the_line(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for("submitted", 2)
    end(process, signal.SIGKILL)
    journal = still_desk.folder / "run" / "state" / "journal-0.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if b'"batch":1' in line)
    lines[place] = lines[place].replace(b'"batch":1', b'"batch":2')
    journal.write_bytes(b"".join(lines))

    _, err = still_desk.run("resume", "run", code=8)

    assert f"run/state/journal-0.jsonl:{place + 1}: the checksum does not fit" in err


def test_a_private_run_resumed_without_its_password_waits_for_it_and_loses_no_image(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey(source="{coralnet: 2}", batch_size=2, concurrency=1))
    still_desk.wait_for("submitted")
    end(process, signal.SIGINT)
    still_desk.reef.go_on()
    token = still_desk.token()
    without = Desk(still_desk.folder, still_desk.reef, {"CORALNET_PASSWORD": "", "CORALNET_TOKEN": token})

    _, err = without.run("resume", "run", code=3)

    assert "CORALNET_PASSWORD" in err
    assert still_desk.report("resume", "run")["succeeded"] == 5
