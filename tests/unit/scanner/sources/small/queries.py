"""Definitions of one kind each in SQL."""

from tests.unit.scanner.sources.small.source import Small

QUERIES = [
    Small("sql", "CREATE TABLE shop.customer (id int, name text);", """
table shop.customer
field shop.customer.id
field shop.customer.name
"""),
    Small("sql", "CREATE OR REPLACE VIEW active AS SELECT 1;", "view active"),
    Small("sql", "CREATE UNIQUE INDEX by_name ON customer (name);", "index by_name"),
    Small("sql", "CREATE TYPE shop.mood AS ENUM ('sad', 'ok');",
          "type shop.mood\nenumerator shop.mood.sad\nenumerator shop.mood.ok"),
    Small("sql", "CREATE MATERIALIZED VIEW shop.totals AS SELECT 1;", "view shop.totals"),
    Small("sql", "CREATE SCHEMA shop;", "module shop"),
    Small("sql", "CREATE SEQUENCE order_ids;", "variable order_ids"),
    Small("sql", "CREATE TABLE IF NOT EXISTS a (b int PRIMARY KEY, CONSTRAINT c CHECK (b > 0));",
          "table a\nfield a.b"),
    Small("sql", 'CREATE TABLE "Quoted" ("Name" text);', "table Quoted\nfield Quoted.Name"),
    Small("sql", "CREATE FUNCTION shop.total(a int) RETURNS int AS $$ SELECT a $$ LANGUAGE sql;",
          "function shop.total"),
]  # fmt: skip
