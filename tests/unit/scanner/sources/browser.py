"""Small sources in JavaScript, TypeScript and TSX."""

from tests.unit.scanner.sources.expected import Expected

BROWSER = {
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
function one() { return <Shop x={1}><A.Item/><div/></Shop>; }
function two() {}
class Three {}
const four = () => 4, five = () => 5;
export { one, two as renamed };
export { inner } from "./other.js";
module.exports = { Three, x: four };
exports.five = five;
""",
        """
class Order 4-9
method Order.total 6-6
method Order.#hidden 7-7 hidden
method Order.arrow 8-8
function top 10-10
function inner 11-11 hidden
function one 12-12
function two 13-13
class Three 14-14
function four 15-15
function five 15-15
alias renamed 16-16
property x 18-18
""",
        "require@ price@Order.total Other@Order.#hidden helper@top Shop@one Item@one",
        [("./prices.js", ["PriceList", "amount"]), ("fs", []), ("./other.js", ["inner"])],
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
interface Late { x: number }
class Last {}
export { type Late };
export default Last;
""",
        """
class Order 3-7
method Order.constructor 4-4
property Order.id 4-4 hidden
method Order.total 5-5
method Order.hidden 6-6 hidden
interface Sink 8-8
method Sink.put 8-8
enum Color 9-9
enumerator Color.Red 9-9
type Name 10-10
function arrow 11-11
function local 12-12 hidden
interface Late 13-13
property Late.x 13-13
class Last 14-14
""",
        "price@Order.total",
        [("./prices", ["PriceList"])],
        ("Order", "class Order extends Base", "What is sold."),
    ),
    "tsx": Expected(
        """import React from "react";
// The shop.
export function Shop(props: Props) { return <div>{total(props)}<Cart/><Ui.Row></Ui.Row></div>; }
""",
        """
function Shop 3-3
""",
        "total@Shop Cart@Shop Row@Shop",
        [("react", [])],
        ("Shop", "function Shop(props: Props)", "The shop."),
    ),
}  # fmt: skip
