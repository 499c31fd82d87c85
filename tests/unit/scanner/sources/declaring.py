"""Small sources in Lua, Elixir, Zig, Terraform, YAML and TOML."""

from tests.unit.scanner.sources.expected import Expected

DECLARING = {
    "lua": Expected(
        """local json = require("cjson")
local M = {}
-- Adds up.
function M.total(names)
  return price(names)
end
function M:add(x) self.x = json.decode(x) end
local function hidden() end
M.make = function(a) return M.total(a) end
local LIMIT = 3
local handlers = {
  go = function() hidden() end,
}
return M
""",
        """
variable M 2-2
method M.total 4-6
method M.add 7-7
function hidden 8-8 hidden
method M.make 9-9
variable LIMIT 10-10 hidden
variable handlers 11-13 hidden
function handlers.go 12-12 hidden
""",
        "require@ price@M.total decode@M.add total@M.make hidden@handlers.go",
        [("cjson", [])],
        ("M.total", "function M.total(names)", "Adds up."),
    ),
    "elixir": Expected(
        """defmodule Shop.Order do
  use GenServer
  import Ecto.Query, only: [from: 2]
  alias Shop.{Price, Tax}
  defstruct [:id]
  # Adds up.
  @spec total(list) :: integer
  def total(names, opts \\\\ []) when is_list(names) do
    Price.amount(names)
    helper(names)
  end
  defp helper(_), do: :ok
  defmacro shout(x) do
    x
  end
end
defprotocol Shop.Sizable do
  def size(x)
end
""",
        """
module Shop.Order 1-16
function Shop.Order.total 8-11
function Shop.Order.helper 12-12 hidden
macro Shop.Order.shout 13-15
interface Shop.Sizable 17-19
method Shop.Sizable.size 18-18
""",
        "is_list@Shop.Order.total amount@Shop.Order.total helper@Shop.Order.total",
        [("GenServer", []), ("Ecto.Query", []), ("Shop.Price", []), ("Shop.Tax", [])],
        (
            "Shop.Order.total",
            "def total(names, opts \\\\ []) when is_list(names)",
            "Adds up.",
        ),
    ),
    "zig": Expected(
        """const std = @import("std");
const price = @import("price.zig").amount;
/// What is sold.
pub const Order = struct {
    id: u32,
    /// Adds up.
    pub fn total(self: Order, names: []u8) u32 {
        return price(names);
    }
    fn hidden() void {}
};
pub const Color = enum { red, green };
pub fn top() void {
    Order.hidden();
}
const limit = 3;
""",
        """
constant std 1-1 hidden
constant price 2-2 hidden
struct Order 4-11
field Order.id 5-5
method Order.total 7-9
method Order.hidden 10-10 hidden
enum Color 12-12
enumerator Color.red 12-12
enumerator Color.green 12-12
function top 13-15
constant limit 16-16 hidden
""",
        "price@Order.total hidden@top",
        [("std", []), ("price.zig", [])],
        (
            "Order.total",
            "pub fn total(self: Order, names: []u8) u32",
            "Adds up.",
        ),
    ),
    "terraform": Expected(
        """# Keeps logs.
resource "aws_s3_bucket" "logs" {
  bucket = var.name
  tags   = merge(local.tags, { a = 1 })
}
data "aws_ami" "base" {}
variable "name" {
  default = "x"
}
locals {
  tags = {}
}
module "vpc" {
  source = "./vpc"
}
output "id" { value = aws_s3_bucket.logs.id }
provider "aws" {}
region = "eu"
""",
        """
resource aws_s3_bucket.logs 2-5
resource data.aws_ami.base 6-6
variable var.name 7-9
variable local.tags 11-11
module module.vpc 13-15
variable output.id 16-16
resource provider.aws 17-17
variable region 18-18
""",
        "merge@aws_s3_bucket.logs",
        [("./vpc", [])],
        ("aws_s3_bucket.logs", 'resource "aws_s3_bucket" "logs"', "Keeps logs."),
    ),
    "yaml": Expected(
        """name: shop
# What runs.
jobs:
  test:
    steps:
      - run: make
  "lint it":
    on: push
---
kind: Deployment
metadata: {name: shop}
""",
        """
property name 1-1
chunk lines 1-11 1-11
property jobs 3-8
property jobs.test 4-6
property jobs.test.steps 5-6
property jobs.lint it 7-8
property jobs.lint it.on 8-8
property kind 10-10
property metadata 11-11
""",
        "",
        [],
        ("jobs", "jobs", "What runs."),
    ),
    "toml": Expected(
        """title = "shop"
# How it is checked.
[tool.ruff]
line-length = 100
[[bin]]
name = "a"
path.main = 'b'
""",
        """
property title 1-1
chunk lines 1-7 1-7
property tool.ruff 3-4
property tool.ruff.line-length 4-4
property bin 5-7
property bin.name 6-6
property bin.path.main 7-7
""",
        "",
        [],
        ("tool.ruff", "[tool.ruff]", "How it is checked."),
    ),
}  # fmt: skip
