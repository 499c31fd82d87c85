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
}  # fmt: skip
