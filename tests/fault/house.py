"""tests/fault/house.py -- the real binary in a folder of its own, a small world in it, and clients who file requests.

    house = House(binary, "sqlite")            # or "postgres": a database of its own in a private cluster
    with house.serving() as server:
        villager = server.client(house.session)
        number = villager.file("text", "token")

Needs nothing but Python's own library. All people are invented.
"""
import contextlib
import http.client
import json
import os
import pathlib
import queue
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOWN, VILLAGE = "500116106000", "500116106200"
PASSWORD = "shui-jing-pang-de-lu"
LISTS = {
    "places": "code,name,kind,parent,valid_from\n500116000000,江津区,district,,2023-01-01\n"
              f"{TOWN},永兴镇,town,500116000000,2023-01-01\n{VILLAGE},黄庄村,village,{TOWN},2023-01-01\n",
    "organisations": f"code,name,kind,place\nyx-building,村镇建设办,department,{TOWN}\n",
    "households": f"household,place,address,head\n{VILLAGE}-0001,{VILLAGE},黄庄村1组1号,p-li\n",
    "people": "person,name,sex,birth,id_number,phone,household,relation,place\n"
              f"p-li,李秀兰,女,1962-03-24,50011619620324856X,19900005838,{VILLAGE}-0001,户主,{VILLAGE}\n"
              f"p-chen,陈静,女,1990-01-01,,,,,{TOWN}\np-zhou,周强,男,1985-01-01,,,,,{TOWN}\n",
    "roles": f"person,role,place,organisation,from\np-li,villager,{VILLAGE},,2024-01-01\n"
             f"p-chen,desk,{TOWN},,2024-01-01\np-zhou,handler,{TOWN},yx-building,2024-01-01\n",
}


class Failed(Exception):
    pass


def check(is_so, words):
    if not is_so:
        raise Failed(words)


class Cluster:
    """A PostgreSQL of our own, which may be stopped without disturbing other tests."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gongzhi-fault.", dir="/tmp") + "/cluster"
        os.chmod(os.path.dirname(self.folder), 0o755)
        script = ROOT / "tests/lib/postgres.sh"
        self.url = subprocess.run([script, "start", self.folder], check=True, capture_output=True, text=True).stdout.strip()
        self.names = 0

    def sql(self, sql, database="postgres"):
        done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", self.address(database), "-c", sql],
                              capture_output=True, text=True)
        check(done.returncode == 0, f"{sql}: {done.stderr}")
        return done.stdout.strip()

    def address(self, database):
        return self.url.replace("/postgres?", f"/{database}?")

    def new(self, template="template0"):
        self.names += 1
        self.sql(f"create database house{self.names} template {template}")
        return f"house{self.names}"

    def control(self, *words):
        command = ["/usr/lib/postgresql/15/bin/pg_ctl", "-D", self.folder + "/data", "-w", *words]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--"] + command
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self):
        subprocess.run([ROOT / "tests/lib/postgres.sh", "stop", self.folder], check=False)
        shutil.rmtree(os.path.dirname(self.folder), ignore_errors=True)


class House:
    def __init__(self, binary, cluster=None, base=None):
        """A copy of BASE, or one made by init, import and the first account, as an administrator would."""
        self.binary, self.cluster = binary, cluster
        self.folder = tempfile.mkdtemp(prefix="gongzhi-fault.", dir="/tmp")
        self.keys, self.files = self.folder + "/keys", self.folder + "/files"
        self.database = self.folder + "/gongzhi.db"
        if base:
            shutil.copytree(base.keys, self.keys)
            self.session = base.session
        if cluster:
            self.database = cluster.new(base.database if base else "template0")
        elif base:
            shutil.copy(base.database, self.database)
        if not base:
            self.make()

    @property
    def url(self):
        return self.cluster.address(self.database) if self.cluster else "sqlite:" + self.database

    def make(self):
        self.run("init", "--host", "gongzhi.example")
        for kind, rows in LISTS.items():
            name = f"{self.folder}/{kind}.csv"
            pathlib.Path(name).write_text(rows)
            self.run("import", kind, name)
        first = self.run("user", "add", "--person", "p-li", "--login", "li").stdout
        with self.serving() as server:
            client, first = server.client(), re.search(r"\w{4}-\w{4}-\w{4}", first).group(0)
            check(client.sign_in("li", first) == "/password", "the first password need not be changed")
            client.change_password(first, PASSWORD)
            self.session = client.session

    def run(self, *words, code=0, options=True):
        """One command with this house's options; its exit code must be CODE."""
        command = [self.binary, *words]
        if options:
            command += ["--db", self.url, "--keys", self.keys, "--files", self.files]
        done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=120)
        check(done.returncode == code, f"{' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    @contextlib.contextmanager
    def serving(self, may_fail=False, limit=None, more=()):
        server = Server(self, limit, more)
        try:
            yield server
        except Exception:
            print(server.log())
            raise
        finally:
            code = server.stop()
        check(may_fail or code in (0, None), f"serve ended with {code}: {server.log()}")

    def count(self, sql="select count(*) from matter"):
        if self.cluster:
            return int(self.cluster.sql(sql, self.database))
        import sqlite3
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as link:
            return link.execute(sql).fetchone()[0]

    def assert_sound(self):
        self.run("verify", "database")

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def environment():
    return {**os.environ, "LC_ALL": "en_US.UTF-8"}


class Server:
    def __init__(self, house, limit, more):
        def prepare():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a full disk is an error, not a death
            if limit:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        self.house = house
        self.errors = tempfile.TemporaryFile("w+")
        command = [house.binary, "serve", "--db", house.url, "--keys", house.keys, "--files", house.files, "--listen",
                   "127.0.0.1:0", "--threads", "2", *more]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors, text=True, env=environment(),
                                        preexec_fn=prepare)
        line = self.process.stdout.readline()
        check(line.startswith("http://"), f"serve says {line!r}: {self.log()}")
        self.port = urllib.parse.urlsplit(line.strip()).port

    def log(self):
        self.errors.seek(0)
        return self.errors.read()

    def client(self, session=None):
        return Client(self.port, session)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit code, or None for one that we killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed("serve does not stop")
        return None if code == -signal.SIGKILL else code


class Client:
    """A program that speaks JSON and keeps the session's cookie."""

    def __init__(self, port, session=None):
        self.port, self.session, self.visit, self.csrf, self.link = port, session, None, None, None

    def send(self, method, path, body=None, accept="application/json"):
        if not self.link:
            self.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Accept": accept}
        cookies = [f"{name}={value}" for name, value in (("session", self.session), ("visit", self.visit)) if value]
        if cookies:
            headers["Cookie"] = "; ".join(cookies)
        if body is not None:
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            self.link.request(method, path, body, headers)
            answer = self.link.getresponse()
            content = answer.read()
        except Exception:
            self.link.close()
            self.link = None
            raise
        for name, value in answer.getheaders():
            found = re.match(r"(session|visit)=([^;]*)", value) if name.lower() == "set-cookie" else None
            if found:
                setattr(self, found.group(1), found.group(2))
        return answer.status, answer.getheader("Location"), content

    def get(self, path):
        status, _, content = self.send("GET", path)
        check(status == 200, f"{path} answered {status}: {content[:300]}")
        return json.loads(content)

    def know_csrf(self):
        self.csrf = self.get("/")["frame"]["csrf"]
        return self

    def sign_in(self, login, password):
        csrf = self.get("/sign-in")["frame"]["csrf"]
        status, where, content = self.send("POST", "/sign-in", {"csrf": csrf, "login": login, "password": password})
        check(status == 303, f"signing in answered {status}: {content[:300]}")
        return where

    def change_password(self, old, new):
        csrf = self.get("/password")["frame"]["csrf"]
        status, _, content = self.send("POST", "/password", {"csrf": csrf, "old": old, "new": new, "again": new})
        check(status == 303, f"changing the password answered {status}: {content[:300]}")

    def try_to_file(self, text, token):
        return self.send("POST", "/requests", {"csrf": self.csrf, "category": "help", "topic": "safety", "text": text,
                                               "token": token})

    def file(self, text, token):
        status, where, content = self.try_to_file(text, token)
        check(status == 303, f"filing answered {status}: {content[:300]}")
        return where.split("/")[2]


class Load:
    """Threads that file one request after another until told to stop; what was answered, and what was not."""

    def __init__(self, server, session, threads=6, name="load"):
        self.server, self.session, self.name = server, session, name
        self.answered, self.refused, self.lost = {}, [], []
        self.enough, self.progress = threading.Event(), queue.Queue()
        self.threads = [threading.Thread(target=self.work, args=(i,)) for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def work(self, which):
        client = self.server.client(self.session)
        try:
            client.know_csrf()
        except Exception:
            return
        for i in range(1_000_000):
            if self.enough.is_set():
                return
            token = f"{self.name}-{which}-{i}"
            try:
                status, where, content = client.try_to_file("路塌了 " + token, token)
            except Exception:
                self.lost.append(token)
                return
            if status == 303:
                self.answered[token] = where.split("/")[2]
                self.progress.put(token)
            else:
                self.refused.append((token, status, content))
                if status != 503:
                    return

    def wait_for(self, count):
        for _ in range(count):
            self.progress.get(timeout=60)

    def join(self):
        self.enough.set()
        for thread in self.threads:
            thread.join(60)
            check(not thread.is_alive(), "a client still waits for its answer")


def assert_answered_are_there(house, load):
    """Every answered request is there with its words, and the whole log is sound."""
    house.assert_sound()
    check(house.count() >= len(load.answered), "answered requests are missing")
    with house.serving() as server:
        client = server.client(house.session)
        for token, number in load.answered.items():
            page = client.get("/requests/" + number)
            check(page["matter"]["text"] == "路塌了 " + token, f"{number} says {page['matter']['text']}, not {token}")


def main(tests):
    """Runs each test on a new copy of a small house, on SQLite and on PostgreSQL."""
    import sys
    import traceback
    binary, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    failed, cluster = 0, Cluster()
    bases = []
    try:
        for kind in ("SQLite", "PostgreSQL"):
            base = House(binary, cluster if kind == "PostgreSQL" else None)
            bases.append(base)
            for test in tests:
                if (wanted and test.__name__ not in wanted) or kind in getattr(test, "without", ()):
                    continue
                house = House(binary, base.cluster, base)
                bases.append(house)
                try:
                    test(house)
                    print(f"ok      {test.__name__} ({kind})", flush=True)
                except Exception:
                    failed += 1
                    traceback.print_exc()
                    print(f"FAILED  {test.__name__} ({kind})", flush=True)
    finally:
        for house in bases:
            house.close()
        cluster.close()
    sys.exit(1 if failed else 0)
