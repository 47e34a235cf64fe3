"""What goes wrong at the service or on the way is survived, and every image ends once."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

from tests.e2e.rehearsal import Desk, reef

from coralrun.clock import SystemClock
from coralrun.coralnet.account.auth import TOKEN_PATH
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.codec import wire
from coralrun.http.client import Reply

ALL_PREDICTED = {"points": 144, "predicted": 144, "failed": 0, "skipped": 0}


def test_a_submission_whose_reply_is_lost_is_adopted_not_repeated(desk: Desk) -> None:
    desk.reef.order(lose_replies=2)

    summary = desk.report("apply", desk.survey())

    assert summary["points"] == ALL_PREDICTED
    assert desk.reef.order()["jobs_created"] == 4
    assert sum(fact.get("adopted", False) for fact in desk.facts() if fact["t"] == "submitted") == 2


def test_a_url_that_expired_in_the_queue_is_signed_again(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for("submitted", 2)
    still_desk.reef.order(expire_urls=True, go_on=True)
    process.communicate(timeout=120)

    assert process.returncode == 0
    again = [reason for fact in still_desk.facts() for reason in fact.get("again", {}).values()]
    assert set(again) == {"url-expired"}
    assert still_desk.report("status", "run")["points"] == ALL_PREDICTED


def test_bad_gateways_with_html_are_waited_out(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for("submitted", 2)
    still_desk.reef.order(bad_gateways=3, go_on=True)
    process.communicate(timeout=120)

    assert process.returncode == 0
    batches = {fact["batch"] for fact in still_desk.facts() if fact["t"] == "submitted"}
    assert still_desk.reef.order()["jobs_created"] == len(batches) <= 5
    assert still_desk.report("status", "run")["points"] == ALL_PREDICTED


def test_a_revoked_token_is_asked_for_anew_where_the_password_is_at_hand(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for("submitted", 2)
    still_desk.reef.order(revoke_token=still_desk.reef.username, go_on=True)
    _, err = process.communicate(timeout=120)

    assert process.returncode == 0, err
    assert still_desk.report("status", "run")["points"] == ALL_PREDICTED
    assert still_desk.reef.order()["jobs_created"] == 4


def test_a_revoked_token_stops_with_advice_and_resume_takes_another(still_desk: Desk) -> None:
    reef = still_desk.reef
    login = wire.encode_login(reef.username, reef.password)
    reply = Http(reef.url, SystemClock()).api("POST", TOKEN_PATH, body=login)
    assert isinstance(reply, Reply)
    token = {"CORALNET_TOKEN": wire.decode_token(reply.body), "CORALNET_PASSWORD": ""}
    bearer = Desk(still_desk.folder, reef, token)
    process = bearer.start("apply", bearer.survey())
    bearer.wait_for("submitted", 2)
    reef.order(revoke_token=reef.username, go_on=True)
    _, err = process.communicate(timeout=120)

    assert process.returncode == 3
    assert "Invalid token." in err
    assert "CORALNET_USERNAME" in err
    assert still_desk.report("resume", "run")["points"] == ALL_PREDICTED
    assert reef.order()["jobs_created"] == 4


def test_a_wrong_password_is_told_once_and_offered_once_for_all_surveys(desk: Desk) -> None:
    wrong = Desk(desk.folder, desk.reef, {"CORALNET_PASSWORD": "not-the-password"})
    surveys = [wrong.survey(name=f"{year}.yaml", directory=f"run-{year}") for year in (2023, 2024, 2025)]

    out, _ = wrong.run("apply", *surveys, "--quiet", code=3)

    assert out.count("does not accept the account 'demo' (from the environment)") == 1
    assert out.count(f"ended with 3: as {surveys[0]} did\n") == 2
    assert desk.reef.order()["requests"] == 1
    assert "not-the-password" not in out
    assert list(desk.folder.glob("run-*")) == []


def test_an_e_mail_address_as_user_name_is_told_before_the_plan(desk: Desk) -> None:
    mail = Desk(desk.folder, desk.reef, {"CORALNET_USERNAME": "demo@example.org"})

    _, err = mail.run("apply", mail.survey(), code=3)

    assert "exact user name" in err


def test_an_unknown_classifier_stops_with_advice(desk: Desk) -> None:
    survey = desk.survey()
    survey.write_text(survey.read_text().replace("{source: 1, pick: newest}", "{id: 999}"))

    _, err = desk.run("apply", survey, code=6)

    assert "the classifier does not exist" in err
    assert "Choose another classifier" in err


def test_another_client_in_the_slots_is_waited_for(desk: Desk) -> None:
    desk.reef.order(hold_slots=5)
    process = desk.start("apply", desk.survey())
    desk.wait_for("limits")
    assert desk.reef.order()["jobs_created"] == 0
    desk.reef.order(release_slots=True)
    process.communicate(timeout=120)

    assert process.returncode == 0
    assert desk.report("status", "run")["points"] == ALL_PREDICTED


def test_a_slot_that_was_lost_to_another_client_is_a_wait_not_a_failure(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey(patience="3s", batch_size=3))
    still_desk.wait_for("submitted", 1)
    still_desk.reef.order(hold_slots=4)
    still_desk.wait_for("refused", 1)
    still_desk.reef.order(release_slots=True, go_on=True)
    process.communicate(timeout=120)

    assert process.returncode == 0
    assert still_desk.reef.order()["refused_429"] >= 1
    assert {fact["why"] for fact in still_desk.facts() if fact["t"] == "refused"} == {"no-slot"}
    assert still_desk.report("status", "run")["points"] == ALL_PREDICTED


def test_a_throttled_client_is_silent_for_as_long_as_it_is_asked(desk: Desk) -> None:
    desk.reef.order(requests_per_minute=3, minute_s=6)

    summary = desk.report("apply", desk.survey(batch_size=12))

    assert summary["points"] == ALL_PREDICTED
    counts = desk.reef.order()
    assert 1 <= counts["refused_429"] < counts["api_requests"] / 2 < 20


def test_one_bad_image_fails_alone_and_the_exit_code_says_so(desk: Desk) -> None:
    bad = "reef_site1_5m_t1_q02_20240612.jpg"
    desk.reef.order(break_image=bad)

    summary = desk.report("apply", desk.survey(batch_size=24), code=7)

    assert summary["points"] == {"points": 144, "predicted": 138, "failed": 6, "skipped": 0}
    failures = list(csv.reader(io.StringIO(desk.table("failures.csv").decode())))
    assert failures == [
        ["source", "name", "points", "reason"],
        ["coralnet:1", bad, "6", "the file is not an image that the service can read"],
    ]
    assert len([fact for fact in desk.facts() if fact["t"] == "intent"]) == 1


def test_a_stuck_job_is_seen_and_the_images_of_a_lost_one_are_sent_again(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for("submitted", 2)
    job = next(fact["job"] for fact in still_desk.facts() if fact["t"] == "submitted")
    still_desk.reef.order(forget_job=job, go_on=True)
    process.communicate(timeout=120)

    assert process.returncode == 0
    assert [fact["why"] for fact in still_desk.facts() if fact["t"] == "gave_up"] == ["job-lost"]
    assert still_desk.report("status", "run")["points"] == ALL_PREDICTED


def test_a_proxy_and_a_netrc_of_the_environment_change_nothing(desk: Desk) -> None:
    netrc = desk.folder / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    proxied = Desk(
        desk.folder,
        desk.reef,
        {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NETRC": str(netrc)},
    )

    assert proxied.report("apply", proxied.survey())["points"] == ALL_PREDICTED


def test_no_secret_is_left_behind_or_printed(still_desk: Desk) -> None:
    process = still_desk.start("apply", still_desk.survey())
    still_desk.wait_for("submitted", 2)
    still_desk.reef.order(expire_urls=True, break_image="reef_site1_5m_t1_q02_20240612.jpg", go_on=True)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 7

    written = b"".join(data for path, data in still_desk.everything())
    for blob in (still_desk.folder / "run" / "results").iterdir():
        written += gzip.decompress(blob.read_bytes())
    for secret in (still_desk.reef.password, "Signature=", "AWSAccessKeyId", "sessionid", "Token "):
        assert secret.encode() not in written, secret
        assert secret not in out + err, secret


def test_urls_that_die_faster_than_pages_come_go_out_in_smaller_batches(tmp_path: Path) -> None:
    with reef(seconds_per_image=0.05, url_lifetime_s=8.0) as running:
        desk = Desk(tmp_path, running)
        survey = desk.survey(batch_size=24)
        survey.write_text(survey.read_text().replace("web_rate: 50", "web_rate: 4"))

        summary = desk.report("apply", survey)

    assert summary["points"] == ALL_PREDICTED
    assert summary["jobs_done"] > 1
