"""Definitions of one kind each in JavaScript, TypeScript and TSX."""

from tests.unit.scanner.sources.small.source import Small

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
    Small("javascript", """const api = {
  load() {}, save: () => 1, retries: 3, nested: { deep() {} }
};
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
constant version
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
    Small("typescript", """export interface Options {
  readonly retries?: number; wait(): void; on: (x: string) => void
}
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
property Repo.db hidden
property Repo.name
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
    Small("typescript", """export class Rows {
  *[Symbol.iterator]() {}
  get [Symbol.toStringTag]() { return "rows" }
}
""", """
class Rows
method Rows.iterator
method Rows.toStringTag
"""),
]  # fmt: skip
