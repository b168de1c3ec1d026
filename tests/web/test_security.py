"""Logging in, staying in, and what strangers and other sites' pages cannot do."""

from collections import deque
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from clearance.ledger.store import StoreError
from clearance.web.sessions import COOKIE, Sessions
from clearance.web.settings import WebSettings
from clearance.web.users import Throttle, Users

from .conftest import House
from .tower import FAST_HASHER, data, password_of

SAME = {"Origin": "http://tower.test"}


def log_in(house: House, name: str = "cora", password: str = "") -> TestClient:
    house.http.cookies.clear()
    body = {"username": name, "password": password or password_of(name)}
    answer = house.http.post("/v2/authentication/login", json=body, headers=SAME)
    assert answer.status_code == 204, answer.text
    return house.http


def test_a_session_opens_with_the_right_password_and_ends_with_log_out(house: House) -> None:
    http = log_in(house)
    me = data(http.get("/v2/authentication/me"))
    assert me == {"username": "cora", "displayName": "Cora", "roles": ["clerk"], "tenants": ["<default>"]}
    token = http.cookies[COOKIE]
    assert http.post("/v2/authentication/logout", headers=SAME).status_code == 204
    http.cookies.set(COOKIE, token)
    assert http.get("/v2/authentication/me").status_code == 401, "the token is dead, not only forgotten"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    body = {"username": "cora", "password": password_of("cora")}
    cookie = house.http.post("/v2/authentication/login", json=body).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_failures_tell_nothing_and_slow_down_guessing(house: House) -> None:
    answers = []
    for _ in range(4):
        body = {"username": "cora", "password": "wrong"}
        answers.append(house.http.post("/v2/authentication/login", json=body))
    unknown = house.http.post("/v2/authentication/login", json={"username": "nobody", "password": "x"})
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert int(answers[3].headers["retry-after"]) > 0
    assert unknown.status_code == 429, "one address cannot go on with other names"
    assert "Basic" in answers[0].headers["www-authenticate"]


def test_a_page_gets_no_challenge_that_would_open_the_browsers_own_window(house: House) -> None:
    answer = house.http.get("/v2/overview", headers={"Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 401
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_another_sites_page_changes_nothing(headers: dict[str, str], house: House) -> None:
    http = log_in(house)
    answer = http.post("/v2/process-instances", json={"processDefinitionId": "invoice"}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.json()["detail"]
    house.settle()
    assert data(http.post("/v2/process-instances/search", json={}, headers=SAME))["page"]["totalItems"] == 0


def test_every_answer_carries_the_security_headers(house: House) -> None:
    for path in ("/v2/overview", "/", "/v2/nothing", "/openapi.json"):
        headers = house.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "default-src" in headers["content-security-policy"], path
        assert "frame-ancestors" in headers["content-security-policy"], path


@pytest.mark.parametrize("settings", [WebSettings(body_bytes_max=1000, upload_bytes_max=2000)])
def test_what_is_too_large_is_refused_before_it_is_read_and_on_the_way(house: House, settings: WebSettings) -> None:
    large = b'{"x": "' + b"y" * 1500 + b'"}'
    headers = {"Content-Type": "application/json"}
    declared = house.client("cora").post("/v2/process-instances", content=large, headers=headers)
    assert declared.status_code == 413
    streamed = house.client("cora").post("/v2/process-instances", content=iter([large]), headers=headers)
    assert streamed.status_code == 413
    assert streamed.headers["content-type"] == "application/problem+json"
    assert house.client("cora").post("/v2/documents", files={"file": ("a", large)}).status_code == 201
    assert house.client("cora").post("/v2/documents", files={"file": ("a", large * 2)}).status_code == 413


def test_a_full_queue_is_told_with_when_to_come_again(house: House) -> None:
    house.engine._intake._queue_max = 0
    answer = house.client("cora").post("/v2/process-instances", json={"processDefinitionId": "invoice"})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"


def test_strangers_get_nothing(house: House) -> None:
    document = house.client("").get("/openapi.json").json()
    public = {"/v2/authentication/login", "/v2/authentication/logout", "/v2/status"}
    for path, methods in document["paths"].items():
        for method in methods:
            if path not in public:
                answer = house.client("").request(method.upper(), path.replace("{", "").replace("}", ""))
                assert answer.status_code == 401, (method, path, answer.text)


def test_a_wrong_authorization_header_is_no_log_in(house: House) -> None:
    for value in ("Basic", "Basic ???", "Bearer abc", "Basic bm9jb2xvbg=="):
        assert house.http.get("/v2/overview", headers={"Authorization": value}).status_code == 401


def test_a_removed_or_changed_user_is_so_at_once(house: House) -> None:
    http = log_in(house)
    house.users.add("cora", "another", ("auditor",))
    assert data(http.get("/v2/authentication/me"))["roles"] == ["auditor"]
    assert house.client("cora").get("/v2/overview").status_code == 401, "the old password is worth nothing"
    house.users.remove("cora")
    assert http.get("/v2/authentication/me").status_code == 401


def test_a_full_disk_is_told_to_who_logs_in(house: House) -> None:
    sessions = house.app.state.tower.authentication.sessions
    pages = sessions._connection.execute("PRAGMA page_count").fetchone()[0]
    sessions._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="log-ins cannot be kept: database or disk is full"):
        deque(map(sessions.open, map(str, range(1000))), maxlen=0)
    answer = house.http.post("/v2/authentication/login", json={"username": "cora", "password": password_of("cora")})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "disk is full" in answer.json()["detail"]


def test_passwords_and_tokens_are_not_in_the_files(tmp_path: Path) -> None:
    users = Users(tmp_path / "users.sqlite", hasher=FAST_HASHER)
    users.add("cora", "a very secret password", ("clerk",))
    sessions = Sessions(tmp_path / "sessions.sqlite", 1)
    token = sessions.open("cora")
    assert sessions.user(token) == "cora"
    users.close()
    sessions.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"a very secret password" not in content
    assert token.encode() not in content
    assert b"$argon2id$" in content
    again = Sessions(tmp_path / "sessions.sqlite", 1)
    assert again.user(token) == "cora", "a restart logs nobody out"
    again.close()


def test_a_session_ends_by_itself() -> None:
    now = [1000.0]
    sessions = Sessions(None, 1, clock=lambda: now[0])
    token = sessions.open("cora")
    now[0] += 3599
    assert sessions.user(token) == "cora"
    now[0] += 2
    assert sessions.user(token) is None


def test_the_throttle_lets_in_again_after_the_pause_and_forgets_after_success() -> None:
    now = [0.0]
    throttle = Throttle(2, 30, clock=lambda: now[0])
    throttle.failed("cora")
    assert throttle.wait_s("cora") == 0
    throttle.failed("cora")
    assert throttle.wait_s("cora", "other") == 30
    now[0] = 30.5
    assert throttle.wait_s("cora") == 0
    throttle.failed("cora")
    throttle.succeeded("cora")
    throttle.failed("cora")
    assert throttle.wait_s("cora") == 0


@pytest.mark.parametrize("name", ["", "a:b", "x" * 101, "tab\t"])
def test_names_that_cannot_be_are_refused(name: str, tmp_path: Path) -> None:
    users = Users(tmp_path / "users.sqlite", hasher=FAST_HASHER)
    with pytest.raises(ValueError, match="user name"):
        users.add(name, "secret")
    users.close()
