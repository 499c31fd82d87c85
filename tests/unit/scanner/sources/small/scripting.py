"""Definitions of one kind each in Python, Ruby, PHP and Bash."""

from tests.unit.scanner.sources.small.source import Small

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
variable __all__ hidden
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
field A::B::C::Point::x
field A::B::C::Point::y
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
    Small("python", """type Row[T, *Ts] = tuple[T, Unpack[Ts]]
type Job[**P] = Callable[P, None]
LOW = HIGH = limit = 3
[LEFT, (RIGHT, *REST)] = sides()
if (found := look()): pass
class Rack:
    width = depth = 2
    def fill(self):
        if (n := self.width): return n
""", """
type Row
type Job
constant LOW
constant HIGH
variable limit
constant LEFT
constant RIGHT
constant REST
variable found
class Rack
field Rack.width
field Rack.depth
method Rack.fill
"""),
    Small("ruby", """module Till
  OPEN, SHUT = 1, 2
  FIRST = LAST = name = 3
end
""", """
module Till
constant Till::OPEN
constant Till::SHUT
constant Till::FIRST
constant Till::LAST
"""),
    Small("lua", """local step <const>, file <close> = 1, io.open("x")
Shop["open"] = function() end
""", """
variable step hidden
variable file hidden
function open
"""),
    Small("elixir", """defmodule Till do
  @type coin :: integer
  @typep secret(x) :: x
  @opaque drawer :: list
  @callback open(coin) :: :ok
  @spec total(coin) :: integer
  def total(c), do: c
end
""", """
module Till
type Till.coin
type Till.secret hidden
type Till.drawer
function Till.open
function Till.total
"""),
]  # fmt: skip
