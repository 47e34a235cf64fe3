"""The doctor: every check of a healthy survey, and what each one that fails says and advises."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from tests.unit.plans import PLAN
from typer.testing import CliRunner

from coralrun.app.beforehand import doctor
from coralrun.app.beforehand.doctor import examine
from coralrun.app.run.run_directory import make_run
from coralrun.cli.main import app
from coralrun.clock import SystemClock
from coralrun.coralnet.account.auth import TYPED, Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter, WebRate
from coralrun.coralnet.checks import clock_check
from coralrun.coralnet.connection import CoralNetConnection
from coralrun.coralnet.places import credentials_file
from coralrun.coralnet.protocol import LIMITS
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.refusals import missing_remedy
from coralrun.coralnet.upload_record import UploadRecord
from coralrun.emulator.demo import OTHER_PASSWORD, OTHER_USERNAME, PASSWORD, USERNAME, Settings, drawn_service
from coralrun.emulator.http import SystemClock as EmulatorClock
from coralrun.emulator.messages import Request
from coralrun.emulator.service import CoralNet
from coralrun.errors import AccountMissing
from coralrun.planning.model import Classifier
from coralrun.reaching import Ask, Login
from coralrun.service.checks import Check, Verdict
from coralrun.store.layout import Layout

BASE = "http://127.0.0.1:1"
ME = Credentials(USERNAME, password=PASSWORD)
SURVEY = """\
version: 1
name: reef
service: emulator
classifier: {classifier}
sources: [{{coralnet: {source}, search: {search}}}]
sampling: {{points: {{method: simple random, number_of_points: 5}}}}
"""


@pytest.fixture(scope="module")
def server() -> CoralNet:
    return drawn_service(EmulatorClock(), Settings(base_url=BASE), images=21)


class Reach:
    """How the service is reached in a test: by whom, with how much of a clock's error, or not at all."""

    def __init__(self, server: CoralNet, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server = server
        self.credentials: Credentials | None = ME
        self.down = False
        self.date: str | None = None
        self.active = 0
        self.full = ""  # below this path, too many requests were sent
        self.services: list[str] = []
        monkeypatch.setattr(doctor, "connect", self.connect)

    def connect(self, service: str, *_: object, ask: Ask | None = None, **__: object) -> CoralNetConnection:
        self.services.append(service)
        if ask is not None and self.credentials is None:
            if (said := ask("coralnet.example")) is None:
                raise AccountMissing("there are no credentials")
            self.credentials = Credentials(said.username, said.password, origin=TYPED)
        clock = SystemClock()
        http = Http(BASE, clock, self.handle)
        site = Site(http, WebRate(clock, 1000.0), self.credentials)
        return CoralNetConnection(
            BASE, clock, LIMITS, http, site, Limiter(clock), self.credentials, UploadRecord(clock, BASE)
        )

    def handle(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        if self.down:
            return 502, [("Content-Type", "text/html")], b"<html>Bad Gateway</html>"
        address = urlsplit(url)
        if self.full and address.path.startswith(self.full):
            said = b'{"errors":[{"detail":"Request was throttled. Expected available in 603 seconds."}]}'
            return 429, [("Content-Type", "application/vnd.api+json"), ("Retry-After", "603")], said
        reply = self.server.handle(Request(method, unquote(address.path), address.query, headers, body))
        kept = [header for header in reply.headers if header[0] != "Date" or self.date is None]
        return reply.status, kept + ([("Date", self.date)] if self.date is not None else []), reply.body


@pytest.fixture
def reach(server: CoralNet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Reach:
    monkeypatch.chdir(tmp_path)
    return Reach(server, monkeypatch)


def checks(
    source: int | None = 1, search: str = "{}", classifier: str = "{source: 1}", more: str = ""
) -> dict[str, Check]:
    path = None
    if source is not None:
        path = Path("survey.yaml")
        text = SURVEY.format(source=source, search=search, classifier=classifier) + more
        path.write_text(text, encoding="utf-8")
    return {check.what: check for check in examine(path, BASE)}


def test_everything_that_a_healthy_survey_needs_is_checked(reach: Reach) -> None:
    found = checks()
    assert list(found) == [
        *("versions", "survey", "formats", "disk", "credentials", "service", "clock", "account", "coralnet:1"),
        "classifier",
    ]
    assert {check.verdict for check in found.values()} == {Verdict.OK}
    assert found["credentials"].said == "the account 'demo', with its password"
    assert found["account"].said == "5 of 5 jobs are free"
    assert found["coralnet:1"].said == "Demo reef: the search finds 21 images"
    assert found["classifier"].said.startswith("13 of source 1, accuracy ")
    assert PASSWORD not in repr(found)


def test_without_a_survey_the_service_and_the_account_are_checked(reach: Reach) -> None:
    assert list(checks(None)) == ["versions", "disk", "credentials", "service", "clock", "account"]


def test_missing_credentials_are_told_and_public_sources_are_still_looked_at(reach: Reach) -> None:
    reach.credentials = None
    found = checks()
    assert found["credentials"] == Check(
        "credentials",
        Verdict.WRONG,
        f"there are no credentials for {BASE}",
        missing_remedy(),
        3,
    )
    assert "account" not in found
    assert found["coralnet:1"].verdict is Verdict.OK


def test_who_is_there_is_asked_for_an_account_which_is_checked_and_kept_nowhere(reach: Reach) -> None:
    reach.credentials = None
    nobody = {check.what: check for check in examine(None, BASE, lambda _: None)}
    assert (nobody["credentials"].verdict, "account" in nobody) == (Verdict.WRONG, False)
    found = {check.what: check for check in examine(None, BASE, lambda _: Login(USERNAME, PASSWORD))}
    typed = found["credentials"]
    assert (typed.verdict, typed.exit_code) == (Verdict.NOTE, 0)
    assert typed.said == "the account 'demo' (as it was typed), with its password; it is kept nowhere"
    assert typed.remedy.endswith(f"or write both into {credentials_file()}.")
    assert found["account"].verdict is Verdict.OK


def test_without_a_survey_the_service_of_the_environments_account_is_looked_at(
    reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (f"{BASE}/", ""):
        monkeypatch.setenv("CORALNET_SERVICE", value)
        CliRunner().invoke(app, ["doctor"])
    assert reach.services == [BASE, "https://coralnet.ucsd.edu"]


def test_an_account_that_is_not_accepted_is_told_with_the_services_words(reach: Reach) -> None:
    reach.credentials = replace(ME, password="hunter2")
    account = checks(None)["account"]
    assert (account.verdict, account.exit_code) == (Verdict.WRONG, 3)
    assert account.said == (f"{BASE} does not accept the account 'demo': Unable to log in with provided credentials.")
    assert account.remedy.startswith("Look at the name (the exact user name, not the e-mail address")
    assert checks(source=2)["coralnet:2"].said == "cannot be looked at before the account is right: see above"
    assert checks(source=99)["coralnet:99"].said == f"source 99 does not exist at {BASE}"
    reach.credentials = replace(ME, password='"hunter2"')
    assert checks(None)["account"].remedy.endswith(
        "The quotation marks around the password are taken for a part of it."
    )


def test_a_token_alone_is_noted_and_a_wrong_one_refused(reach: Reach) -> None:
    reach.credentials = Credentials(USERNAME, token="0" * 40)
    found = checks(None)
    assert found["pages"].remedy == "Set CORALNET_PASSWORD too, for private sources."
    assert found["account"].said == f"{BASE} does not show the jobs of 'demo': Invalid token."
    assert (
        found["account"].remedy
        == "Put a valid token in its place, there where it stands, or give the password instead."
    )


@pytest.mark.parametrize(
    ("full", "what"), [("/api/user/", "account"), ("/api/token_auth/", "account"), ("/", "service")]
)
def test_a_service_that_has_had_enough_says_for_how_long(reach: Reach, full: str, what: str) -> None:
    reach.full = full
    assert checks(None)[what] == Check(
        what,
        Verdict.WRONG,
        f"{BASE}: too many requests; the next is taken in 603 s",
        "Wait that long and try again: CoralNet counts the requests of an account, and of an address, by the hour. "
        "The next call goes on.",
        6,
    )


def test_a_token_that_was_revoked_is_renewed_where_there_is_a_password(reach: Reach) -> None:
    reach.credentials = Credentials(USERNAME, PASSWORD, "0" * 40)
    assert checks(None)["account"].said == "5 of 5 jobs are free"


def test_a_service_that_does_not_answer_is_asked_nothing_more(reach: Reach) -> None:
    reach.down = True
    found = checks()
    assert list(found)[-1] == "service"
    assert found["service"] == Check(
        "service",
        Verdict.WRONG,
        f"{BASE}: HTTP 502",
        "Look at your network, at a proxy, and at the address; CoralNet itself is sometimes down for a while.",
        6,
    )


def test_a_clock_that_is_off_is_noted_with_how_much(reach: Reach) -> None:
    now = parsedate_to_datetime("Sun, 22 Nov 2026 18:00:00 GMT")
    assert clock_check(format_datetime(now, usegmt=True), now.timestamp() + 3600) == Check(
        "clock",
        Verdict.NOTE,
        "3,600 s ahead of the service's: times in logs will be off, and nothing else",
        "Have this computer set its clock by the network.",
    )
    reach.date = "Mon, 01 Jan 2001 00:00:00 GMT"
    assert checks(None)["clock"].said.endswith(" s ahead of the service's: times in logs will be off, and nothing else")
    reach.date = "soon"
    assert checks(None)["clock"].said == "the service's time of day cannot be read"


def test_a_source_that_the_account_may_not_see_or_that_is_not_there_is_told(reach: Reach) -> None:
    reach.credentials = Credentials(OTHER_USERNAME, password=OTHER_PASSWORD)
    found = checks(source=2)["coralnet:2"]
    assert (found.said, found.exit_code) == (f"the account 'guest' may not see source 2 at {BASE}", 3)
    found = checks(source=99)["coralnet:99"]
    assert (found.said, found.remedy) == (
        f"source 99 does not exist at {BASE}",
        "Correct the number where you gave it; it stands in the address of the source's page, /source/N/.",
    )


def test_a_search_that_finds_nothing_is_noted(reach: Reach) -> None:
    found = checks(search="{image_name: nowhere}")["coralnet:1"]
    assert (found.verdict, found.said) == (Verdict.NOTE, "Demo reef: the search finds 0 images")
    assert found.remedy == "Look at `search` in the survey: is it too narrow?"


def test_a_search_by_a_field_that_the_source_does_not_offer_is_told(reach: Reach) -> None:
    found = checks(search="{fields: {Zone: A}}")["coralnet:1"]
    assert (found.verdict, found.exit_code) == (Verdict.WRONG, 2)
    assert found.said.startswith("`search.fields`: source 1 cannot be searched by `Zone`; it offers `Site`, ")
    assert checks(search="{fields: {site: site1}}")["coralnet:1"].said == "Demo reef: the search finds 20 images"
    some = ", ".join(map(str, range(1, 150)))
    found = checks(search=f"{{image_id_list: [{some}]}}")["coralnet:1"]
    assert found.said == "Demo reef: the search finds 21 images"


def test_a_classifier_by_its_number_is_looked_for_in_the_sources_of_the_survey(reach: Reach) -> None:
    found = checks(classifier="{id: 41004}")["classifier"]
    assert (found.verdict, found.said) == (
        Verdict.NOTE,
        "classifier 41004 is not listed by source 1: it is another source's, or one that CoralNet rejected for being "
        "no better than the one before",
    )


@pytest.mark.parametrize(
    ("number", "verdict", "said"),
    [
        ("13", Verdict.OK, "13, that of runs/2023"),
        (
            "11",
            Verdict.NOTE,
            "11, that of runs/2023; source 1 has a newer classifier, 13 (accuracy {accuracy} %, 4 images, {date}); "
            "this run keeps 11",
        ),
    ],
)
def test_the_classifier_of_an_earlier_run_is_looked_up_again(
    reach: Reach, number: str, verdict: Verdict, said: str
) -> None:
    plan = replace(PLAN, classifier=Classifier(id=number, source=1))
    make_run(Layout(Path("runs/2023")), plan, None, account="demo", clock=SystemClock())
    newest = reach.server.site.classifiers_by_id[13][1]
    assert newest.classify is not None
    said = said.format(accuracy=round(100 * newest.classify.accuracy), date=newest.date)
    assert checks(classifier="{same_as: runs/2023}")["classifier"] == Check("classifier", verdict, said)


def test_with_a_survey_that_is_not_valid_no_service_is_asked(reach: Reach) -> None:
    found = checks(more="run: {attemps: 3}\n")
    assert found["survey"].said == "survey.yaml:7:7: unknown key `attemps`: did you mean `attempts`?"
    assert found["survey"].exit_code == 2
    assert list(found) == ["versions", "survey", "disk", "service"]
    assert found["service"] == Check(
        "service", Verdict.NOTE, "not asked: only a valid survey says which it is", "Mend the survey."
    )
    assert reach.services == []


def test_no_service_but_the_surveys_is_asked(reach: Reach) -> None:
    checks()
    assert reach.services == ["emulator"]
    checks(None)
    assert reach.services == ["emulator", BASE]


def test_parquet_without_its_library_is_told(reach: Reach, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = checks(more="outputs: {formats: [parquet]}\n")
    assert found["formats"].said == "`formats: [parquet]` needs pyarrow, which is not installed"
    assert found["versions"].said.endswith("; extras: none")


def manifest_checks(rows: str, more: str = "") -> dict[str, Check]:
    Path("images.csv").write_text(f"name,url\n{rows}", encoding="utf-8")
    text = more + SURVEY.format(source=1, search="{}", classifier="{source: 1}")
    text = text.replace("{coralnet: 1, search: {}}", "{manifest: images.csv, filters: {names_from: names.txt}}")
    Path("names.txt").write_text("a.jpg\n", encoding="utf-8")
    Path("manifest.yaml").write_text(text, encoding="utf-8")
    return {check.what: check for check in examine(Path("manifest.yaml"), BASE)}


def test_the_files_of_a_survey_are_read_to_their_ends_and_images_counted(reach: Reach) -> None:
    found = manifest_checks("a.jpg,https://reef.example/a.jpg\n")
    assert found["files"] == Check("files", Verdict.OK, "images.csv (1 image), names.txt")
    found = manifest_checks("a.jpg,http://nas.local/a.jpg\n")
    assert found["files"] == Check(
        "files",
        Verdict.NOTE,
        "images.csv: 1 image has an address (`a.jpg`) in a private network, which a service elsewhere cannot reach",
        "Look at these images: the service needs their files.",
    )
    Path("groups.csv").write_text("Short Code,Category,Genus\nPoc,Coral,Pocillopora\n", encoding="utf-8")
    found = manifest_checks("a.jpg,https://reef.example/a.jpg\n", "cover: {groups: groups.csv}\n")
    said = "groups.csv: labels are grouped by `Category`, `Genus`, the coarsest first"
    assert found["files"] == Check("files", Verdict.NOTE, said), "no image is to be looked at"


def test_a_file_that_is_wrong_is_told_with_its_lines_and_the_rest_is_checked(reach: Reach) -> None:
    found = manifest_checks("a.jpg,\nb.jpg,ftp://reef.example/b.jpg\n")
    assert found["files"] == Check(
        "files",
        Verdict.WRONG,
        "images.csv:2: there is no url\nimages.csv:3: the url must begin with https:// or http://",
        "Correct the lines named above and run the command again.",
        2,
    )
    assert found["classifier"].verdict is Verdict.OK
    lines = CliRunner().invoke(app, ["doctor", "manifest.yaml"]).output.splitlines()
    at = lines.index("wrong files: images.csv:2: there is no url")
    assert lines[at + 1] == "      images.csv:3: the url must begin with https:// or http://"


def test_a_place_without_leave_to_write_or_with_little_room_is_told(
    reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda place: type("Usage", (), {"free": 634_000_000})())
    disk = checks(None)["disk"]
    assert (disk.verdict, disk.said) == (
        Verdict.NOTE,
        "0.6 GB are free for runs: results of some 1,200,000 points",
    )
    monkeypatch.setattr("os.access", lambda place, mode: False)
    disk = checks(None)["disk"]
    assert (disk.verdict, disk.exit_code) == (Verdict.WRONG, 5)
    assert disk.said == ".: you may not write there, and runs go to runs"


def test_each_check_is_printed_with_its_remedy_and_the_first_failed_ends_it(reach: Reach) -> None:
    reach.credentials = None
    result = CliRunner().invoke(app, ["doctor", "--service", BASE])
    assert result.exit_code == 3
    assert result.output.splitlines()[2:] == [
        f"wrong credentials: there are no credentials for {BASE}",
        f"      -> {missing_remedy()}",
        f"ok    service: {BASE} answers",
        "ok    clock: within 120 s of the service's",
    ]
    document = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).output)
    assert [check["verdict"] for check in document["checks"]] == ["ok", "ok", "wrong", "ok", "ok"]


def test_each_survey_is_checked_and_what_several_share_is_shown_once(reach: Reach) -> None:
    reach.credentials = None
    Path("years").mkdir()
    for source in (1, 77):
        text = SURVEY.format(source=source, search="{}", classifier="{source: 1}").replace("emulator", BASE)
        Path(f"years/{source}.yaml").write_text(text.replace("name: reef", f"name: reef-{source}"), encoding="utf-8")
    result = CliRunner().invoke(app, ["doctor", "years"])
    first, second = result.output.split("years/77.yaml\n", 1)
    assert result.exit_code == 3
    assert (first.splitlines()[0], first.count("there are no credentials")) == ("years/1.yaml", 1)
    assert second.splitlines()[0] == "ok    survey: years/77.yaml: valid"
    assert "coralnet:77" in second
    assert not any(said in second for said in ("versions", "there are no credentials", "clock"))
    document = json.loads(CliRunner().invoke(app, ["doctor", "years", "--json"]).output)
    assert [each["survey"] for each in document["surveys"]] == ["years/1.yaml", "years/77.yaml"]
    named = CliRunner().invoke(app, ["doctor", "years/77.yaml", "years/1.yaml"])
    assert (named.exit_code, named.output.split("years/1.yaml\n", 1)[0][:13]) == (3, "years/77.yaml")
    assert all({"versions", "clock"} <= {check["what"] for check in each["checks"]} for each in document["surveys"])


def test_a_survey_and_another_service_do_not_go_together(reach: Reach) -> None:
    result = CliRunner().invoke(app, ["doctor", "survey.yaml", "--service", BASE])
    assert (result.exit_code, result.output) == (
        2,
        "a survey names its own service\n-> Leave out --service, or the survey.\n",
    )


def test_a_source_that_photos_are_uploaded_to_is_looked_at(reach: Reach) -> None:
    Path("photos").mkdir()

    def found(source: int) -> Check:
        text = SURVEY.format(source=1, search="{}", classifier="{source: 1}")
        folder = f"{{folder: photos, upload_to: {{coralnet: {source}, exif: keep}}}}"
        at_coralnet = text.replace("service: emulator", f"service: {BASE}")
        Path("survey.yaml").write_text(at_coralnet.replace("{coralnet: 1, search: {}}", folder), encoding="utf-8")
        checks = {check.what: check for check in examine(Path("survey.yaml"), BASE)}
        return checks[f"upload to {source}"]

    assert (found(1).verdict, found(2).verdict) == (Verdict.NOTE, Verdict.OK)
    assert found(1).said.endswith("and is PUBLIC")
    reach.credentials = Credentials(OTHER_USERNAME, password=OTHER_PASSWORD)
    assert (found(1).verdict, found(1).exit_code) == (Verdict.WRONG, 3)
