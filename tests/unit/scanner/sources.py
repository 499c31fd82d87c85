"""A small source in each language, with what a scan has to find in it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    source: str
    symbols: str
    """A line each: KIND QUALIFIED FIRST-LAST, then `hidden` where outsiders cannot use it."""
    calls: str
    """NAME@SYMBOL, separated by spaces; @ alone for the top of the file."""
    imports: list[tuple[str, list[str]]]
    about: tuple[str, str, str]
    """A qualified name, its signature and its documentation."""


SOURCES = {
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
''',
        """
class Order 4-14
method Order.total 7-12
function Order.total.inner 11-11
method Order._hidden 14-14 hidden
function top 16-16
""",
        "price@Order.total total@Order._hidden helper@top",
        [("shop.prices", ["PriceList", "amount"]), ("os.path", [])],
        ("Order.total", "def total( self, names: list[str] ) -> int", "Adds up."),
    ),
    "javascript": Expected(
        """import { PriceList, amount as a } from "./prices.js";
const fs = require("fs");
/** What is sold. */
export class Order extends Base {
  /** Adds up. */
  total(names) { return price(names); }
  #hidden() { new Other(); }
  arrow = () => 1;
}
export function top() { helper(); }
const inner = (x) => x;
""",
        """
class Order 4-9
method Order.total 6-6
method Order.#hidden 7-7 hidden
method Order.arrow 8-8
function top 10-10
function inner 11-11 hidden
""",
        "require@ price@Order.total Other@Order.#hidden helper@top",
        [("./prices.js", ["PriceList", "amount"]), ("fs", [])],
        ("Order.total", "total(names)", "Adds up."),
    ),
    "typescript": Expected(
        """import { PriceList } from "./prices";
/** What is sold. */
export class Order extends Base {
  constructor(private id: number) { super(); }
  total(names: string[]): number { return price(names); }
  private hidden(): void {}
}
export interface Sink { put(x: number): void }
export enum Color { Red }
export type Name = string;
export const arrow = (x: number) => x;
function local() {}
""",
        """
class Order 3-7
method Order.constructor 4-4
method Order.total 5-5
method Order.hidden 6-6 hidden
interface Sink 8-8
method Sink.put 8-8
enum Color 9-9
type Name 10-10
function arrow 11-11
function local 12-12 hidden
""",
        "price@Order.total",
        [("./prices", ["PriceList"])],
        ("Order", "class Order extends Base", "What is sold."),
    ),
    "tsx": Expected(
        """import React from "react";
// The shop.
export function Shop(props: Props) { return <div>{total(props)}</div>; }
""",
        """
function Shop 3-3
""",
        "total@Shop",
        [("react", [])],
        ("Shop", "function Shop(props: Props)", "The shop."),
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
""",
        """
struct Order 9-9
method Order.Total 12-12
function hidden 14-14 hidden
interface Sink 16-16
method Sink.Put 16-16
type Kind 17-17
constant Max 18-18
""",
        "price@Order.Total Println@hidden",
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
method Order::total 7-7
method Order::hidden 8-8 hidden
trait Sink 10-10
method Sink::put 10-10
enum Color 11-11 hidden
module inner 12-12 hidden
function inner::f 12-12
constant MAX 13-13 hidden
""",
        "price@Order::total println@Order::hidden go@Order::hidden",
        [("shop::prices", ["PriceList", "amount"])],
        ("Order", "pub struct Order", "What is sold."),
    ),
    "java": Expected(
        """package shop;
import shop.prices.PriceList;
/** What is sold. */
public class Order extends Base {
    public Order(int id) {}
    /** Adds up. */
    public int total(List<String> names) { return price(names); }
    private void hidden() { new Other(); }
}
public interface Sink { void put(int x); }
enum Color { RED }
record Line(int a) {}
""",
        """
class Order 4-9
constructor Order.Order 5-5
method Order.total 7-7
method Order.hidden 8-8 hidden
interface Sink 10-10
method Sink.put 10-10
enum Color 11-11 hidden
class Line 12-12 hidden
""",
        "price@Order.total Other@Order.hidden",
        [("shop.prices.PriceList", [])],
        ("Order.total", "public int total(List<String> names)", "Adds up."),
    ),
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
type name_t 4-4
enum color 5-5
function total 7-7
function hidden 8-8 hidden
macro MAX 9-9
""",
        "price@total",
        [("stdio.h", [])],
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
""",
        "price@shop::Order::total helper@shop::Order::declared",
        [("prices.h", [])],
        ("shop::Order::total", "int total(int names)", "Adds up."),
    ),
    "csharp": Expected(
        """using System.Text;
namespace Shop {
  // What is sold.
  public class Order : Base {
    public Order(int id) {}
    public int Total(string[] names) { return Price(names); }
    private void Hidden() { new Other(); }
    public int Count { get; set; }
  }
  public interface ISink { void Put(int x); }
  public struct Point { }
  enum Color { Red }
}
""",
        """
module Shop 2-13
class Shop.Order 4-9
constructor Shop.Order.Order 5-5
method Shop.Order.Total 6-6
method Shop.Order.Hidden 7-7 hidden
property Shop.Order.Count 8-8
interface Shop.ISink 10-10
method Shop.ISink.Put 10-10
struct Shop.Point 11-11
enum Shop.Color 12-12 hidden
""",
        "Price@Shop.Order.Total Other@Shop.Order.Hidden",
        [("System.Text", [])],
        ("Shop.Order", "public class Order : Base", "What is sold."),
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
        "require@ price@Shop::Order::total",
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
function top() { helper(); }
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
function top 13-13
""",
        "price@Order::total total@Order::hidden bar@Order::hidden Thing@Order::hidden helper@top",
        [("Shop\\Prices\\PriceList", [])],
        ("Order::total", "public function total(array $names): int", "Adds up."),
    ),
    "kotlin": Expected(
        """package shop
import shop.prices.PriceList

/** What is sold. */
class Order(val id: Int) : Base() {
    /** Adds up. */
    fun total(names: List<String>): Int { return price(names) }
    private fun hidden() {}
}
interface Sink {
    fun put(x: Int)
}
object Single { fun go() {} }
enum class Color { RED, GREEN }
fun top(a: Int) = helper(a)
typealias Name = String
""",
        """
class Order 5-9
method Order.total 7-7
method Order.hidden 8-8 hidden
interface Sink 10-12
method Sink.put 11-11
class Single 13-13
method Single.go 13-13
enum Color 14-14
function top 15-15
type Name 16-16
""",
        "price@Order.total helper@top",
        [("shop.prices.PriceList", [])],
        ("Order.total", "fun total(names: List<String>): Int", "Adds up."),
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
    "scala": Expected(
        """package shop
import shop.prices.PriceList
/** What is sold. */
class Order(id: Int) extends Base {
  /** Adds up. */
  def total(names: List[String]): Int = price(names)
  private def hidden(): Unit = ()
}
trait Sink { def put(x: Int): Unit }
object Single { def make = new Order(1) }
enum Color { case Red }
type Name = String
""",
        """
class Order 4-8
method Order.total 6-6
method Order.hidden 7-7 hidden
trait Sink 9-9
method Sink.put 9-9
class Single 10-10
method Single.make 10-10
enum Color 11-11
type Name 12-12
""",
        "price@Order.total Order@Single.make",
        [("shop.prices.PriceList", [])],
        ("Order.total", "def total(names: List[String]): Int", "Adds up."),
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
view active 3-3
index by_name 4-4
function total 5-5
type mood 6-6
""",
        "count@active",
        [],
        ("active", "CREATE VIEW active AS SELECT count(id) FROM customer", ""),
    ),
}  # fmt: skip
