"""Mailpit, an SMTP server that shows what it got; built once with Go."""

from pathlib import Path

from process import answers_http, install, launch, need, wait_until

VERSION = "1.30.5"


def start(root: Path, port: int) -> dict[str, object]:
    """Install once, start SMTP on `port` and its API on the next one."""
    home = root / f"mailpit-{VERSION}"
    program = home / "mailpit"
    if not program.exists():
        go = need("go")
        home.mkdir(parents=True, exist_ok=True)
        module = f"github.com/axllent/mailpit@v{VERSION}"
        install([go, "install", "-ldflags", "-s -w", module], cwd=home, env={"GOBIN": str(home)})
    run = root / "run" / f"mailpit-{port}"
    run.mkdir(parents=True, exist_ok=True)
    log = run / "mailpit.log"
    api_url = f"http://127.0.0.1:{port + 1}"
    listen = ["--smtp", f"127.0.0.1:{port}", "--listen", f"127.0.0.1:{port + 1}"]
    quiet = ["--disable-version-check", "--enable-chaos", "--quiet"]
    process = launch([str(program), *listen, *quiet], log=log, cwd=run)
    wait_until(lambda: answers_http(f"{api_url}/readyz"), process, log=log, patience_s=30)
    return {"address": f"smtp://127.0.0.1:{port}", "api_url": api_url, "pid": process.pid}
