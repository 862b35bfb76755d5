"""The crawler against a real local server: what goes out, what comes back, what goes wrong."""

import asyncio
import gzip
import socket
import threading
from collections.abc import Iterator
from queue import Queue

import pytest
from pytest_httpserver import HTTPServer
from scrapy.crawler import AsyncCrawlerRunner
from werkzeug import Request, Response

from askwatch.clock import ManualClock
from askwatch.settings import Settings
from collectors.crawler import WebCrawler
from collectors.fetch import Fetch, Fetched, FetchError, Outcome
from collectors.settings import make_scrapy_settings
from collectors.spiders.web import WebSpider

WAIT_S = 20.0


@pytest.fixture
def crawler(settings: Settings, clock: ManualClock) -> Iterator[WebCrawler]:
    opened = WebCrawler(settings, clock=clock, delay_s=0.0)
    yield opened
    opened.close()


def fetch(crawler: WebCrawler, url: str, **changes: object) -> Outcome:
    outcomes: Queue[Outcome] = Queue()
    crawler.fetch(Fetch(url=url, done=outcomes.put, **changes))  # type: ignore[arg-type]  # a test's own options
    return outcomes.get(timeout=WAIT_S)


def fail(crawler: WebCrawler, url: str, **changes: object) -> FetchError:
    outcome = fetch(crawler, url, **changes)
    assert isinstance(outcome, FetchError)
    return outcome


def succeed(crawler: WebCrawler, url: str, **changes: object) -> Fetched:
    outcome = fetch(crawler, url, **changes)
    assert isinstance(outcome, Fetched), outcome
    return outcome


def allow_all(server: HTTPServer) -> None:
    server.expect_request("/robots.txt").respond_with_data("", status=404)


def serve_raw(answer: bytes) -> tuple[str, socket.socket]:
    """Answer every connection with bytes that no server library would send."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked = connection.recv(65_536)
                if b"/robots.txt" in asked:
                    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                else:
                    connection.sendall(answer)

    threading.Thread(target=run, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/feed", listener


def test_an_answer_comes_with_status_headers_and_body(
    crawler: WebCrawler, httpserver: HTTPServer
) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/feed").respond_with_data("æ", status=201, headers={"ETag": '"1"'})
    found = succeed(crawler, httpserver.url_for("/feed"), headers={"If-None-Match": '"0"'})
    assert (found.status, found.body.decode(), found.headers["etag"]) == (201, "æ", '"1"')
    (robots, _), (asked, _) = httpserver.log
    assert robots.path == "/robots.txt"
    assert asked.headers["If-None-Match"] == '"0"'
    assert asked.headers["User-Agent"].startswith("Askwatch/")
    assert "(+https://askwatch.example/bot)" in asked.headers["User-Agent"]
    assert "Cookie" not in asked.headers


def test_many_addresses_are_read_by_one_crawler(
    crawler: WebCrawler, httpserver: HTTPServer
) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/feed").respond_with_data("ok")
    outcomes: Queue[Outcome] = Queue()
    for _ in range(20):
        crawler.fetch(Fetch(url=httpserver.url_for("/feed"), done=outcomes.put))
    assert all(isinstance(outcomes.get(timeout=WAIT_S), Fetched) for _ in range(20))
    assert sum(request.path == "/robots.txt" for request, _ in httpserver.log) == 1


@pytest.mark.parametrize("status", [304, 401, 404, 410, 500])
def test_every_status_is_an_answer(
    crawler: WebCrawler, httpserver: HTTPServer, status: int
) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/feed").respond_with_data("", status=status)
    assert succeed(crawler, httpserver.url_for("/feed")).status == status
    # Nothing is tried twice by itself: the source's row says when.
    assert sum(request.path == "/feed" for request, _ in httpserver.log) == 1


def test_what_robots_txt_forbids_is_not_read(crawler: WebCrawler, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data(
        "User-agent: askwatch\nDisallow: /closed\n\nUser-agent: *\nDisallow: /\n"
    )
    httpserver.expect_request("/open").respond_with_data("ok")
    assert succeed(crawler, httpserver.url_for("/open")).body == b"ok"
    fault = fail(crawler, httpserver.url_for("/closed/feed"))
    assert fault.reason == "robots"
    assert "robots.txt forbids" in str(fault)


def test_robots_txt_is_asked_again_after_half_a_day(
    crawler: WebCrawler, httpserver: HTTPServer, clock: ManualClock
) -> None:
    httpserver.expect_request("/feed").respond_with_data("ok")
    httpserver.expect_oneshot_request("/robots.txt").respond_with_data("", status=404)
    assert succeed(crawler, httpserver.url_for("/feed")).status == 200
    httpserver.expect_oneshot_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /")
    assert succeed(crawler, httpserver.url_for("/feed")).status == 200
    clock.advance(12 * 3600 + 1)
    assert fail(crawler, httpserver.url_for("/feed")).reason == "robots"


def test_a_host_that_cannot_show_its_robots_txt_is_left_alone_for_a_while(
    crawler: WebCrawler, httpserver: HTTPServer, clock: ManualClock
) -> None:
    httpserver.expect_request("/feed").respond_with_data("ok")
    httpserver.expect_oneshot_request("/robots.txt").respond_with_data("", status=500)
    fault = fail(crawler, httpserver.url_for("/feed"))
    assert fault.reason == "robots"
    assert fault.retry_at is not None
    httpserver.expect_oneshot_request("/robots.txt").respond_with_data("User-agent: *\nAllow: /")
    clock.advance((fault.retry_at - clock.now()).total_seconds())
    assert succeed(crawler, httpserver.url_for("/feed")).status == 200


def test_a_robots_txt_that_leads_nowhere_allows_everything(
    crawler: WebCrawler, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/feed").respond_with_data("ok")
    httpserver.expect_request("/robots.txt").respond_with_data(
        "", status=302, headers={"Location": "/robots.txt"}
    )
    assert succeed(crawler, httpserver.url_for("/feed")).status == 200


@pytest.mark.parametrize(
    ("status", "header", "seconds"), [(429, "120", 120), (503, "120", 120), (429, "", 300)]
)
def test_a_host_that_asks_to_wait_is_not_asked_until_then(
    crawler: WebCrawler,
    httpserver: HTTPServer,
    clock: ManualClock,
    status: int,
    header: str,
    seconds: int,
) -> None:
    allow_all(httpserver)
    httpserver.expect_oneshot_request("/feed").respond_with_data(
        "", status=status, headers={"Retry-After": header}
    )
    httpserver.expect_request("/other").respond_with_data("ok")
    first = succeed(crawler, httpserver.url_for("/feed"))
    assert first.retry_at is not None
    assert (first.retry_at - clock.now()).total_seconds() == seconds
    second = fail(crawler, httpserver.url_for("/other"))
    assert (second.reason, second.retry_at) == ("asked_to_wait", first.retry_at)
    clock.advance(seconds)
    assert succeed(crawler, httpserver.url_for("/other")).status == 200


def test_redirects_are_followed_but_not_for_ever(
    crawler: WebCrawler, httpserver: HTTPServer
) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/old").respond_with_data("", 301, headers={"Location": "/feed"})
    httpserver.expect_request("/feed").respond_with_data("ok")
    httpserver.expect_request("/loop").respond_with_data("", 302, headers={"Location": "/loop"})
    assert succeed(crawler, httpserver.url_for("/old")).url == httpserver.url_for("/feed")
    assert fail(crawler, httpserver.url_for("/loop")).reason == "redirects"
    assert sum(request.path == "/loop" for request, _ in httpserver.log) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "data:text/plain,x", "ftp://127.0.0.1/x"])
def test_a_redirect_to_something_else_than_the_web_is_not_followed(
    crawler: WebCrawler, httpserver: HTTPServer, target: str
) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/feed").respond_with_data("", 302, headers={"Location": target})
    outcome = fetch(crawler, httpserver.url_for("/feed"))
    assert isinstance(outcome, FetchError) or outcome.status == 302


def test_a_private_address_is_refused_unless_a_setting_allows_it(
    settings: Settings, clock: ManualClock, httpserver: HTTPServer
) -> None:
    strict = settings.model_copy(update={"allow_private_addresses": False})
    crawler = WebCrawler(strict, clock=clock, delay_s=0.0)
    port = httpserver.port
    for url in (f"http://127.0.0.1:{port}/", f"http://localhost:{port}/", f"http://[::1]:{port}/"):
        fault = fail(crawler, url)
        assert fault.reason == "private_address"
        assert "ASKWATCH_ALLOW_PRIVATE_ADDRESSES" in str(fault)
    crawler.close()
    assert httpserver.log == []


def test_a_name_that_changes_its_address_does_not_get_past_the_guard(
    settings: Settings, clock: ManualClock, httpserver: HTTPServer
) -> None:
    """As if the name had led elsewhere when the middleware looked it up."""
    allow_all(httpserver)
    given = make_scrapy_settings(settings, delay_s=0.0)
    for name in ("collectors.guard.AddressGuard", "collectors.robots.Robots"):
        del given["DOWNLOADER_MIDDLEWARES"][name]
    outcomes: Queue[Outcome] = Queue()

    async def crawl() -> None:
        line_up: asyncio.Queue[Fetch | None] = asyncio.Queue()
        line_up.put_nowait(Fetch(url=httpserver.url_for("/feed"), done=outcomes.put))
        line_up.put_nowait(None)
        await AsyncCrawlerRunner(given).crawl(
            WebSpider, line_up=line_up, is_over=asyncio.Event(), clock=clock, allow_private=False
        )

    asyncio.run(crawl())
    outcome = outcomes.get_nowait()
    assert isinstance(outcome, FetchError)
    assert outcome.reason == "unreachable"
    assert httpserver.log == []


def test_a_redirect_to_the_metadata_service_is_refused_even_where_private_ones_are_allowed(
    crawler: WebCrawler, httpserver: HTTPServer
) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/feed").respond_with_data(
        "", 302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}
    )
    assert fail(crawler, httpserver.url_for("/feed")).reason == "private_address"


def test_a_page_of_a_closed_site_is_not_reached_by_a_redirect_either(
    crawler: WebCrawler, httpserver: HTTPServer
) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/short").respond_with_data(
        "", 302, headers={"Location": "https://www.linkedin.com/posts/1"}
    )
    fault = fail(crawler, httpserver.url_for("/short"), is_page=True)
    assert (fault.reason, str(fault)[:8]) == ("closed_site", "LinkedIn")


def test_a_slow_server_is_given_up(crawler: WebCrawler, httpserver: HTTPServer) -> None:
    allow_all(httpserver)
    is_over = threading.Event()

    def answer(_request: Request) -> Response:
        is_over.wait(WAIT_S)
        return Response("late")

    httpserver.expect_request("/feed").respond_with_handler(answer)
    fault = fail(crawler, httpserver.url_for("/feed"), timeout_s=0.2)
    is_over.set()
    assert (fault.reason, str(fault)) == ("timeout", "the host did not answer within 0.2 s")


def test_a_body_that_is_cut_short_is_no_answer(crawler: WebCrawler) -> None:
    url, listener = serve_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<rss>")
    assert fail(crawler, url).reason == "cut_short"
    listener.close()


def test_what_is_not_http_is_no_answer(crawler: WebCrawler) -> None:
    url, listener = serve_raw(b"\x00\x01\x02 220 mail.example ESMTP\r\n\r\n")
    assert fail(crawler, url).reason in {"broken_answer", "unreachable"}
    listener.close()


def test_a_host_without_a_server_is_unreachable(crawler: WebCrawler) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    fault = fail(crawler, f"http://127.0.0.1:{port}/feed")
    assert (fault.reason, str(fault)) == ("unreachable", "the host cannot be reached")


def test_a_robots_txt_without_end_allows_nothing_for_a_while(
    crawler: WebCrawler, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("#" * (600 * 1024))
    httpserver.expect_request("/feed").respond_with_data("ok")
    fault = fail(crawler, httpserver.url_for("/feed"))
    assert fault.reason == "robots"
    assert fault.retry_at is not None


def test_an_address_that_is_none_is_told(crawler: WebCrawler, httpserver: HTTPServer) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/feed").respond_with_data("ok")
    assert fail(crawler, "no address at all").reason == "scheme"
    # The spider lives on.
    assert succeed(crawler, httpserver.url_for("/feed")).status == 200


@pytest.mark.parametrize("url", ["http://a..b/feed", "http://" + "a" * 70 + "/feed"])
def test_a_name_that_cannot_be_one_is_told(crawler: WebCrawler, url: str) -> None:
    assert fail(crawler, url).reason == "dns"


def test_an_answer_beyond_the_limit_is_cut_off(crawler: WebCrawler, httpserver: HTTPServer) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/feed").respond_with_data(b"x" * (2**20 + 1))
    fault = fail(crawler, httpserver.url_for("/feed"), size_limit_bytes=2**20)
    assert (fault.reason, str(fault)) == ("too_large", "the answer is larger than 1 MiB")


def test_a_gzip_bomb_is_not_unpacked(crawler: WebCrawler, httpserver: HTTPServer) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/feed").respond_with_data(
        gzip.compress(b"\0" * (8 * 2**20)), headers={"Content-Encoding": "gzip"}
    )
    fault = fail(crawler, httpserver.url_for("/feed"), size_limit_bytes=2**20)
    assert (fault.reason, str(fault)) == ("too_large", "the answer unpacks to more than 1 MiB")


def test_a_broken_gzip_stream_is_no_crash(crawler: WebCrawler, httpserver: HTTPServer) -> None:
    allow_all(httpserver)
    httpserver.expect_request("/feed").respond_with_data(
        b"not gzip at all", headers={"Content-Encoding": "gzip"}
    )
    httpserver.expect_request("/good").respond_with_data("ok")
    fetch(crawler, httpserver.url_for("/feed"))
    assert succeed(crawler, httpserver.url_for("/good")).body == b"ok"


def test_the_crawler_ends_at_once_and_starts_again(
    settings: Settings, clock: ManualClock, httpserver: HTTPServer
) -> None:
    allow_all(httpserver)
    is_over = threading.Event()
    httpserver.expect_request("/slow").respond_with_handler(
        lambda _request: Response("late" if is_over.wait(WAIT_S) else "")
    )
    httpserver.expect_request("/feed").respond_with_data("ok")
    crawler = WebCrawler(settings, clock=clock, delay_s=0.0)
    crawler.close()
    assert succeed(crawler, httpserver.url_for("/feed")).status == 200
    outcomes: Queue[Outcome] = Queue()
    crawler.fetch(Fetch(url=httpserver.url_for("/slow"), done=outcomes.put))
    crawler.close()
    is_over.set()
    cut_off = outcomes.get(timeout=WAIT_S)
    assert isinstance(cut_off, FetchError)
    assert cut_off.reason == "crawler"
    assert succeed(crawler, httpserver.url_for("/feed")).status == 200
    crawler.close()


def test_nothing_of_scrapys_own_doors_is_open(settings: Settings) -> None:
    given = make_scrapy_settings(settings)
    for name in ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "COOKIES_ENABLED"):
        assert given[name] is False
    assert given["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    assert (given["DOWNLOAD_DELAY"], given["AUTOTHROTTLE_ENABLED"]) == (1.0, True)
