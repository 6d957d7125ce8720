"""The figures of bench/run about votes: the archive of an election verified, by us, by libsodium alone, by belenios-tool.

`verify` and `stream` take run's Bench (its folder, rounds, table) and its functions; see bench/README.md for what they mean.
"""
import os
import pathlib
import shutil
import subprocess
import time

POLL_SECONDS = 0.05
AHEAD = ("chrt", "--fifo", "10")


def build_targets():
    return ["bench/make_archive", "bench/limit_verify"]


def archive(bench, group, voters, ballots):
    """Made once for a folder: nothing in it is by chance."""
    file = bench.folder / f"{group}-{voters}-{ballots}.bel"
    if not file.exists():
        bench.say(f"making an archive of {ballots} ballots, {group}")
        part = file.with_suffix(".part")
        with open(part, "wb") as out:
            subprocess.run([bench.build / "bench/make_archive", group, str(voters), str(ballots)], stdout=out, check=True)
        part.rename(file)
        bench.say(f"{file.stat().st_size / 1e6:.1f} MB")
    return file


def anonymous_memory(pid):
    """In bytes; 0 once the process is gone."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def measured(bench, *words, folder=None):
    """CPU and wall seconds of a process, and the most anonymous memory it was seen with."""
    most, began = 0, time.monotonic()
    words = AHEAD + words if bench.asked.ahead else words
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder)
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        most = max(most, anonymous_memory(process.pid))
        time.sleep(POLL_SECONDS if time.monotonic() - began > 1 else 0.002)
    said = process.stderr.read().decode(errors="replace").strip()
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"bench: {words[0]}: {said or process.returncode}")
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": time.monotonic() - began, "memory": most}


def ours(bench, file, threads):
    return measured(bench, bench.gongzhi, "verify", "election", file, "--threads", threads)


def against(bench, name, ballots, rounds, target):
    """Rows of a table: ballots a second of CPU, ours and a peer's."""
    rates = [[ballots / one["cpu"] for one in pair] for pair in rounds]
    bench.table.add(name, f"{bench.median([pair[0] for pair in rates]):.0f}", f"{bench.median([pair[1] for pair in rates]):.0f}",
                    bench.median([pair[0] / pair[1] for pair in rates]), target, most=False)


def verify(bench):
    count = 40 if bench.asked.smoke else 1000
    file = archive(bench, "Ed25519", count, count)
    rounds, walls = [], []
    for _ in range(bench.rounds):
        rounds.append((ours(bench, file, 1), measured(bench, bench.build / "bench/limit_verify", file)))
        walls.append(rounds[-1][0]["wall"] / ours(bench, file, 2)["wall"])
    against(bench, f"{count} Ed25519 ballots of 3 answers verified, a CPU second, beside libsodium alone", count, rounds, bench.target(2.5))
    bench.table.add("the same by two threads beside one, wall", "", "", bench.median(walls), bench.target(1.8), most=False)
    tool = shutil.which("belenios-tool")
    if not tool:
        return
    count = 10 if bench.asked.smoke else 200
    file = archive(bench, "BELENIOS-2048", count, count)
    folder = bench.folder / "belenios"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(file, folder)
    rounds = [(ours(bench, file, 1), measured(bench, tool, "election", "verify", folder=folder)) for _ in range(bench.rounds)]
    against(bench, f"{count} BELENIOS-2048 ballots verified, a CPU second, beside belenios-tool", count, rounds, None)


def stream(bench):
    """Memory for each credential: what a large archive needs more than a small one."""
    small, large = (20, 500) if bench.asked.smoke else (1000, bench.asked.ballots)
    first = ours(bench, archive(bench, "Ed25519", small, small), 2)
    file = archive(bench, "Ed25519", large, large)
    second = ours(bench, file, 2)
    each = (second["memory"] - first["memory"]) / (large - small)
    bench.table.add(f"{large} ballots verified in a stream: anonymous memory for each credential, bytes",
                    f"{second['memory'] / 1e6:.1f} MB", f"{first['memory'] / 1e6:.1f} MB for {small}", each, bench.target(200))
    bench.table.add(f"{large} ballots verified by two threads: seconds", f"{second['wall']:.0f} wall", f"{second['cpu']:.0f} CPU",
                    second["wall"])
