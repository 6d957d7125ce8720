#!/usr/bin/env python3
"""tools/sql.py takes what it should and refuses the rest, naming file and line. usage: test_sql_tool.py ROOT
When this fails: tools/sql.py."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".") / "tools/sql.py"


def run(**files):
    """files: x_sql="…" writes x.sql, x_schema_sql="…" x.schema.sql, y_fragments_sql="…" y.fragments.sql. Returns (code, stderr, header, source)."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        paths = []
        for key, text in files.items():
            path = folder / (key.replace("_schema_sql", ".schema.sql").replace("_fragments_sql", ".fragments.sql").replace("_sql", ".sql"))
            path.write_text(text, encoding="utf-8")
            paths.append(str(path))
        done = subprocess.run([sys.executable, str(TOOL), "--room", "x", "--output", name + "/out", *paths],
                              capture_output=True, text=True, check=False)
        header, source = folder / "out/x_sql.h", folder / "out/x_sql.c"
        return (done.returncode, done.stderr.replace(name + "/", ""),
                header.read_text() if header.exists() else "", source.read_text() if source.exists() else "")


class Taken(unittest.TestCase):
    def test_a_statement_with_comment_and_variant(self):
        code, err, header, source = run(x_sql="-- about\n\n-- name: one\n-- What it is for.\nselect 'a''--b;', \"c\" -- here\n"
                                              " from t where a = $1 and b = $2;\n-- postgres:\nselect $2::text, $1 for update;\n")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("/* What it is for. */\nextern const struct statement sql_one;", header)
        self.assertIn('.sql = "select \'a\'\'--b;\', \\"c\\" from t where a = $1 and b = $2"', source)
        self.assertIn('.postgres = "select $2::text, $1 for update"', source)
        self.assertIn(".parameters = 2", source)
        self.assertIn(".changes = false", source)
        self.assertIn("const int x_sql_count = 1;", source)

    def test_what_changes_is_known(self):
        for sql in ("insert into t values ($1)", "with a as (select 1) insert into t select * from a", "delete from t"):
            self.assertIn(".changes = true", run(x_sql=f"-- name: a\n{sql};\n")[3])
        self.assertIn(".changes = false", run(x_sql="-- name: a\nwith a as (select 1) select * from a;\n")[3])

    def test_fragments(self):
        code, err, header, source = run(y_fragments_sql="-- fragment: columns\n-- y.c: read()\na, b\n-- fragment: unused\nc\n",
                                        x_sql="-- fragment: rows\n\nselect {{columns}}, '{{columns}}' -- why\n  from t\n-- ---- banner\n\n"
                                              "-- name: one\n{{rows}} where a = $1;\n-- postgres:\n{{rows}} where a = $1 for update;\n"
                                              "-- name: two\n-- What for.\nselect {{columns}} from u;\n")
        self.assertEqual((code, err), (0, ""))
        self.assertIn(".sql = \"select a, b, '{{columns}}' from t where a = $1\"", source)
        self.assertIn(".postgres = \"select a, b, '{{columns}}' from t where a = $1 for update\"", source)
        self.assertIn('.sql = "select a, b from u"', source)
        self.assertIn("const int x_sql_count = 2;", source)
        self.assertIn("/* What for. */\nextern const struct statement sql_two;", header)

    def test_the_changed_table_is_known(self):
        for sql in ("insert into t values ($1) on conflict do update set a = 1", "update t set a = (select 1 from u)",
                    "with a as (select 1 from u) delete from t"):
            self.assertIn('.table = "t",', run(x_sql=f"-- name: a\n{sql};\n")[3], sql)
        self.assertNotIn(".table", run(x_sql="-- name: a\nselect 1 from t;\n-- postgres:\nselect 1 from t for update;\n")[3])

    def test_migrations(self):
        code, err, header, source = run(x_schema_sql="-- migration: x-0001\n/* why */\ncreate table t (a bigint) "
                                                     "/*sqlite without rowid*/; -- end\n-- migration: x-0002\ncreate index i on t (a);\n")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("const int x_migration_count = 2;", source)
        self.assertIn("/*sqlite without rowid*/", source)
        self.assertIn("extern const struct migration x_migrations[];", header)


class Refused(unittest.TestCase):
    def refuse(self, text, expected, key="x_sql"):
        code, err, header, _ = run(**{key: text})
        self.assertEqual((code, header), (1, ""), text)
        self.assertIn(expected, err)

    def test_statements(self):
        name = "-- name: a\n"
        for text, expected in (
                (name + "select 1;\n" + name + "select 2;", "x.sql:3: a was named before, at line 1"),
                (name + "select $1, $3;", "x.sql:2: $2 is missing between $1 and $3"),
                (name + "select $2;", "x.sql:2: $1 is missing"),
                (name + "select\n $0;", "x.sql:3: parameters begin at $1"),
                (name + "select $65, " + ", ".join(f"${n}" for n in range(1, 65)) + ";", "x.sql:2: $65: at most $64"),
                (name + "select 1", "x.sql:2: the statement does not end with ';'"),
                (name + "select 1;\nselect 2;", "x.sql:3: something follows"),
                (name + "select\n\n now();", "x.sql:4: now(): time and chance are passed in"),
                (name + "select random ();", "x.sql:2: random()"),
                (name + "select current_timestamp;", "x.sql:2: current_timestamp"),
                (name + "select cast($1 as text)::int;", "x.sql:2: ::"),
                (name + "select ?;", "x.sql:2: ?: parameters are written $1"),
                (name + "select :a;", "x.sql:2: :a: parameters"),
                (name + "insert or ignore into t values (1);", "x.sql:2: insert or"),
                (name + "select a from t for update;", "x.sql:2: for update"),
                (name + "select a from t where b ilike 'x';", "x.sql:2: ilike"),
                (name + "create table t (a);", "x.sql:2: a statement begins with"),
                (name + "select 'a;", "x.sql:2: a quote that is not closed"),
                (name, "x.sql:1: no statement here"),
                ("select 1;", "x.sql:1: SQL before the first header"),
                ("-- name: A b\nselect 1;", "x.sql:1: a name is lower case"),
                ("-- migration: x-0001\nselect 1;", "x.sql:1: -- migration: does not belong"),
                ("-- postgres:\nselect 1;", "x.sql:1: '-- postgres:' follows the statement"),
                (name + "select $1;\n-- postgres:\nselect 1;", "x.sql:3: the variant has $0"),
                (name + "select 1;\n-- postgres:\ndelete from t;", "x.sql:3: the two texts don't change")):
            with self.subTest(text=text):
                self.refuse(text, expected)

    def test_migrations(self):
        name = "-- migration: x-0001\n"
        for text, expected in (
                (name + "create table t (a)", "x.schema.sql:1: the migration does not end"),
                (name + "select 1;\n" + name + "select 2;", "x.schema.sql:3: x-0001 was named before"),
                ("-- migration: first\nselect 1;", "x.schema.sql:1: a migration is named like"),
                (name + "create table t (a bigint default now());", "x.schema.sql:2: now: times are passed in"),
                (name + "\ncreate trigger t;", "x.schema.sql:3: trigger"),
                (name + "begin;", "x.schema.sql:2: begin")):
            with self.subTest(text=text):
                self.refuse(text, expected, "x_schema_sql")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
