"""A small source in SQL."""

from tests.unit.scanner.sources.expected import Expected

QUERIES = {
    "sql": Expected(
        """-- Who buys.
CREATE TABLE shop.customer (id int primary key, name text);
CREATE VIEW active AS SELECT count(id) FROM customer;
CREATE INDEX by_name ON customer (name);
CREATE FUNCTION total(a int) RETURNS int AS $$ SELECT a $$ LANGUAGE sql;
CREATE TYPE mood AS ENUM ('sad', 'ok');
""",
        """
table shop.customer 2-2
field shop.customer.id 2-2
field shop.customer.name 2-2
view active 3-3
index by_name 4-4
function total 5-5
type mood 6-6
enumerator mood.sad 6-6
enumerator mood.ok 6-6
""",
        "count@active",
        [],
        ("active", "CREATE VIEW active AS SELECT count(id) FROM customer", ""),
    ),
}  # fmt: skip
