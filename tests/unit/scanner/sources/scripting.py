"""Small sources in Python, Ruby, PHP and Bash."""

from tests.unit.scanner.sources.expected import Expected

SCRIPTING = {
    "python": Expected(
        '''from shop.prices import PriceList, amount as a
import os.path

class Order(Base):
    """What is sold."""

    def total(
        self, names: list[str]
    ) -> int:
        """Adds up."""
        def inner(): pass
        return price(names)

    def _hidden(self): self.total([])

async def top(): helper()

@bare
@a.dotted
@called(1)
def decorated(): pass
''',
        """
class Order 4-14
method Order.total 7-12
function Order.total.inner 11-11 hidden
method Order._hidden 14-14 hidden
function top 16-16
function decorated 21-21
""",
        "price@Order.total total@Order._hidden helper@top bare@decorated dotted@decorated"
        " called@decorated",
        [("shop.prices", ["PriceList", "amount"]), ("os.path", [])],
        ("Order.total", "def total( self, names: list[str] ) -> int", "Adds up."),
    ),
    "ruby": Expected(
        """require "json"
module Shop
  # What is sold.
  class Order < Base
    # Adds up.
    def total(names)
      price(names)
    end
    def self.make
      new
    end
    def _hidden; end
  end
end
""",
        """
module Shop 2-14
class Shop::Order 4-13
method Shop::Order::total 6-8
method Shop::Order::make 9-11
method Shop::Order::_hidden 12-12 hidden
""",
        "require@ new@Shop::Order::make price@Shop::Order::total",
        [("json", [])],
        ("Shop::Order", "class Order < Base", "What is sold."),
    ),
    "php": Expected(
        """<?php
use Shop\\Prices\\PriceList;
/** What is sold. */
class Order extends Base {
    const MAX = 3;
    /** Adds up. */
    public function total(array $names): int { return price($names); }
    private function hidden() { $this->total([]); Foo::bar(); new Thing(); }
}
interface Sink { public function put($x); }
trait Loud { function shout() {} }
enum Color { case Red; }
function top() { helper(); $a?->go(); }
""",
        """
class Order 4-9
constant Order::MAX 5-5
method Order::total 7-7
method Order::hidden 8-8 hidden
interface Sink 10-10
method Sink::put 10-10
trait Loud 11-11
method Loud::shout 11-11
enum Color 12-12
enumerator Color::Red 12-12
function top 13-13
""",
        "price@Order::total total@Order::hidden bar@Order::hidden Thing@Order::hidden helper@top"
        " go@top",
        [("Shop\\Prices\\PriceList", [])],
        ("Order::total", "public function total(array $names): int", "Adds up."),
    ),
    "bash": Expected(
        """#!/bin/bash
source ./lib.sh
# Says hello.
greet() {
  helper "$1"
}
function other { greet x; }
""",
        """
function greet 4-6
function other 7-7
""",
        "source@ helper@greet greet@other",
        [("./lib.sh", [])],
        ("greet", "greet()", "Says hello."),
    ),
}  # fmt: skip
