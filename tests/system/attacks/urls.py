"""Ways to write a URL that opens nothing."""

from tests.lab.files import Files

LENGTH = 1_000_000


def altered(url, **change):
    """With other parameters."""
    path, _, query = url.partition("?")
    good = dict(item.split("=") for item in query.split("&"))
    return path + "?" + "&".join(f"{k}={v}" for k, v in {**good, **change}.items())


def not_signed(site: Files, url, other):
    """url: a good one, of dev-1; other: another artifact that is there."""
    artifact = url.split("?")[0].rsplit("/", 1)[1]
    good = dict(item.split("=") for item in url.split("?")[1].split("&"))
    return [
        "/", "/artifacts/", "/artifacts", f"/artifacts/{artifact}", f"/artifacts/{artifact}?",
        url[:-1], url[:-1] + ("0" if url[-1] != "0" else "1"), url[:-64] + "0" * 64,
        url.replace(artifact, other), altered(url, d="dev-2"), altered(url, e=int(good["e"]) + 1),
        altered(url, e="0" + good["e"]), altered(url, e=""), altered(url, e=2**63), altered(url, b="-1"),
        altered(url, b=int(good["b"]) + 1), altered(url, k="second"), url + "&x=1", url + "&d=dev-1",
        url.replace("?d=", "?x=1&d="), url.replace("=dev-1", "=dev%2d1"),
        url.replace("/artifacts/", "/%61rtifacts/"), url.replace("/artifacts/", "//artifacts/"),
        url.replace(artifact, artifact.upper()),
        url.replace(artifact, "../url-keys"), url.replace(artifact, "..%2furl-keys"),
        "/artifacts/../url-keys", "/artifacts/..%2f..%2furl-keys", "/artifacts/%2e%2e/url-keys",
        "/../../../../etc/passwd", "/artifacts/" + "a" * 64, "/.wavegate-verify",
        site.target(artifact, "dev-1", LENGTH, seconds=-120),
        site.target(artifact, "dev-1", LENGTH, seconds=40 * 86400),
    ]
