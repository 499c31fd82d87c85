"""Small sources in C, C++, Go, Rust and Swift."""

from tests.unit.scanner.sources.expected import Expected

NATIVE = {
    "c": Expected(
        """#include <stdio.h>
/* What is sold. */
struct order { int id; };
typedef int name_t;
enum color { RED };
/* Adds up. */
int total(int n) { return price(n); }
static int *hidden(void) { return 0; }
#define MAX 3
""",
        """
struct order 3-3
field order.id 3-3
type name_t 4-4
enum color 5-5
enumerator color.RED 5-5
function total 7-7
function hidden 8-8 hidden
macro MAX 9-9
""",
        "price@total",
        [("<stdio.h>", [])],
        ("total", "int total(int n)", "Adds up."),
    ),
    "cpp": Expected(
        """#include "prices.h"
namespace shop {
// What is sold.
class Order : public Base {
 public:
  Order(int id);
  // Adds up.
  int total(int names) { return price(names); }
  int declared() const;
};
template <typename T> T twice(T a) { return a; }
using Name = int;
}
int shop::Order::declared() const { return helper(); }
static int hidden() { return 1; }
void generic() {
  of<int>(); std::make_unique<T>(1); a.get<int>(); a->got<int>(); b::c::deep(); new b::Thing<int>();
}
""",
        """
module shop 2-13
class shop::Order 4-10
method shop::Order::Order 6-6
method shop::Order::total 8-8
method shop::Order::declared 9-9
function shop::twice 11-11
type shop::Name 12-12
method shop::Order::declared 14-14
function hidden 15-15 hidden
function generic 16-18
""",
        "price@shop::Order::total helper@shop::Order::declared of@generic make_unique@generic"
        " get@generic got@generic deep@generic Thing@generic",
        [("prices.h", [])],
        ("shop::Order::total", "int total(int names)", "Adds up."),
    ),
    "go": Expected(
        """package shop

import (
	"fmt"
	prices "shop/prices"
)

// Order is what is sold.
type Order struct{ ID int }

// Total adds up.
func (o *Order) Total(names []string) int { return price(names) }

func hidden() { fmt.Println(1) }

type Sink interface{ Put(x int) }
type Kind int
const Max = 3
func generic() { Of[int](x); p.Go[int](x, y); Few[int, string](); p.Gone[[]int](x) }
""",
        """
struct Order 9-9
field Order.ID 9-9
method Order.Total 12-12
function hidden 14-14 hidden
interface Sink 16-16
method Sink.Put 16-16
type Kind 17-17
constant Max 18-18
function generic 19-19 hidden
""",
        "price@Order.Total Println@hidden Of@generic Go@generic Few@generic Gone@generic",
        [("fmt", []), ("shop/prices", [])],
        ("Order.Total", "func (o *Order) Total(names []string) int", "Total adds up."),
    ),
    "rust": Expected(
        """use shop::prices::{PriceList, amount};
/// What is sold.
#[derive(Debug)]
pub struct Order { id: u32 }
impl Order {
    /// Adds up.
    pub fn total(&self, n: u32) -> u32 { price(n) }
    fn hidden() { println!("x"); self::go() }
}
pub trait Sink { fn put(&self); }
enum Color { Red }
mod inner { pub fn f() {} }
const MAX: u32 = 3;
""",
        """
struct Order 4-4
field Order::id 4-4 hidden
method Order::total 7-7
method Order::hidden 8-8 hidden
trait Sink 10-10
method Sink::put 10-10
enum Color 11-11 hidden
enumerator Color::Red 11-11 hidden
module inner 12-12 hidden
function inner::f 12-12
constant MAX 13-13 hidden
""",
        "price@Order::total println@Order::hidden go@Order::hidden",
        [("shop::prices", ["PriceList", "amount"])],
        ("Order", "pub struct Order", "What is sold."),
    ),
    "swift": Expected(
        """import Foundation
/// What is sold.
public class Order: Base {
    init(id: Int) {}
    /// Adds up.
    func total(names: [String]) -> Int { return price(names) }
    private func hidden() {}
}
struct Point { func norm() -> Double { return sqrt(1) } }
enum Color { case red }
protocol Sink { func put(x: Int) }
extension Order { func more() {} }
func top() { helper(); a.b() }
typealias Name = String
""",
        """
class Order 3-8
constructor Order.init 4-4
method Order.total 6-6
method Order.hidden 7-7 hidden
struct Point 9-9
method Point.norm 9-9
enum Color 10-10
enumerator Color.red 10-10
interface Sink 11-11
method Sink.put 11-11
method Order.more 12-12
function top 13-13
type Name 14-14
""",
        "price@Order.total sqrt@Point.norm helper@top b@top",
        [("Foundation", [])],
        ("Order.total", "func total(names: [String]) -> Int", "Adds up."),
    ),
}  # fmt: skip
