"""What may pass is Temporary and what never will is Permanent, each with the words that help to mend it."""

import base64
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.invoice_to_pay.tryton.shop import Shop

from clearance.model.work import Permanent, Temporary
from invoice_to_pay.systems.tryton import Tryton, TrytonSettings


def answering(settings: TrytonSettings, status: int, **answer: Any) -> Tryton:
    """A Tryton that lets us log in and answers everything after that like this."""

    def handle(request: httpx.Request) -> httpx.Response:
        if b"common.db.login" in request.content:
            return httpx.Response(200, json={"id": 0, "result": [1, "token", None]})
        return httpx.Response(status, **answer)

    return Tryton(settings, transport=httpx.MockTransport(handle))


@pytest.mark.parametrize(
    ("status", "answer", "failure", "words"),
    [
        (500, {"text": "oops"}, Temporary, "HTTP 500"),
        (502, {"text": "<html>Bad gateway</html>"}, Temporary, "HTTP 502"),
        (503, {"text": "database is locked"}, Temporary, "HTTP 503"),
        (429, {"text": ""}, Temporary, "HTTP 429"),
        (423, {"text": ""}, Temporary, "HTTP 423"),
        (403, {"text": "forbidden"}, Permanent, "HTTP 403: forbidden"),
        (200, {"text": "<html>Welcome</html>"}, Permanent, "is not Tryton"),
        (200, {"json": ["a list"]}, Permanent, "is not Tryton"),
        (200, {"json": {"error": ["ConcurrencyException", "party.party,1"]}}, Temporary, "has just changed"),
        (200, {"json": {"error": ["UserError", ["No period.", "Open one.", None]]}}, Permanent, "No period. Open one."),
        (200, {"json": {"error": ["UserWarning", ["key", "Sure?", ""]]}}, Permanent, "Tryton: Sure?"),
        (200, {"json": {"error": ["list index out of range", ""]}}, Temporary, "list index out of range"),
    ],
)
def test_each_failure_says_whether_it_may_pass(
    shop: Shop, status: int, answer: dict[str, Any], failure: type[Exception], words: str
) -> None:
    with pytest.raises(failure, match=words.replace("?", r"\?")):
        answering(shop.settings, status, **answer).search_read("party.party", [], ["name"])


def test_a_server_that_is_down_may_come_back(shop: Shop) -> None:
    down = msgspec.structs.replace(shop.settings, url="http://127.0.0.1:9")
    with pytest.raises(Temporary, match=r"did not answer common\.db\.login"):
        Tryton(down).search_read("party.party", [], ["name"])


def test_a_server_that_takes_too_long_may_be_quicker_next_time(shop: Shop) -> None:
    hasty = msgspec.structs.replace(shop.settings, timeout_s=0.001)
    with pytest.raises(Temporary, match="did not answer"):
        Tryton(hasty).search_read("party.party", [], ["name"])


def test_a_wrong_password_is_for_good_and_says_where_it_is_written(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("wrong", encoding="utf-8")
    wrong = msgspec.structs.replace(shop.settings, user="nobody", password_file=str(file))
    with pytest.raises(Permanent, match=f"login 'nobody': check the user and the password .file {file}"):
        Tryton(wrong).search_read("party.party", [], ["name"])


def test_a_database_that_is_not_there_is_asked_about(shop: Shop) -> None:
    elsewhere = msgspec.structs.replace(shop.settings, database="elsewhere")
    with pytest.raises(Temporary, match="HTTP 404; does the database exist"):
        Tryton(elsewhere).search_read("party.party", [], ["name"])


def test_a_session_that_has_ended_is_renewed(shop: Shop) -> None:
    tokens: list[str] = []

    class Ends(httpx.BaseTransport):
        """Carries calls; the second one comes with a session that Tryton does not know."""

        network = httpx.HTTPTransport()

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            tokens.append(request.headers.get("Authorization", ""))
            if len(tokens) == 3:
                request.headers["Authorization"] = "Session " + base64.b64encode(b"clearance:2:gone").decode()
            return self.network.handle_request(request)

    tryton = Tryton(shop.settings, transport=Ends())
    assert tryton.search_read("party.party", [("name", "=", "Müller Logistik")], ["name"])
    assert len(tokens) == 5
    assert tokens[4] != tokens[2] != tokens[3] == ""


def test_rights_that_the_user_lacks_are_named_by_tryton(shop: Shop) -> None:
    with pytest.raises(Permanent, match="Tryton: You are not allowed"):
        shop.clearance.create("res.user", {"name": "Intruder", "login": "intruder"})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"url": "localhost:8000", "password_env": "TRYTON_TEST"}, "http://"),
        ({"url": "http://localhost:8000"}, "password_env and password_file"),
        ({"url": "http://localhost:8000", "password_env": "A", "password_file": "B"}, "one of password_env and"),
        ({"url": "http://localhost:8000", "password_env": "TRYTON_NOT_SET"}, "variable TRYTON_NOT_SET"),
        ({"url": "http://localhost:8000", "password_file": "no/such/file"}, "no/such/file"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_at_once(settings: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Tryton(TrytonSettings(database="company", user="clearance", **settings))


def test_the_password_may_be_in_the_environment(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    password = Path(shop.settings.password_file).read_text(encoding="utf-8").strip()
    monkeypatch.setenv("TRYTON_TEST", password)
    settings = msgspec.structs.replace(shop.settings, password_file="", password_env="TRYTON_TEST")
    assert Tryton(settings).company == shop.clearance.company
