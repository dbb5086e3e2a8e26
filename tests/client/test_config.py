"""Settings: where they come from, which comes first, and what is refused before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

import rutterframe as rf
from rutterframe.client.config import base_url, credentials, read_settings
from rutterframe.dialects import CONTRACT

HINT = (
    "in the environment or in a .env file in this folder, or pass client_id= and client_secret= to "
    "rf.Client(). To try things without credentials, use rf.demo()."
)
KNOWN = (
    "Known are RUTTER_ACCESS_TOKEN, RUTTER_ACCESS_TOKENS, RUTTER_AS_OF, RUTTER_BUSINESSES, RUTTER_CLIENT_ID, "
    "RUTTER_CLIENT_SECRET, RUTTER_CURRENCY, RUTTER_DIALECT, RUTTER_ENVIRONMENT, RUTTER_RATES, RUTTER_VERSION."
)


def dotenv(text: str) -> None:
    Path(".env").write_text(text, encoding="utf-8")  # the working folder is a temporary one


def of(client: rf.Client) -> str:
    """Return the repr of a client, and close it."""
    with client:
        return repr(client)


def test_missing_credentials_name_the_settings() -> None:
    """Without credentials the error names both settings, and the demo that needs none."""
    with pytest.raises(rf.MissingCredentials) as error:
        rf.Client()
    assert str(error.value) == (
        f"No API credentials are set\nNext: set RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET {HINT}"
    )


@pytest.mark.parametrize(
    ("variable", "missing"),
    [("RUTTER_CLIENT_ID", "RUTTER_CLIENT_SECRET"), ("RUTTER_CLIENT_SECRET", "RUTTER_CLIENT_ID")],
)
@pytest.mark.parametrize("source", ["environment", "dotenv", "keyword"])
def test_half_set_credentials_are_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, missing: str, source: str
) -> None:
    """When one of the two is set, from whichever source, the error names the other, and not the value."""
    keywords: dict[str, str] = {}
    if source == "environment":
        monkeypatch.setenv(variable, "canary-value")
    elif source == "dotenv":
        dotenv(f"{variable}=canary-value\n")
    else:
        keywords = {variable.removeprefix("RUTTER_").lower(): "canary-value"}
    with pytest.raises(rf.MissingCredentials) as error:
        rf.Client(client_id=keywords.get("client_id"), client_secret=keywords.get("client_secret"))
    assert str(error.value) == f"{variable} is set, but {missing} is not\nNext: set {missing} {HINT}"


def test_keyword_beats_environment_beats_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting is taken from the first of keyword, environment and .env that has it."""
    dotenv("RUTTER_CLIENT_ID=dot-id\nRUTTER_CLIENT_SECRET=dot-secret\nRUTTER_VERSION=dot-version\n")
    monkeypatch.setenv("RUTTER_CLIENT_SECRET", "env-secret")
    monkeypatch.setenv("RUTTER_VERSION", "env-version")
    settings = read_settings(version="keyword-version", client_id=None)
    secrets = [secret.get_secret_value() for secret in credentials(settings)]
    assert (secrets, settings.version) == (["dot-id", "env-secret"], "keyword-version")


@pytest.mark.parametrize("name", ["CLIENT_ID", "CLIENT_SECRET", "ACCESS_TOKEN", "ACCESS_TOKENS", "VERSION"])
def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A variable without content counts as not set."""
    monkeypatch.setenv(f"RUTTER_{name}", "")
    assert getattr(read_settings(), name.lower()) is None


def test_an_empty_variable_does_not_hide_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable does not hide the value in the .env file."""
    dotenv("RUTTER_ENVIRONMENT=sandbox\n")
    monkeypatch.setenv("RUTTER_ENVIRONMENT", "")
    assert read_settings().environment == "sandbox"


def test_the_defaults() -> None:
    """By default a client sends the contract's version to production."""
    client = rf.Client(client_id="an-id", client_secret="a-secret")
    assert (
        of(client) == "<rutterframe.Client of https://production.rutterapi.com/versioned, "
        "version 2024-08-31, dialect 'contract'>"
    )


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything a client needs can be set outside the code."""
    for name, value in {
        "CLIENT_ID": "an-id",
        "CLIENT_SECRET": "a-secret",
        "ENVIRONMENT": "sandbox",
        "VERSION": "2025-02-28",
    }.items():
        monkeypatch.setenv(f"RUTTER_{name}", value)
    assert (
        of(rf.Client())
        == "<rutterframe.Client of https://sandbox.rutterapi.com, version 2025-02-28, dialect 'contract'>"
    )


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ("production", "https://production.rutterapi.com/versioned"),
        ("PRODUCTION", "https://production.rutterapi.com/versioned"),
        ("sandbox", "https://sandbox.rutterapi.com"),
        ("https://api.example.com/base/", "https://api.example.com/base"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("http://127.8.8.8", "http://127.8.8.8"),
        ("http://localhost:1/", "http://localhost:1"),
        ("http://[::1]:1", "http://[::1]:1"),
    ],
)
def test_environments(environment: str, url: str) -> None:
    """An environment is a name of the contract, an https address, or plain http on this machine."""
    assert base_url(environment, CONTRACT) == url


@pytest.mark.parametrize(
    "environment",
    ["prod", "", "api.example.com", "file:///etc/passwd", "https://", "12", "https://..", "https://a..b",
     "https://xn--", f"https://{'a' * 64}.example.com", "https://[::1", "https://host:99999999"],
)  # fmt: skip
def test_an_unknown_environment_is_refused(environment: str) -> None:
    """What is neither a known name nor a web address is refused with what there is."""
    with pytest.raises(rf.ConfigurationError) as error:
        base_url(environment, CONTRACT)
    assert str(error.value) == (
        f"Unknown environment {environment!r}\n"
        "Next: use one of 'production', 'sandbox', or a base URL such as 'https://host/path', "
        "without a query."
    )


@pytest.mark.parametrize(
    "environment",
    [
        "http://production.rutterapi.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://2130706433",
    ],
)
def test_plain_http_to_another_machine_is_refused(environment: str) -> None:
    """Credentials are not sent in the clear over a network."""
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client(client_id="an-id", client_secret="a-secret", environment=environment)
    host = environment.removeprefix("http://")
    assert str(error.value) == (
        f"Plain http to {host!r} would send the credentials in the clear\n"
        "Next: use https; plain http is for this machine only (127.0.0.1, localhost)."
    )


@pytest.mark.parametrize("user", ["user:canary-pw@", "canary-user@", ":canary-pw@"])
def test_credentials_in_the_url_are_refused_and_not_shown(user: str) -> None:
    """An address with a user name or password in it is refused, without repeating them."""
    with pytest.raises(rf.ConfigurationError) as error:
        base_url(f"https://{user}api.example.com", CONTRACT)
    assert str(error.value) == (
        "The environment's URL has a user name or a password in it\n"
        "Next: leave them out; the client id and secret have their own settings."
    )


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("RUTTER_CLIENT_IDD", "did you mean RUTTER_CLIENT_ID? "),
        ("RUTTER_CLIENTSECRET", "did you mean RUTTER_CLIENT_SECRET? "),
        ("RUTTER_ENVIROMENT", "did you mean RUTTER_ENVIRONMENT? "),
        ("RUTTER_12345", ""),
    ],
)
@pytest.mark.parametrize("source", ["the environment", ".env"])
def test_a_typo_is_refused_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, name: str, near: str, source: str
) -> None:
    """A RUTTER_ variable that does not exist is refused, with the name that was probably meant."""
    if source == ".env":
        dotenv(f"{name}=canary-value\n")
    else:
        monkeypatch.setenv(name, "canary-value")
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client(client_id="an-id", client_secret="a-secret")
    assert str(error.value) == f"Unknown setting {name} in {source}\nNext: {near}{KNOWN}"


def test_other_programs_keep_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of other programs, in the environment or the same .env, are ignored."""
    dotenv("OTHER_KEY=1\nCLIENT_ID=not-ours\nRUTTER_CLIENT_ID=ours\n")
    monkeypatch.setenv("RUTTERFRAME_THEME", "dark")
    settings = read_settings()
    assert settings.client_id == SecretStr("ours")
    assert settings.client_secret is None


def test_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings print their secrets as asterisks."""
    for name in ("CLIENT_ID", "CLIENT_SECRET", "ACCESS_TOKEN", "ACCESS_TOKENS"):
        monkeypatch.setenv(f"RUTTER_{name}", f"canary-{name}")
    settings = read_settings()
    assert "canary" not in f"{settings} {settings!r} {settings.model_dump()}"
    assert repr(settings) == (
        "Settings(client_id=SecretStr('**********'), client_secret=SecretStr('**********'), "
        "environment='production', version=None, dialect='contract', access_token=SecretStr('**********'), "
        "access_tokens=SecretStr('**********'), as_of=None, currency=None, rates=None, "
        "businesses=None)"
    )


def test_secrets_can_be_secret_str() -> None:
    """Secrets may be SecretStr."""
    settings = read_settings(client_id=SecretStr("an-id"), client_secret=SecretStr("a-secret"))
    assert [secret.get_secret_value() for secret in credentials(settings)] == ["an-id", "a-secret"]


@pytest.mark.parametrize(
    "environment", ["https://[::1", "https://host:abc", "https://☃.example.com", "https://host/\n"]
)
def test_an_address_that_is_not_valid_is_a_configuration_error(environment: str) -> None:
    """An address that cannot be parsed is a ConfigurationError."""
    with pytest.raises(rf.ConfigurationError):
        rf.Client(client_id="an-id", client_secret="a-secret", environment=environment).close()


@pytest.mark.parametrize("environment", ["https://host/path?x=1", "https://host/path#top"])
def test_an_address_with_a_query_is_a_configuration_error(environment: str) -> None:
    """A base URL has neither query nor fragment."""
    with pytest.raises(rf.ConfigurationError):
        rf.Client(client_id="an-id", client_secret="a-secret", environment=environment).close()


@pytest.mark.parametrize("environment", ["ftp://user:canary-pw@host", "user:canary-pw@host"])
def test_a_password_in_an_unknown_environment_is_not_shown(environment: str) -> None:
    """An address that is refused is not repeated with its password."""
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client(client_id="an-id", client_secret="a-secret", environment=environment)
    assert "canary-pw" not in str(error.value)


def test_an_empty_keyword_is_not_set() -> None:
    """An empty client id is a missing one, as it is in the environment."""
    with pytest.raises(rf.MissingCredentials):
        rf.Client(client_id="", client_secret="a-secret").close()


def test_a_setting_that_is_not_text_is_a_configuration_error() -> None:
    """A client id that is a number is a ConfigurationError that names its type, and does not repeat it."""
    expected = "client_id: must be a text or a SecretStr, got int"
    with pytest.raises(rf.ConfigurationError, match=expected) as error:
        rf.Client(client_id=123456, client_secret="a-secret")  # type: ignore[arg-type]
    assert "123456" not in str(error.value)


def test_a_version_that_no_header_can_hold_is_a_configuration_error() -> None:
    """A version outside ASCII is a ConfigurationError, not an error of the first request."""
    with pytest.raises(
        rf.ConfigurationError, match="version: expected a version of the API such as 2024-08-31"
    ):
        rf.Client(client_id="an-id", client_secret="a-secret", version="2024–08–31")


CREDENTIALS = {"RUTTER_CLIENT_ID": "an-id", "RUTTER_CLIENT_SECRET": "a-secret"}
IN_FILE = "".join(f"{name}={value}\n" for name, value in CREDENTIALS.items())


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("RUTTER_ENVIRONMENT=https://other.example.com", "RUTTER_ENVIRONMENT is an address in .env"),
        ("RUTTER_ENVIRONMENT=http://127.0.0.1:9", "RUTTER_ENVIRONMENT is an address in .env"),
        ("RUTTER_VERSION=2023-01-01", "RUTTER_VERSION is set in .env"),
    ],
)
@pytest.mark.parametrize("source", ["environment", "keyword", "one of the two"])
def test_an_address_in_dotenv_needs_the_credentials_in_the_same_file(
    monkeypatch: pytest.MonkeyPatch, line: str, problem: str, source: str
) -> None:
    """A .env file from somebody else's folder cannot have the user's own credentials sent elsewhere."""
    keywords = {"client_id": "an-id", "client_secret": "a-secret"} if source == "keyword" else {}
    elsewhere = "RUTTER_CLIENT_ID and RUTTER_CLIENT_SECRET are"
    if source == "environment":
        monkeypatch.setenv("RUTTER_CLIENT_ID", "an-id")
        monkeypatch.setenv("RUTTER_CLIENT_SECRET", "a-secret")
    elif source == "one of the two":
        elsewhere = "RUTTER_CLIENT_SECRET is"
        monkeypatch.setenv("RUTTER_CLIENT_SECRET", "a-secret")
    dotenv(f"{line}\n" + ("RUTTER_CLIENT_ID=an-id\n" if source == "one of the two" else ""))
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client(**keywords)  # type: ignore[arg-type]
    assert error.value.message == f"{problem}, but {elsewhere} not from that file"
    assert line.partition("=")[2] not in str(error.value)
    with pytest.raises(rf.ConfigurationError, match=problem):
        rf.Client(client_id="an-id", client_secret="a-secret")
    # What is passed or set outside the file is the user's own word.
    rf.Client(
        client_id="an-id", client_secret="a-secret", environment="sandbox", version="2024-08-31"
    ).close()
    name, _, value = line.partition("=")
    monkeypatch.setenv(name, value)
    if source != "keyword":
        rf.Client().close()


def test_an_address_in_dotenv_with_its_credentials_is_used() -> None:
    """A .env file that holds address and credentials decides for itself."""
    dotenv(f"{IN_FILE}RUTTER_ENVIRONMENT=https://own.example.com\nRUTTER_VERSION=2023-01-01\n")
    assert (
        of(rf.Client())
        == "<rutterframe.Client of https://own.example.com, version 2023-01-01, dialect 'contract'>"
    )


def test_a_named_environment_in_dotenv_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is one of the API's own addresses, so the credentials may be from elsewhere."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    dotenv("RUTTER_ENVIRONMENT=sandbox\n")
    assert "https://sandbox.rutterapi.com" in of(rf.Client())


@pytest.mark.parametrize("name", ["RUTTER_ACCESS_TOKEN", "RUTTER_ACCESS_TOKENS"])
def test_an_address_in_dotenv_gets_no_token_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A whole .env file of somebody else, with credentials of its own, does not get the user's tokens."""
    dotenv(f"{IN_FILE}RUTTER_ENVIRONMENT=https://other.example.com\n")
    monkeypatch.setenv(name, '{"books": "canary-token"}')
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client()
    assert error.value.message == (
        f"RUTTER_ENVIRONMENT is an address in .env, but {name} is not from that file"
    )


def test_dotenv_is_not_interpolated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A .env file cannot name another variable of the environment to have it sent."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-aws-key")
    dotenv(f"{IN_FILE}RUTTER_VERSION=${{AWS_SECRET_ACCESS_KEY}}\n")
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client()
    assert error.value.message == (
        "A setting is not valid (RUTTER_VERSION in .env: expected a version of the API such as 2024-08-31)"
    )
    dotenv("RUTTER_CLIENT_ID=${AWS_SECRET_ACCESS_KEY}\nRUTTER_CURRENCY=$AWS_SECRET_ACCESS_KEY\n")
    settings = read_settings()
    assert settings.client_id == SecretStr("${AWS_SECRET_ACCESS_KEY}")
    assert settings.currency == "$AWS_SECRET_ACCESS_KEY"


def test_credentials_and_other_variables_stay_out_of_a_foreign_dotenv(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody's .env with another host and ${AWS_SECRET_ACCESS_KEY} as version is refused (D5)."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-aws-key")
    dotenv("RUTTER_ENVIRONMENT=https://other.example.com\nRUTTER_VERSION=${AWS_SECRET_ACCESS_KEY}\n")
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client()
    assert "canary" not in str(error.value)


@pytest.mark.parametrize("content", [b"RUTTER_CLIENT_SECRET=canary-\xff\n", None])
def test_a_dotenv_that_cannot_be_read_is_a_configuration_error(content: bytes | None) -> None:
    """A file that is not UTF-8 is refused without showing its content; a folder of that name is ignored."""
    if content is None:
        Path(".env").mkdir()
        assert read_settings().client_secret is None
        return
    Path(".env").write_bytes(content)
    with pytest.raises(rf.ConfigurationError) as error:
        read_settings()
    assert error.value.message == "The file .env in this folder cannot be read: it is not UTF-8 text"
    assert (error.value.__cause__, error.value.__context__) == (None, None)


def test_a_secret_that_cannot_be_encoded_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are not UTF-8 in the environment would fail at the first request, and show themselves."""
    monkeypatch.setenv("RUTTER_CLIENT_SECRET", "canary-\udcff")
    with pytest.raises(rf.ConfigurationError, match=r"client_secret: .*half of a surrogate pair") as error:
        rf.Client(client_id="an-id")
    assert "canary" not in str(error.value)
