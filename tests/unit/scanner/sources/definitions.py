"""Small sources of one kind of definition each, with the symbols that a scan finds in them.

A language, a source, and a line for each symbol: KIND QUALIFIED, then `hidden` where outsiders
cannot use it.
"""

from typing import NamedTuple


class Small(NamedTuple):
    language: str
    source: str
    symbols: str


SCRIPTING = [
    Small("python", """import os
MAX_SIZE = 10
timeout: float = 2.5
_cache = {}
first, (second, _third) = 1, (2, 3)
for step in range(3):
    pass
def run():
    local = 1
    return local
""", """
constant MAX_SIZE
variable timeout
variable _cache hidden
variable first
variable second
variable _third hidden
function run
"""),
    Small("python", """from collections import namedtuple
from typing import TypeVar, NamedTuple, NewType
Pair = namedtuple("Pair", ["left", "right"])
Row = NamedTuple("Row", [("id", int)])
T = TypeVar("T", bound=str)
UserId = NewType("UserId", int)
type Names = list[str]
""", """
class Pair
class Row
type T
type UserId
type Names
"""),
    Small("python", """__all__ = ["open_it", "LIMIT"]
LIMIT = 3
OTHER = 4
def open_it():
    def inner(): pass
def close_it(): pass
class Box:
    size = 1
    def lid(self): pass
""", """
constant LIMIT
constant OTHER hidden
function open_it
function open_it.inner hidden
function close_it hidden
class Box hidden
field Box.size hidden
method Box.lid hidden
"""),
    Small("python", """from enum import Enum
class Color(Enum):
    RED = "r"
    def shout(self):
        text = self.value
        return text
class Point:
    x: int
    y: int = 0
try:
    import fast
    SPEED = 2
except ImportError:
    SPEED = 1
""", """
class Color
enumerator Color.RED
method Color.shout
class Point
field Point.x
field Point.y
constant SPEED
constant SPEED
"""),
    Small("ruby", """class Account
  LIMIT = 3
  attr_accessor :name, :owner
  attr_reader :id
  define_method(:go) { 1 }
  alias start go
  alias_method :stop, :halt
end
""", """
class Account
constant Account::LIMIT
property Account::name
property Account::owner
property Account::id
method Account::go
alias Account::start
alias Account::stop
"""),
    Small("ruby", """module A::B::C
  Point = Struct.new(:x, :y) do
    def norm; x end
  end
  class << self
    def make; end
  end
  def open; end
  private
  def hidden; end
  attr_writer :secret
  public
  def shown; end
  def later; end
  private :later
  private def own; end
end
""", """
module A::B::C
class A::B::C::Point
property A::B::C::Point::x
property A::B::C::Point::y
method A::B::C::Point::norm
method A::B::C::make
method A::B::C::open
method A::B::C::hidden hidden
property A::B::C::secret hidden
method A::B::C::shown
method A::B::C::later hidden
method A::B::C::own hidden
"""),
    Small("php", """<?php
namespace Acme\\Mail;
const VERSION = '1.0';
define('DEBUG', true);
abstract class Sender {
    private const RETRIES = 3, WAIT = 2;
    public string $host = 'a';
    protected static $port, $path;
    public function __construct(private int $id, public readonly array $tags = []) {}
    abstract protected function send(): void;
}
""", """
constant VERSION
constant DEBUG
class Sender
constant Sender::RETRIES hidden
constant Sender::WAIT hidden
property Sender::host
property Sender::port hidden
property Sender::path hidden
method Sender::__construct
property Sender::id hidden
property Sender::tags
method Sender::send hidden
"""),
    Small("php", """<?php
enum Suit: string {
    case Hearts = 'H';
    case Spades = 'S';
    const Wild = self::Spades;
    public function label(): string { return ''; }
}
interface HasName { const MAX = 1; public function name(); }
function outer() { function inner() {} }
""", """
enum Suit
enumerator Suit::Hearts
enumerator Suit::Spades
constant Suit::Wild
method Suit::label
interface HasName
constant HasName::MAX
method HasName::name
function outer
function outer::inner hidden
"""),
    Small("bash", """#!/bin/bash
export PATH_TO_TOOL=/opt/tool
readonly LIMIT=3
declare -r OTHER=4
plain=5
alias ll='ls -l'
run() { local inside=1; helper; }
""", """
variable PATH_TO_TOOL
constant LIMIT
constant OTHER
variable plain
alias ll
function run
"""),
    Small("python", """def retry(times: int):
    count = 0
    class Local:
        size = 1
        def step(self): pass
    return Local
if __name__ == "__main__":
    DEBUG = True
    def main(): pass
""", """
function retry
class retry.Local hidden
field retry.Local.size hidden
method retry.Local.step hidden
constant DEBUG
function main
"""),
]  # fmt: skip

BROWSER = [
    Small("typescript", """export const client = new Builder().build();
const hidden = 1;
export let counter = 0, total = 1;
export const { a, b: c } = slice.actions;
function f() { const local = 1; return () => { let deep = 2; }; }
""", """
constant client
constant hidden hidden
variable counter
variable total
constant a
constant c
function f hidden
"""),
    Small("typescript", """export { A as B } from './x';
export { default as Button } from './Button';
export * as tools from './tools';
const one = 1;
export { one as uno };
export * from './all';
""", """
alias B
alias Button
alias tools
constant one
alias uno
"""),
    Small("tsx", """export const Button = React.memo(function Button(props) { return null; });
const Input = forwardRef<Ref, Props>((props, ref) => { const id = useId(); return null; });
export const Row = styled.div`color: red`;
export const Lazy = React.lazy(() => import('./x'));
""", """
function Button
function Input hidden
constant Row
constant Lazy
"""),
    Small("javascript", """const api = { load() {}, save: () => 1, retries: 3, nested: { deep() {} } };
module.exports = function createApp() { function inner() {} };
exports.version = '1';
exports.start = function () {};
""", """
constant api hidden
method api.load hidden
method api.save hidden
property api.retries hidden
property api.nested hidden
method api.nested.deep hidden
function createApp
function createApp.inner hidden
variable version
function start
"""),
    Small("javascript", """class Shape {
  static count = 0;
  #secret = 1;
  get area() { return 1; }
  set area(v) {}
  static make() {}
  handle = () => {};
}
const Named = class { run() {} };
emitter.on('x', function onEvent() {});
Shape.prototype.draw = function () {};
""", """
class Shape hidden
field Shape.count hidden
field Shape.#secret hidden
method Shape.area hidden
method Shape.area hidden
method Shape.make hidden
method Shape.handle hidden
class Named hidden
method Named.run hidden
function onEvent hidden
method Shape.draw hidden
"""),
    Small("typescript", """export interface Options { readonly retries?: number; wait(): void; on: (x: string) => void }
export type Shape = { kind: 'a'; size: number };
export enum Level { Low = 1, High, 'very-high' }
declare const VERSION: string;
declare module 'lib' { export function go(): void; }
""", """
interface Options
property Options.retries
method Options.wait
property Options.on
type Shape
property Shape.kind
property Shape.size
enum Level
enumerator Level.Low
enumerator Level.High
enumerator Level.very-high
constant VERSION
module lib
function lib.go
"""),
    Small("typescript", """export abstract class Repo {
  constructor(private readonly db: Db, public name: string, plain: number) {}
  protected items: string[] = [];
  static readonly limit = 3;
  abstract find(id: string): void;
  save(x: string): void;
  save(x: number): void;
  save(x: any): void {}
}
""", """
class Repo
method Repo.constructor
field Repo.db hidden
field Repo.name
field Repo.items hidden
field Repo.limit
method Repo.find
method Repo.save
method Repo.save
method Repo.save
"""),
    Small("typescript", """export namespace Outer.Inner {
  export const size = 1;
  const own = 2;
  export function go() {}
}
export function over(a: string): void;
export function over(a: any) {}
export type Id = string;
""", """
module Outer.Inner
constant Outer.Inner.size
constant Outer.Inner.own hidden
function Outer.Inner.go
function over
function over
type Id
"""),
    Small("javascript", """const fs = require('fs');
const { join } = require('path');
var settings = { debug: true };
let state;
if (settings.debug) { const inside = 1; }
module.exports = { settings, run() {}, stop: function () {} };
""", """
variable settings
property settings.debug
variable state hidden
method run
method stop
"""),
    Small("typescript", """@Injectable()
export class Service {
  @Input() name = '';
  @Output()
  changed = new EventEmitter();
  @HostListener('click')
  onClick() {}
}
export default () => 1;
""", """
class Service
field Service.name
field Service.changed
method Service.onClick
function default
"""),
]  # fmt: skip

NATIVE = [
    Small("c", """int counter = 0;
static const char *names[] = {"a"}, *other;
extern int declared;
int prototype(int x);
struct point { int x, y; struct { int deep; } in; int (*call)(int); unsigned flag : 1; };
void run(void) { int local = 1; }
""", """
variable counter
variable names hidden
variable other hidden
struct point
field point.x
field point.y
field point.in
field point.in.deep
field point.call
field point.flag
function run
"""),
    Small("c", """typedef enum { LOW, HIGH = 4 } level_t;
enum color { RED, GREEN };
typedef struct node { struct node *next; } node_t, *node_ptr;
typedef int (*handler)(void *);
union value { int i; float f; };
#define LIMIT 3
#define SQUARE(x) ((x) * (x))
""", """
type level_t
enumerator level_t.LOW
enumerator level_t.HIGH
enum color
enumerator color.RED
enumerator color.GREEN
type node_t
type node_ptr
struct node
field node.next
type handler
struct value
field value.i
field value.f
macro LIMIT
macro SQUARE
"""),
    Small("cpp", """namespace a::b {
class Box {
  int hidden_;
 public:
  static const int kMax = 3;
  int get() const { return 1; }
 protected:
  void grow();
 private:
  struct Part { int n; };
};
struct Open { int x; private: int y; };
enum class Mode { On, Off };
constexpr int kLimit = 3;
static int counter;
}
""", """
module a::b
class a::b::Box
field a::b::Box::hidden_ hidden
field a::b::Box::kMax
method a::b::Box::get
method a::b::Box::grow hidden
struct a::b::Box::Part hidden
field a::b::Box::Part::n hidden
struct a::b::Open
field a::b::Open::x
field a::b::Open::y hidden
enum a::b::Mode
enumerator a::b::Mode::On
enumerator a::b::Mode::Off
variable a::b::kLimit
variable a::b::counter hidden
"""),
    Small("cpp", """template <class T> struct Stack { using value_type = T; T *items; friend class Peer; };
template <class T> T Stack<T>::top() { T local; return local; }
int Counter::total = 0;
namespace { int inner = 1; }
bool operator==(const A& a, const B& b) { return true; }
union Value { int i; };
""", """
struct Stack
type Stack::value_type
field Stack::items
method Stack::top
variable Counter::total
variable inner hidden
function operator==
struct Value
field Value::i
"""),
    Small("go", """package shop
var ErrGone = errors.New("gone")
var (
	first, second = 1, 2
	Third int
)
const (
	A = iota
	b
)
func run() { local := 1; var other int; const inner = 2; _ = local }
""", """
variable ErrGone
variable first hidden
variable second hidden
variable Third
constant A
constant b hidden
function run hidden
"""),
    Small("go", """package shop
type Order struct {
	ID, count int
	*Base
	pkg.Mixin
	Inner struct{ Deep int }
}
type Names = []string
type Sink interface{ Put(x int); fmt.Stringer }
func (o *Order) total() {}
func (s *Stack[T]) Push(x T) {}
""", """
struct Order
field Order.ID
field Order.count hidden
field Order.Base
field Order.Mixin
field Order.Inner
field Order.Inner.Deep
type Names
interface Sink
method Sink.Put
method Order.total hidden
method Stack.Push
"""),
    Small("rust", """mod net;
pub mod inner { pub const LIMIT: u32 = 3; pub(crate) static NAME: &str = ""; }
pub enum Shape { Circle { radius: f32 }, Square(f32), Empty }
pub struct Point { pub x: i32, y: i32 }
pub struct Wrap(pub u32);
macro_rules! hello { () => {} }
pub use a::b as c;
""", """
module net hidden
module inner
constant inner::LIMIT
constant inner::NAME hidden
enum Shape
enumerator Shape::Circle
field Shape::Circle::radius
enumerator Shape::Square
enumerator Shape::Empty
struct Point
field Point::x
field Point::y hidden
struct Wrap
macro hello hidden
alias c
"""),
    Small("rust", """impl Display for Point { fn fmt(&self) -> Result { let x = 1; fn helper() {} Ok(()) } }
impl<T> Stack<T> { pub fn push(&mut self) {} fn grow(&mut self) {} const CAP: usize = 1; }
pub trait Draw { const N: u32; type Out; fn draw(&self); }
trait Own { fn own(&self); }
#[macro_export]
macro_rules! shout { () => {} }
""", """
method Point::fmt
function Point::fmt::helper hidden
method Stack::push
method Stack::grow hidden
constant Stack::CAP hidden
trait Draw
constant Draw::N
type Draw::Out
method Draw::draw
trait Own hidden
method Own::own hidden
macro shout
"""),
    Small("swift", """public struct Point {
  public var x = 0, y = 0
  private let secret: Int
  static let origin = Point()
  subscript(i: Int) -> Int { i }
  deinit {}
}
enum Suit: String { case hearts, spades; case other(Int) }
let limit = 3
var (a, b) = (1, 2)
func f() { let local = 1 }
""", """
struct Point
property Point.x
property Point.y
property Point.secret hidden
property Point.origin
method Point.subscript
method Point.deinit
enum Suit
enumerator Suit.hearts
enumerator Suit.spades
enumerator Suit.other
constant limit
variable a
variable b
function f
"""),
    Small("swift", """extension Array where Element: Equatable {
  var last: Element? { nil }
  private func own() {}
}
protocol Sink { var size: Int { get }; associatedtype Item; func put(_ x: Item) }
infix operator **
actor Counter { var n = 0 }
""", """
property Array.last
method Array.own hidden
interface Sink
property Sink.size
type Sink.Item
method Sink.put
class Counter
property Counter.n
"""),
]  # fmt: skip

MANAGED = [
    Small("java", """package acme;
public class Box<T> {
    public static final int MAX = 3, MIN = 1;
    private final Map<String, List<T>> items = new HashMap<>();
    int count;
    static { int local = 1; }
    public void run() { int local = 1; class Local {} }
}
""", """
class Box
constant Box.MAX
constant Box.MIN
field Box.items hidden
field Box.count hidden
method Box.run
class Box.run.Local hidden
"""),
    Small("java", """public enum Level {
    LOW(1), HIGH(2) { int extra() { return 1; } };
    private final int n;
    Level(int n) { this.n = n; }
}
interface Limits { int MAX = 3; void go(); default void run() {} }
public @interface Marker { String value() default ""; }
public record Pair(int left, String right) {}
""", """
enum Level
enumerator Level.LOW
enumerator Level.HIGH
method Level.HIGH.extra hidden
field Level.n hidden
constructor Level.Level hidden
interface Limits hidden
constant Limits.MAX hidden
method Limits.go hidden
method Limits.run hidden
interface Marker
method Marker.value
class Pair
field Pair.left
field Pair.right
"""),
    Small("csharp", """namespace Acme.Json {
  public class Box {
    public const int Max = 3;
    private readonly int a, b;
    public event EventHandler Changed;
    public int Count { get; private set; }
    public int this[int i] => i;
    public static Box operator +(Box x, Box y) => x;
    ~Box() {}
    internal void Own() { void Local() {} }
  }
}
""", """
module Acme.Json
class Acme.Json.Box
constant Acme.Json.Box.Max
field Acme.Json.Box.a hidden
field Acme.Json.Box.b hidden
field Acme.Json.Box.Changed
property Acme.Json.Box.Count
property Acme.Json.Box.this
method Acme.Json.Box.operator +
method Acme.Json.Box.~Box hidden
method Acme.Json.Box.Own hidden
method Acme.Json.Box.Own.Local hidden
"""),
    Small("csharp", """using Names = System.Collections.Generic.List<string>;
namespace Acme;
public enum Color { Red, Green = 2 }
public interface ISink { int Size { get; } void Put(int x); }
public record Pair(int Left, string Right);
public delegate void Done(int x);
public record struct Spot { public int X; }
""", """
alias Names
enum Color
enumerator Color.Red
enumerator Color.Green
interface ISink
property ISink.Size
method ISink.Put
class Pair
property Pair.Left
property Pair.Right
type Done
struct Spot
field Spot.X
"""),
    Small("kotlin", """package acme
const val MAX = 3
val names = listOf("a")
private var count = 0
val String.size2: Int get() = 1
typealias Id = String
fun run() {
    val local = 1
    fun inner() {}
}
""", """
constant MAX
variable names
variable count hidden
variable size2
type Id
function run
function run.inner hidden
"""),
    Small("kotlin", """class Account(val id: Int, private var name: String, plain: Int) {
    internal val own = 1
    lateinit var late: String
    companion object {
        const val LIMIT = 3
        fun create() {}
    }
    protected fun hide() {}
}
enum class Color(val rgb: Int) {
    RED(1),
    GREEN(2);
    fun dark() {}
}
""", """
class Account
property Account.id
property Account.name hidden
property Account.own hidden
property Account.late
class Account.Companion
constant Account.Companion.LIMIT
method Account.Companion.create
method Account.hide hidden
enum Color
property Color.rgb
enumerator Color.RED
enumerator Color.GREEN
method Color.dark
"""),
    Small("scala", """package acme
object Limits {
  val Max = 3
  private var count = 0
  lazy val slow: Int = 1
  type Id = String
  def run(): Unit = { val local = 1; def inner() = 2 }
}
class Point(val x: Int, var y: Int, z: Int)
case class Pair(left: Int, right: String)
""", """
class Limits
property Limits.Max
property Limits.count hidden
property Limits.slow
type Limits.Id
method Limits.run
function Limits.run.inner hidden
class Point
property Point.x
property Point.y
class Pair
property Pair.left
property Pair.right
"""),
    Small("scala", """enum Color { case Red, Green; case Other(n: Int) }
trait Sink { val size: Int; def put(x: Int): Unit; protected def own: Int }
given intOrd: Ordering[Int] with { def compare(x: Int, y: Int): Int = 0 }
val top = 1
extension (s: String) def shout: String = s
""", """
enum Color
enumerator Color.Red
enumerator Color.Green
enumerator Color.Other
trait Sink
property Sink.size
method Sink.put
method Sink.own hidden
constant intOrd
method intOrd.compare
constant top
function shout
"""),
    Small("java", """class Outer {
    private static class Inner { public int seen; public void go() {} }
    public Runnable r = new Runnable() { public void run() { int x; } };
    public interface Api { void call(); }
}
""", """
class Outer hidden
class Outer.Inner hidden
field Outer.Inner.seen hidden
method Outer.Inner.go hidden
field Outer.r hidden
method Outer.r.run hidden
interface Outer.Api hidden
method Outer.Api.call hidden
"""),
    Small("csharp", """public static class Ext {
  public static int Twice(this int x) => x * 2;
  private protected int own;
  protected internal int Shared { get; set; }
  public int Plain { get; }
  class Nested { public int Seen; }
}
""", """
class Ext
method Ext.Twice
field Ext.own hidden
property Ext.Shared hidden
property Ext.Plain
class Ext.Nested hidden
field Ext.Nested.Seen hidden
"""),
]  # fmt: skip

QUERIES = [
    Small("sql", "CREATE TABLE shop.customer (id int, name text);", """
table shop.customer
field shop.customer.id
field shop.customer.name
"""),
    Small("sql", "CREATE OR REPLACE VIEW active AS SELECT 1;", "view active"),
    Small("sql", "CREATE UNIQUE INDEX by_name ON customer (name);", "index by_name"),
    Small("sql", "CREATE TYPE shop.mood AS ENUM ('sad', 'ok');", "type shop.mood"),
    Small("sql", "CREATE MATERIALIZED VIEW shop.totals AS SELECT 1;", "view shop.totals"),
    Small("sql", "CREATE SCHEMA shop;", "module shop"),
    Small("sql", "CREATE SEQUENCE order_ids;", "variable order_ids"),
    Small("sql", "CREATE TABLE IF NOT EXISTS a (b int PRIMARY KEY, CONSTRAINT c CHECK (b > 0));",
          "table a\nfield a.b"),
    Small("sql", 'CREATE TABLE "Quoted" ("Name" text);', "table Quoted\nfield Quoted.Name"),
    Small("sql", "CREATE FUNCTION shop.total(a int) RETURNS int AS $$ SELECT a $$ LANGUAGE sql;",
          "function shop.total"),
]  # fmt: skip

SMALL = [*SCRIPTING, *BROWSER, *NATIVE, *MANAGED, *QUERIES]
