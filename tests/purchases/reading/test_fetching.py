"""Fetching what somebody posted: where it goes, what it refuses, how much it takes. No test waits for a clock."""

import gzip
import ssl
import threading
import zlib

import pytest

from purchases import fetching
from purchases.fetching import JSON, Deadline, FetchFailed, FetchRefused, LedHome, fetch
from tests.purchases.reading.sites import PUBLIC, Clock, Dialed, Reply, Resolver, raw_server, redirect

PAGE = "http://shop.test/mug"
PACKED = gzip.compress(b"x")


@pytest.fixture
def read(resolver, dialed):
    def read(url: str = PAGE, **more):
        return fetch(url, **{"resolver": resolver, "dial": dialed, **more})

    return read


@pytest.fixture
def refused(read):
    def refused(url: str = PAGE, kind=FetchFailed, **more) -> str:
        with pytest.raises(kind) as error:
            read(url, **more)
        assert error.value.note.endswith(".")
        return error.value.note

    return refused


class TestWhatIsRead:
    def test_a_page(self, site, read):
        site.answers["/mug"] = Reply("<title>Mug</title>")
        page = read()
        assert (page.url, page.content_type, page.text) == (PAGE, "text/html", "<title>Mug</title>")

    def test_it_is_asked_without_cookies_or_credentials_and_by_its_own_name(self, site, read, monkeypatch, tmp_path):
        (tmp_path / ".netrc").write_text("machine shop.test login me password secret")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        site.answers["/mug"] = redirect("/cup")
        site.answers["/mug"].headers["Set-Cookie"] = "a=b"
        site.answers["/cup"] = Reply("x")
        read()
        assert site.asked == [("GET", "/mug"), ("GET", "/cup")]
        for headers in site.headers:
            assert headers["host"] == "shop.test"
            assert not {"cookie", "authorization", "proxy-authorization", "referer"} & set(headers)

    def test_packed_pages_are_unpacked(self, site, read):
        site.answers["/mug"] = Reply(gzip.compress(b"packed"), headers={"Content-Encoding": "gzip"})
        assert read().text == "packed"

    @pytest.mark.parametrize(
        ("kind", "body", "text"),
        [
            ("text/html; charset=iso-8859-1", "caf\u00e9".encode("latin-1"), "caf\u00e9"),
            (
                "text/html",
                '<meta charset="windows-1252">\u20ac'.encode("cp1252"),
                '<meta charset="windows-1252">\u20ac',
            ),
            ("text/html", b"\xff\x00", "\ufffd\x00"),
            ("text/html; charset=punycode", b"abc-def", "abc-def"),
            ("text/html; charset=zip", b"abc", "abc"),
        ],
    )
    def test_the_writing_is_what_the_page_says_where_that_is_a_writing(self, site, read, kind, body, text):
        site.answers["/mug"] = Reply(body, kind=kind)
        assert read().text == text

    def test_pages_in_pieces_are_put_together(self, site, read):
        site.answers["/mug"] = Reply(
            headers={"Transfer-Encoding": "chunked"},
            play=lambda to: to.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
        )
        assert read().text == "abcde"


class TestWhereItGoes:
    def test_the_address_that_was_judged_is_the_one_connected_to(self, site, read, dialed, resolver):
        site.answers["/mug"] = Reply("x")
        read()
        assert dialed.addresses == [(PUBLIC, 80)]
        assert resolver.asked == ["shop.test"]

    def test_a_name_that_changes_its_mind_is_looked_up_once(self, site, read, dialed):
        site.answers["/mug"] = Reply("x")
        rebinding = Resolver(shop_test=[[PUBLIC], ["127.0.0.1"]])
        read(resolver=rebinding)
        assert dialed.addresses == [(PUBLIC, 80)]
        assert rebinding.asked == ["shop.test"]

    def test_after_a_redirect_it_is_looked_up_and_judged_anew(self, site, refused, dialed):
        site.answers["/mug"] = redirect("/cup")
        rebinding = Resolver(shop_test=[[PUBLIC], ["127.0.0.1"]])
        assert "not a public address" in refused(kind=FetchRefused, resolver=rebinding)
        assert dialed.addresses == [(PUBLIC, 80)]

    @pytest.mark.parametrize(
        "found",
        [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:10.0.0.1"], ["64:ff9b::a00:1"],
         [PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC], ["fe80::1%eth0"], ["not an address"]],
    )  # fmt: skip
    def test_a_name_that_leads_to_what_is_not_public_is_not_connected_to(self, refused, dialed, found):
        note = refused(kind=FetchRefused, resolver=Resolver(shop_test=found))
        assert note == "shop.test is not a public address."
        assert dialed.addresses == []

    @pytest.mark.parametrize(
        "url",
        ["http://127.0.0.1/", "http://10.1.2.3/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/",
         "http://[::ffff:127.0.0.1]/", "http://\uff11\uff12\uff17.0.0.1/", "http://localhost/"],
    )  # fmt: skip
    def test_what_is_not_public_by_number_neither(self, refused, dialed, url):
        assert "not a public address" in refused(url, kind=FetchRefused, resolver=fetching.system_resolver)
        assert dialed.addresses == []

    @pytest.mark.parametrize(
        ("to", "why"),
        [
            ("http://127.0.0.1/admin", "not a public address"),
            ("http://inside.test/", "not a public address"),
            ("//inside.test/", "not a public address"),
            ("ftp://shop.test/", "Only http and https"),
            ("http://me:secret@shop.test/", "user name or password"),
            ("http://shop.test:22/", "Port 22"),
            ("http://2130706433/", "not a host name"),
            ("http://[::1", "no web address"),
        ],
    )
    def test_a_redirect_leads_nowhere_that_may_not_be_posted(self, site, refused, dialed, to, why):
        site.answers["/mug"] = redirect(to)
        names = Resolver(shop_test=[PUBLIC], inside_test=["10.0.0.1"], **{"127_0_0_1": ["127.0.0.1"]})
        assert why in refused(kind=FetchRefused, resolver=names)
        assert dialed.addresses == [(PUBLIC, 80)]

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_followed(self, site, read, status):
        site.answers["/mug"] = redirect("/cup?x=1", status)
        site.answers["/cup?x=1"] = Reply("cup")
        assert read().url == "http://shop.test/cup?x=1"

    def test_not_for_ever(self, site, refused):
        site.answers["/mug"] = redirect("/mug")
        assert "more than 5 times" in refused()
        assert len(site.asked) == 6

    def test_this_shops_own_addresses_are_never_fetched(self, site, refused, read, dialed, settings):
        settings.BASE_URL = "http://me.test"
        site.answers["/mug"] = redirect("http://me.test/products/mug")
        with pytest.raises(LedHome) as home:
            read()
        assert home.value.url == "http://me.test/products/mug"
        refused("http://me.test/", kind=LedHome)
        assert dialed.addresses == [(PUBLIC, 80)]

    def test_where_settings_allow_it_by_name_a_private_address_is_read(self, site, settings):
        settings.PURCHASE_ALLOWED_HOSTS = [site.authority]
        site.answers["/"] = Reply("x")
        assert fetch(site.url, resolver=Resolver(shop_test=["127.0.0.1"])).text == "x"
        assert site.headers[0]["host"] == site.authority

    def test_and_only_that_one(self, site, settings, refused):
        settings.PURCHASE_ALLOWED_HOSTS = [site.authority]
        site.answers["/mug"] = redirect("http://other.test/")
        names = Resolver(shop_test=["127.0.0.1"], other_test=["127.0.0.1"])
        assert "other.test is not a public address" in refused(f"{site.url}/mug", kind=FetchRefused, resolver=names)

    def test_the_next_address_is_tried_where_one_does_not_answer(self, site, resolver):
        site.answers["/mug"] = Reply("x")
        tried = []

        def dial(address, port, deadline):
            tried.append(address)
            if address == "1.1.1.1":
                raise ConnectionRefusedError
            return Dialed(site)(address, port, deadline)

        fetch(PAGE, resolver=Resolver(shop_test=["1.1.1.1", PUBLIC]), dial=dial)
        assert tried == ["1.1.1.1", PUBLIC]

    def test_a_host_that_is_not_there(self, refused):
        assert refused("http://nobody.test/") == "There is no host called nobody.test."
        assert refused(resolver=Resolver(shop_test=[])) == "There is no host called shop.test."

    def test_nobody_answers(self, refused):
        def dial(address, port, deadline):
            raise OSError("unreachable")

        assert refused(dial=dial) == "shop.test does not answer."


class TestHowMuchItTakes:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch):
        """A cap of 100 kB instead of 2 MB, so that the tests are quick."""
        monkeypatch.setattr(fetching, "MAX_BYTES", 100_000)
        monkeypatch.setitem(fetching.call.__kwdefaults__, "max_bytes", 100_000)

    def test_a_page_of_10_mb(self, site, refused):
        written = []

        def play(to):
            for _ in range(10_000):
                to.wfile.write(b"x" * 1000)
                written.append(1000)

        site.answers["/mug"] = Reply(play=play, headers={"Content-Length": "10000000"})
        assert "larger than 100 kB" in refused()

    def test_a_page_without_an_end(self, site, refused):
        def play(to):
            while True:
                to.wfile.write(b"x" * 1000)

        site.answers["/mug"] = Reply(play=play)
        assert "larger than 100 kB" in refused()

    def test_as_much_as_is_allowed_and_not_a_byte_more(self, site, read, refused):
        site.answers["/mug"] = Reply(b"x" * 100_000)
        assert len(read().text) == 100_000
        site.answers["/mug"] = Reply(b"x" * 100_001)
        refused()

    def test_a_packed_bomb_is_not_unpacked(self, site, refused, monkeypatch):
        unpacked = []
        real = zlib.decompressobj

        class Counted:
            def __init__(self, *args):
                self._real = real(*args)

            def __getattr__(self, name):
                return getattr(self._real, name)

            def decompress(self, *args):
                out = self._real.decompress(*args)
                unpacked.append(len(out))
                return out

        monkeypatch.setattr("purchases.wire.zlib.decompressobj", Counted)
        bomb = gzip.compress(b"\0" * 20_000_000)
        assert len(bomb) < 100_000
        site.answers["/mug"] = Reply(bomb, headers={"Content-Encoding": "gzip"})
        assert "larger than 100 kB" in refused()
        assert sum(unpacked) == 100_001

    @pytest.mark.parametrize(
        ("encoding", "body"),
        [("br", b"x"), ("deflate", b"x"), ("gzip, gzip", b"x"), ("gzip", b"no gzip"), ("gzip", PACKED[:-4]),
         ("gzip", PACKED + b"more")],
        ids=["brotli", "deflate", "twice", "none", "half", "more"],
    )  # fmt: skip
    def test_what_cannot_be_unpacked(self, site, refused, encoding, body):
        site.answers["/mug"] = Reply(body, headers={"Content-Encoding": encoding})
        refused()

    def test_a_page_that_breaks_off(self, site, refused):
        site.answers["/mug"] = Reply(headers={"Content-Length": "100"}, play=lambda to: to.wfile.write(b"only this"))
        assert "broke off" in refused()
        chunked = {"Transfer-Encoding": "chunked"}
        site.answers["/mug"] = Reply(headers=chunked, play=lambda to: to.wfile.write(b"5\r\nabc"))
        assert "broke off" in refused()

    @pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/octet-stream", "", "text/plain"])
    def test_what_is_no_page(self, site, refused, kind):
        site.answers["/mug"] = Reply(b"x", kind=kind)
        assert "not a page" in refused()

    def test_json_is_read_where_json_is_wanted(self, site, read, refused):
        site.answers["/mug"] = Reply("{}", kind="application/json")
        assert read(accept=JSON).text == "{}"
        refused()

    @pytest.mark.parametrize(("status", "is_temporary"), [(404, False), (403, False), (500, True), (204, False)])
    def test_a_page_that_is_not_there(self, site, read, status, is_temporary):
        site.answers["/mug"] = Reply(status=status)
        with pytest.raises(FetchFailed, match=f"answers {status}") as failed:
            read()
        assert failed.value.is_temporary == is_temporary

    @pytest.mark.parametrize(
        "noise", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x16\x03\x01", b"SSH-2.0\r\n"]
    )
    def test_what_speaks_no_http(self, noise, refused):
        with raw_server(lambda connection: connection.sendall(noise)) as dial:
            assert "broke off" in refused(dial=dial)

    def test_headers_without_an_end(self, refused):
        def play(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"".join(b"a%d: b\r\n" % number for number in range(1000)))

        with raw_server(play) as dial:
            assert "broke off" in refused(dial=dial)


class TestHowLongItTakes:
    """The clock is the tests' own: the site moves it on while it answers."""

    def test_a_page_that_drips(self, site, refused):
        clock, done = Clock(), threading.Event()

        def play(to):
            to.wfile.write(b"x")
            clock.now = 21
            to.wfile.write(b"x")
            done.wait(60)

        site.answers["/mug"] = Reply(play=play, headers={"Content-Length": "100"})
        assert refused(deadline=Deadline(20, clock=clock)) == "It took longer than 20 seconds to answer."
        done.set()

    def test_headers_that_drip(self, refused):
        clock, done = Clock(), threading.Event()

        def play(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            clock.now = 21
            connection.sendall(b"y")
            done.wait(60)

        with raw_server(play) as dial:
            assert "longer than 20 seconds" in refused(deadline=Deadline(20, clock=clock), dial=dial)
            done.set()

    def test_redirects_share_one_time(self, site, refused):
        clock = Clock()

        def later():
            clock.now += 8
            return redirect("/mug")

        site.answers["/mug"] = later
        assert "longer than 20 seconds" in refused(deadline=Deadline(20, clock=clock))
        assert len(site.asked) == 3

    def test_each_read_has_what_is_left_and_no_more(self, site, resolver, monkeypatch):
        clock = Clock()
        given = []
        site.answers["/mug"] = Reply("x")

        def dial(address, port, deadline):
            sock = Dialed(site)(address, port, deadline)
            clock.now = 15
            real = sock.settimeout
            monkeypatch.setattr(type(sock), "settimeout", lambda self, value: (given.append(value), real(value)))
            return sock

        fetch(PAGE, resolver=resolver, dial=dial, deadline=Deadline(20, clock=clock))
        assert set(given) == {5}

    def test_a_silent_page(self, site, refused):
        """The one that waits: a tenth of a second, as long as the deadline."""
        done = threading.Event()
        site.answers["/mug"] = Reply(play=lambda to: done.wait(60), headers={"Content-Length": "1"})
        refused(deadline=Deadline(0.1))
        done.set()

    def test_a_look_up_that_hangs(self, refused):
        done = threading.Event()
        refused(resolver=lambda host, port: done.wait(60), deadline=Deadline(0.05))
        done.set()

    def test_a_look_up_that_breaks_is_our_own_fault(self, read):
        with pytest.raises(ZeroDivisionError):
            read(resolver=lambda host, port: [1 / 0])


class TestTLS:
    def test_it_is_asked_for_the_name_in_the_address_not_for_what_was_found(self, refused):
        names, done = [], threading.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = lambda sock, name, ctx: names.append(name)

        def play(connection):
            try:
                context.wrap_socket(connection, server_side=True)
            except (ssl.SSLError, OSError):
                done.set()

        with raw_server(play) as dial:
            assert "could not prove who it is" in refused("https://shop.test/mug", dial=dial)
            assert done.wait(60)
        assert names == ["shop.test"]

    def test_it_does_not_fall_back_to_http(self, site, read, refused, monkeypatch):
        monkeypatch.setattr("purchases.wire._secured", lambda sock, host, deadline: sock)
        site.answers["/mug"] = redirect("http://shop.test/cup")
        assert "from https to http" in refused("https://shop.test/mug", kind=FetchRefused)
