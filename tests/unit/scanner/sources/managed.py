"""Small sources in Java, Kotlin, Scala and C#."""

from tests.unit.scanner.sources.expected import Expected

MANAGED = {
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
enumerator Color.RED 11-11 hidden
class Line 12-12 hidden
field Line.a 12-12 hidden
""",
        "price@Order.total Other@Order.hidden",
        [("shop.prices.PriceList", [])],
        ("Order.total", "public int total(List<String> names)", "Adds up."),
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
fun generic() { of<Int>(1); a?.go<Int>(1, 2); few<Int>() }
""",
        """
class Order 5-9
property Order.id 5-5
method Order.total 7-7
method Order.hidden 8-8 hidden
interface Sink 10-12
method Sink.put 11-11
class Single 13-13
method Single.go 13-13
enum Color 14-14
enumerator Color.RED 14-14
enumerator Color.GREEN 14-14
function top 15-15
type Name 16-16
function generic 17-17
""",
        "price@Order.total helper@top of@generic go@generic few@generic",
        [("shop.prices.PriceList", [])],
        ("Order.total", "fun total(names: List<String>): Int", "Adds up."),
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
def generic = { of[Int](1); a.go[Int](1); new Other[Int](1); new b.Third(1) }
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
enumerator Color.Red 11-11
type Name 12-12
function generic 13-13
""",
        "price@Order.total Order@Single.make of@generic go@generic Other@generic Third@generic",
        [("shop.prices.PriceList", [])],
        ("Order.total", "def total(names: List[String]): Int", "Adds up."),
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
  class Generic { void M() { Get<int>(); a.Got<int>(); new List<int>(); new B.C();
    x?.Go(); x?.Gone<int>(); } }
}
""",
        """
module Shop 2-15
class Shop.Order 4-9
constructor Shop.Order.Order 5-5
method Shop.Order.Total 6-6
method Shop.Order.Hidden 7-7 hidden
property Shop.Order.Count 8-8
interface Shop.ISink 10-10
method Shop.ISink.Put 10-10
struct Shop.Point 11-11
enum Shop.Color 12-12 hidden
enumerator Shop.Color.Red 12-12 hidden
class Shop.Generic 13-14 hidden
method Shop.Generic.M 13-14 hidden
""",
        "Price@Shop.Order.Total Other@Shop.Order.Hidden Get@Shop.Generic.M Got@Shop.Generic.M"
        " List@Shop.Generic.M C@Shop.Generic.M Go@Shop.Generic.M Gone@Shop.Generic.M",
        [("System.Text", [])],
        ("Shop.Order", "public class Order : Base", "What is sold."),
    ),
}  # fmt: skip
