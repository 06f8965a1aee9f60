"""Where a credential may be sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed
from domain.providers.endpoints import base_url, is_loopback_host, may_be_plain
from domain.providers.row import Provider

ACCEPTED = [
    ("https://api.openai.com/v1", "https://api.openai.com/v1"),
    ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
    ("https://api.openai.com///", "https://api.openai.com"),
    ("  HTTPS://API.OpenAI.com/V1 \n", "https://api.openai.com/V1"),
    ("https://api.openai.com./v1", "https://api.openai.com/v1"),
    ("https://gate.example:8443/a/b", "https://gate.example:8443/a/b"),
    ("https://gate.example:443/v1", "https://gate.example/v1"),
    ("https://gate.example:65535", "https://gate.example:65535"),
    ("https://gate/v1", "https://gate/v1"),
    ("https://my_gate.example", "https://my_gate.example"),
    ("https://10.1.2.3/v1", "https://10.1.2.3/v1"),
    ("https://8.8.8.8/v1", "https://8.8.8.8/v1"),
    ("https://[2001:DB8::1]:8443/v1", "https://[2001:db8::1]:8443/v1"),
    ("https://B\u00fccher.example/v1", "https://xn--bcher-kva.example/v1"),
    ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ("https://xn--fa-hia.example", "https://xn--fa-hia.example"),
    ("https://[2002:808:808::1]", "https://[2002:808:808::1]"),
    ("https://[64:ff9b:1::808:808]", "https://[64:ff9b:1::808:808]"),
    ("https://127.evil.example", "https://127.evil.example"),
    ("http://localhost", "http://localhost"),
    ("http://LOCALHOST.:11434/v1", "http://localhost:11434/v1"),
    ("http://127.0.0.1:80/v1", "http://127.0.0.1/v1"),
    ("http://127.0.0.2:8080", "http://127.0.0.2:8080"),
    ("http://[::1]:8080/v1/", "http://[::1]:8080/v1"),
    ("http://[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080"),
    ("http://[::ffff:127.0.0.1]:8080", "http://127.0.0.1:8080"),
    ("http://\uff11\uff12\uff17.0.0.1", "http://127.0.0.1"),
]
REFUSED = [
    "",
    "api.openai.com/v1",
    "//api.openai.com",
    "https://",
    "https:///v1",
    "https:api.openai.com",
    "ftp://api.openai.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    # Somebody else's name before the host, or something after the path.
    "https://user@gate.example",
    "https://user:pass@gate.example",
    "https://api.openai.com@evil.example",
    "https://@gate.example",
    "https://gate.example/v1?key=1",
    "https://gate.example/v1?",
    "https://gate.example/v1#x",
    "https://gate.example/#",
    # Characters two readers read differently.
    "https://gate.example\\@evil.example",
    "https:\\\\gate.example",
    "https://gate.example/v 1",
    "https://gate.example/\x00",
    "https://gate\t.example",
    "https://gate.ex\nample",
    "https://gate.example\x7f",
    "https://gate.example/<v1>",
    "https://gate.example/\u00fc",
    "https://gate\u200b.example/\u00e4",
    "https://gate.example/a\u2028b",
    "https://ga%74e.example",
    "https://gate .example",
    "https://-gate.example",
    "https://gate-.example",
    "https://gate..example",
    "https://.gate.example",
    "https://" + "a" * 64 + ".example",
    "https://" + "\u00fc" * 80 + ".example",
    "https://gate.example/" + "a" * 2048,
    # Ports.
    "https://gate.example:",
    "https://gate.example:0",
    "https://gate.example:65536",
    "https://gate.example:99999",
    "https://gate.example:-1",
    "https://gate.example:+1",
    "https://gate.example:8o",
    "https://gate.example:\u0661",
    # A machine's own credentials are served there, or nothing is.
    "https://169.254.169.254",
    "http://169.254.169.254",
    "https://[fe80::1]",
    "https://[fe80::1%25eth0]",
    "https://[::1%25lo]",
    "https://[::ffff:169.254.169.254]",
    "https://[::169.254.169.254]",
    "https://[64:ff9b::a9fe:a9fe]",
    "https://[2002:a9fe:a9fe::1]",
    "http://[2002:7f00:1::]",
    "https://[2002:7f00:1::]",
    "https://[2002:a00:1::1]",
    # Teredo: the server and, in its complement, the client.
    "https://[2001:0:a9fe:a9fe::f7f7:f7f7]",
    "https://[2001:0:808:808::5601:5601]",
    # Translators of one's own network, by prefixes of 96, 64, 56 and 48 bits.
    "https://[64:ff9b:1::a9fe:a9fe]",
    "https://[64:ff9b:1:0:a9:fea9:fe00::]",
    "https://[64:ff9b:1:a9:fe:a9fe::]",
    "https://[64:ff9b:1:a9fe:a9:fe00::]",
    "https://[64:ff9b:1::6464:64c8]",
    "https://[fd00:ec2::254]",
    "https://[fd20:ce::254]",
    "https://100.100.100.200",
    "https://192.0.0.192",
    "https://metadata",
    "https://metadata.google.internal",
    "https://METADATA.google.internal.",
    "https://\uff4detadata",
    "https://0.0.0.0",
    "https://[::]",
    "https://224.0.0.1",
    "https://[ff02::1]",
    "https://255.255.255.255",
    "https://240.0.0.1",
    # Addresses to some resolvers, names to others.
    "https://2130706433",
    "https://0x7f000001",
    "https://0x7f.1",
    "https://127.1",
    "https://0177.0.0.1",
    "https://169.254.43518",
    "https://1.2.3.4.5",
    "https://256.1.1.1",
    "https://[127.0.0.1]",
    "https://[::1",
    "https://::1",
    "https://[gate.example]",
    "https://[v1.a]/",
    "https://[vF.gate]",
    # Punycode that is none, of nothing, of plain text, of what a name cannot have.
    "https://xn--",
    "https://xn--.example",
    "https://xn--a.example",
    "https://gate.xn--99999999.example",
    "https://xn--gate-.example",
    "https://xn--ghi-abc-.example",
    "https://xn--gate-yd7a.example",
    "https://xn--xy-l3t.example",
    "https://xn--a-qgn.example",
    # Plain http, readable on the way.
    "http://gate.example",
    "http://api.openai.com/v1",
    "http://gate",
    "http://10.0.0.5",
    "http://192.168.1.20:8080/v1",
    "http://8.8.8.8",
    "http://128.0.0.1",
    "http://localhost.evil.example",
    "http://127.evil.example",
    "http://127.0.0.1.evil.example",
    "http://[fd12::1]",
]


@pytest.mark.parametrize(("text", "canonical"), ACCEPTED)
def test_an_accepted_url_has_one_spelling(text: str, canonical: str) -> None:
    assert base_url(text) == canonical
    assert base_url(canonical) == canonical


@pytest.mark.parametrize("text", REFUSED)
def test_other_urls_are_malformed_in_one_line_with_a_hint(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        base_url(text)
    assert refused.value.hint
    assert "\n" not in f"{refused.value}{refused.value.hint}"


def test_a_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(Malformed) as refused:
        base_url("https://me:canary@gate.example")
    assert "canary" not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize(
    "text",
    [
        "http://10.0.0.5:8080/v1",
        "http://192.168.1.20",
        "http://172.16.0.1",
        "http://[fd12::1]:8080",
        "http://gpu-box:8000/v1",
        "http://gpu-box.:8000",
        "http://127.0.0.1:1",
        "http://100.64.0.7:4000",
        "http://host.docker.internal:11434/v1",
        "http://nas.local:8080",
        "http://box.lan",
        "http://models.home.arpa",
    ],
)
def test_plain_http_to_a_near_host_may_be_allowed(text: str) -> None:
    assert base_url(text, allow_http=True).startswith("http://")


@pytest.mark.parametrize(
    "text",
    [
        "http://gate.example",
        "http://8.8.8.8",
        "http://[2606:4700::1111]",
        "http://172.32.0.1",
        "http://localhost.evil.example",
        "http://169.254.169.254",
        "http://[fd00:ec2::254]",
        "http://metadata",
        "http://metadata.google.internal",
        "http://100.100.100.200",
        "http://100.128.0.1",
        "http://evil.local.example",
        "http://0.0.0.0:8000",
        "http://[::ffff:8.8.8.8]",
        "http://[2002:7f00:1::]",
        "http://[2001:0:808:808::f7f7:f7f7]",
        "http://[64:ff9b:1::808:808]",
        "http://2130706433",
    ],
)
def test_allowing_plain_http_allows_no_public_or_metadata_host(text: str) -> None:
    with pytest.raises(Malformed):
        base_url(text, allow_http=True)


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("192.168.1.7", True),
        ("100.64.0.7", True),
        ("fd12::1", True),
        ("169.254.169.254", False),
        ("fe80::1%eth0", False),
        ("100.100.100.200", False),
        ("fd00:ec2::254", False),
        ("8.8.8.8", False),
        ("0.0.0.0", False),
        ("::ffff:169.254.169.254", False),
    ],
)
def test_where_a_name_may_lead_plain_http(address: str, may: bool) -> None:
    assert may_be_plain(address) is may


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("http://127.0.0.1:9/v1/chat/completions", "http://127.0.0.1:9/v1"),
        ("https://gate.example/api/v1/chat/completions/", "https://gate.example/api/v1"),
        ("https://gate.example/openai/chat/completions", "https://gate.example/openai"),
        ("https://gate.example/v1/models", "https://gate.example/v1"),
        ("https://gate.example/v1/responses", "https://gate.example/v1"),
        ("https://gate.example/v1/messages", "https://gate.example"),
        ("http://127.0.0.1:11434/api/chat", "http://127.0.0.1:11434"),
    ],
)
def test_the_address_of_one_call_is_refused_with_the_right_one(text: str, base: str) -> None:
    with pytest.raises(Malformed) as refused:
        base_url(text)
    assert (refused.value.hint or "").endswith(f": {base}")


def test_a_base_url_may_end_in_models() -> None:
    assert base_url("https://me.services.ai.azure.com/models").endswith("/models")


def test_the_hint_speaks_of_allow_http_only_where_it_would_help() -> None:
    with pytest.raises(Malformed) as near:
        base_url("http://10.0.0.5")
    with pytest.raises(Malformed) as far:
        base_url("http://gate.example")
    assert "--allow-http" in (near.value.hint or "")
    assert "--allow-http" not in (far.value.hint or "")


@given(st.text(max_size=60) | st.from_regex(r"https?://[^/]{1,30}(/.{0,10})?", fullmatch=True))
def test_any_text_is_malformed_or_becomes_its_own_canonical_form(text: str) -> None:
    try:
        url = base_url(text, allow_http=True)
    except Malformed:
        return
    assert base_url(url, allow_http=True) == url
    assert url.isascii()
    assert url.isprintable()
    assert not url.endswith("/")


@pytest.mark.parametrize(("_", "url"), ACCEPTED)
def test_listings_and_the_wire_agree_on_what_this_machine_is(_: str, url: str) -> None:
    host = url.partition("://")[2].partition("/")[0]
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    assert Provider("x", "x", url, "openai").is_loopback == is_loopback_host(host)


@pytest.mark.parametrize(
    ("url", "loopback", "plain"),
    [
        ("http://127.0.0.1:8080/v1", True, False),
        ("https://localhost/v1", True, False),
        ("http://[::1]/v1", True, False),
        ("http://10.0.0.5/v1", False, True),
        ("http://gpu-box:8000", False, True),
        ("https://127.evil.example", False, False),
        ("https://127.0.0.1.evil.example", False, False),
        ("https://localhost.evil.example", False, False),
        ("https://gate.example", False, False),
    ],
)
def test_a_provider_is_of_this_machine_or_may_send_in_the_clear(
    url: str, loopback: bool, plain: bool
) -> None:
    row = Provider("x", "x", url, "openai")
    assert (row.is_loopback, row.is_plain_http) == (loopback, plain)
