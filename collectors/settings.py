"""Scrapy's settings: polite, bounded, and without any door into the process."""

from copy import deepcopy
from importlib.metadata import version
from typing import Any

from askwatch.settings import Settings

PRODUCT = "Askwatch"
# One request a second to a host at first; AutoThrottle slows down where a host is slow.
DELAY_S = 1.0
# Enough for http -> https -> www -> the real place; more is a loop.
REDIRECTS = 5
_FIXED: dict[str, Any] = {
    # The loop is ours: the stage stays a plain blocking one beside it.
    "TWISTED_REACTOR_ENABLED": False,
    # Robots, Retry-After and addresses are looked after by our own; see each file.
    "DOWNLOADER_MIDDLEWARES": {
        "collectors.politeness.RetryAfter": 40,
        "collectors.guard.AddressGuard": 60,
        "collectors.robots.Robots": 100,
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    },
    "DOWNLOAD_HANDLERS": {
        "http": "collectors.guard.GuardedHandler",
        "https": "collectors.guard.GuardedHandler",
        "data": None,
        "file": None,
        "ftp": None,
        "s3": None,
    },
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "DOWNLOAD_WARNSIZE": 0,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_MAX_DELAY": 10.0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
    # Answers leave by `Fetch.done`, nothing through item pipelines.
    "CONCURRENT_ITEMS": 1,
    "REDIRECT_MAX_TIMES": REDIRECTS,
    "METAREFRESH_ENABLED": False,
    # A source that failed is read again by its row, with a longer pause each time.
    "RETRY_ENABLED": False,
    "HTTPERROR_ALLOW_ALL": True,
    # The same address is read again and again.
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
    "COOKIES_ENABLED": False,
    "REFERRER_POLICY": "no-referrer",
    # A proxy would connect in our place, and no guard could see where to.
    "HTTPPROXY_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "MEMUSAGE_ENABLED": False,
    "LOGSTATS_INTERVAL": 0,
    "STATS_DUMP": False,
}


def make_scrapy_settings(settings: Settings, *, delay_s: float = DELAY_S) -> dict[str, Any]:
    """Return the settings of the one crawler of a process."""
    return {
        # Its inner dictionaries too: whoever changes what they got changes nothing for others.
        **deepcopy(_FIXED),
        "USER_AGENT": user_agent(settings.user_agent_contact),
        "DOWNLOAD_DELAY": delay_s,
        "AUTOTHROTTLE_START_DELAY": delay_s,
    }


def user_agent(contact: str) -> str:
    """Return what we call ourselves, with where a site's owner can complain."""
    number = ".".join(version("askwatch").split(".")[:2])
    return f"{PRODUCT}/{number} (+{contact})" if contact else f"{PRODUCT}/{number}"
