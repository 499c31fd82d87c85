"""Definitions of one kind each in C, C++, Go, Rust and Swift."""

from tests.unit.scanner.sources.small.source import Small

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
    Small("cpp", """template <class T> struct Stack {
  using value_type = T; T *items; friend class Peer;
};
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
	A, C = iota, 2
	b
)
func run() { local := 1; var other int; const inner = 2; _ = local }
""", """
variable ErrGone
variable first hidden
variable second hidden
variable Third
constant A
constant C
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
    Small("rust", """impl Display for Point {
  fn fmt(&self) -> Result { let x = 1; fn helper() {} Ok(()) }
}
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
    Small("go", """package shop
func (s *Rack[K, _]) Put(k K) {}
func (Rack[K, V]) Take() {}
func ( s * Rack[K,V] ) count() {}
""", """
method Rack.Put
method Rack.Take
method Rack.count hidden
"""),
    Small("rust", """thread_local! { static DEPTH: Cell<u8> = Cell::new(0); }
lazy_static! {
    pub static ref NAMES: Vec<&'static str> = vec![];
}
""", """
constant DEPTH hidden
constant NAMES
"""),
    Small("swift", """public macro checked<T>(_ v: T) -> T = #externalMacro(module: "M", type: "C")
""", """
macro checked
"""),
    Small("cpp", """namespace shop::inline v2 { struct Till {}; }
int (Till::*counter)(int) = &Till::count;
""", """
module shop::v2
struct shop::v2::Till
variable counter
"""),
]  # fmt: skip
