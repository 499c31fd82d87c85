"""Languages without a grammar here whose definitions are found by patterns: heads and braces."""

import pytest

from keepsake.scanner.parse.worker import parse_blob
from tests.cpu_time import cpu_under

SOURCES = {
    "protobuf": (
        """syntax = "proto3";
package shop.v1;
import "google/protobuf/any.proto";
import public "shop/price.proto";
// What is sold.
message Order {
  string id = 1;  // message Not { }
  repeated Item items = 2 [deprecated = true];
  map<string, int32> counts = 3;
  enum State { OPEN = 0; }
  message Item {
    int32 amount = 1;
  }
  oneof paid { Card card = 4; }
}
enum Color {
  RED = 0;
}
service Shop {
  rpc Buy(Order) returns (stream Receipt);
  rpc Look (Order) returns (Order) { option (x) = { get: "/v1" }; }
}
extend Order { string more = 100; }
""",
        """
struct Order 6-15
field Order.id 7-7
field Order.items 8-8
field Order.counts 9-9
enum Order.State 10-10
struct Order.Item 11-13
field Order.Item.amount 12-12
field Order.card 14-14
enum Color 16-18
enumerator Color.RED 17-17
interface Shop 19-22
method Shop.Buy 20-20
method Shop.Look 21-21
field Order.more 23-23
""",
        ["google/protobuf/any.proto", "shop/price.proto"],
        ("Order", "What is sold."),
    ),
    "graphql": (
        """# What is sold.
type Order implements Node & Priced @key(fields: "id") {
  id: ID!
  items(
    first: Int = 10 # of all
  ): [Item!]!
}
interface Priced { price: Int }
input OrderInput {
  name: String
}
enum Color { RED GREEN }
union Thing = Order | Item
scalar Date
directive @auth(role: String) on FIELD_DEFINITION
extend type Query {
  order(id: ID!): Order
}
query GetOrder($id: ID!) { order(id: $id) { ...Parts } }
fragment Parts on Order { id }
mutation Buy { buy { id } }
""",
        """
struct Order 2-7
field Order.id 3-3
field Order.items 4-6
interface Priced 8-8
struct OrderInput 9-11
field OrderInput.name 10-10
enum Color 12-12
type Thing 13-13
type Date 14-14
macro auth 15-15
field Query.order 17-17
function GetOrder 19-19
function Parts 20-20
function Buy 21-21
""",
        [],
        ("Order", "What is sold."),
    ),
    "groovy": (
        """import shop.Price
plugins { id 'java' }
// Adds up.
def total(names) {
    return price(names)
}
class Order extends Base {
    int total(List names) {
        if (names) { return price(names) }
    }
    private static def make() { new Order() }
}
interface Sized { int size() }
enum Color { RED }
pipeline { stages { stage('Build') { steps { sh 'make' } } } }
""",
        """
function total 4-6
class Order 7-12
method Order.total 8-10
method Order.make 11-11 hidden
interface Sized 13-13
enum Color 14-14
""",
        [],
        ("total", "Adds up."),
    ),
    "dart": (
        """import 'package:shop/prices.dart' as p;
import 'item.dart' show Item;
/// What is sold.
class Order extends Base with Mix implements Api {
  final int id;
  Order(this.id);
  /// Adds up.
  int total(List<String> names) {
    return price(names);
  }
  Future<Map<String, int>> load() async => fetch((e) => e);
  void _hidden() { total([]); }
  static const limit = 3;
  late Map<String, List<int>> rows;
  const Order.empty({this.id = 0, Map m = const {}}) : super(1);
  factory Order.of(Map j) {
    final local = j;
    Text('x');
    return Order(local['id']);
  }
  String? get name => null;
}
extension type Id(int n) {}
const answers = 42;
mixin Mix on Base {
  void m() {}
}
enum Color { red, green }
extension Twice on String {
  int twice() => 2;
}
typedef Fn = int Function(int);
void main() {
  helper(() => 1);
}
int answer() => 42;
""",
        """
class Order 4-22
field Order.id 5-5
constructor Order.Order 6-6
method Order.total 8-10
method Order.load 11-11
method Order._hidden 12-12 hidden
constant Order.limit 13-13
field Order.rows 14-14
constructor Order.empty 15-15
constructor Order.of 16-20
method Order.name 21-21
class Id 23-23
constant answers 24-24
class Mix 25-27
method Mix.m 26-26
enum Color 28-28
method Twice.twice 30-30
type Fn 32-32
function main 33-35
function answer 36-36
""",
        ["package:shop/prices.dart", "item.dart"],
        ("Order.total", "Adds up."),
    ),
}


@pytest.mark.parametrize("language", SOURCES)
def test_definitions_are_found_by_their_heads(language):
    source, symbols, modules, (name, doc) = SOURCES[language]

    record = parse_blob(source.encode(), language)

    listed = [
        f"{symbol['kind']} {symbol['qualified']} {symbol['line']}-{symbol['end_line']}"
        + ("" if symbol["exported"] else " hidden")
        for symbol in record["symbols"]
        if symbol["kind"] != "chunk"
    ]
    assert listed == symbols.strip().splitlines()
    assert [statement["module"] for statement in record["imports"]] == modules
    assert {s["qualified"]: s["doc"] for s in record["symbols"]}[name] == doc
    assert record["read_as"] == "patterns"
    assert record["unparsed"] == "no grammar"


@pytest.mark.parametrize("language", SOURCES)
@pytest.mark.parametrize(
    "piece",
    [b"message a {\n", b"type a(", b"\n a(", b"a " * 50, b"int f(a) {", b"class ",
     b"\n  a b c d(", b"/* ", b'"""', b"import '"],
)  # fmt: skip
def test_hostile_sources_take_linear_time(language, piece):
    with cpu_under(seconds=2):
        parse_blob((piece + b"\n") * (60_000 // len(piece)), language)
