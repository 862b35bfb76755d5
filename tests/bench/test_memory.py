import os
import subprocess
import sys

from bench.memory import MemoryWatch, list_family, read_sizes


def test_children_belong_to_the_family_and_are_named() -> None:
    code = "import sys; print('ready', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in list_family([os.getpid()])
        watch = MemoryWatch([os.getpid()], names={child.pid: "nlp"})
        watch.look()
        child.communicate()
    memory = watch.result("embedded")
    assert memory.rss_mb["nlp"] > 1
    assert 0 < memory.pss_mb["nlp"] <= memory.rss_mb["nlp"]
    assert memory.rss_mb["supervisor"] > 1


def test_a_process_that_is_gone_holds_nothing() -> None:
    assert read_sizes(2**22 + 1) == (0, 0)
