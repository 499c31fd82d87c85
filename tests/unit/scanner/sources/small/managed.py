"""Definitions of one kind each in Java, Kotlin, Scala and C#."""

from tests.unit.scanner.sources.small.source import Small

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
alias Names hidden
enum Color
enumerator Color.Red
enumerator Color.Green
interface ISink
property ISink.Size
method ISink.Put
class Pair
field Pair.Left
field Pair.Right
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
constant names
variable count hidden
constant size2
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
field Pair.left
field Pair.right
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
    Small("scala", """trait Box { val width, depth: Int; var left, right: Int }
""", """
trait Box
property Box.width
property Box.depth
property Box.left
property Box.right
"""),
]  # fmt: skip
