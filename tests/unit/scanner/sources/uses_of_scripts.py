"""Small sources with the uses that they show, as `kind:name`, and names that are none.

In Python, JavaScript, TypeScript, Ruby, PHP and Bash.
"""

PYTHON = [
    ("run = partial(tick, 1)\nhook = staticmethod(tock)", "value:tick value:tock", "run hook"),
    ("class A(Base['Row']): pass\nprint(*tick(1))", "inherit:Base type:Row call:tick", ""),
    (
        "def f():\n    registry[Event] = handler\n    del TICK",
        "value:Event value:handler value:TICK",
        "",
    ),
    ("x: 'list[Order]' = [tick, {**tock}]", "type:Order value:tick value:tock", "x"),
    ("def tick(): pass\nevery(5, tick)", "call:every value:tick", ""),
    ("def tick(): pass\nHANDLERS = {'t': tick}", "value:tick", "HANDLERS"),
    ("schedule(on_done=finish)", "call:schedule value:finish", "on_done"),
    ("job = tick if fast else idle", "value:tick value:fast value:idle", "job"),
    ("self.hook = self.refresh", "value:refresh value:hook", ""),
    ("@cached\n@app.route('/')\ndef index(): pass", "call:cached call:route value:app", "index"),
    ("def f(order: Order) -> 'Receipt': pass", "type:Order type:Receipt", "order f"),
    ("x: dict[str, shop.Order] = {}", "type:dict type:Order type:str", "x"),
    ("def f(a: Optional['Order | Bill']): pass", "type:Optional type:Order type:Bill", "a"),
    (
        "class Car(Vehicle, base.Sold[Wheel], metaclass=Meta): pass",
        "inherit:Vehicle inherit:Sold type:Wheel type:Meta",
        "Car metaclass",
    ),
    ("from shop.prices import price as cost", "import:shop import:prices import:price", "cost"),
    ("import shop.prices", "import:shop import:prices", ""),
    ("__all__ = ['Order', 'pay']", "re-export:Order re-export:pay", "__all__"),
    ("try: pass\nexcept (Gone, web.Late) as e: raise", "value:Gone value:Late", "e"),
    ("f'{total(order)} {order.name}'", "call:total value:order value:name", ""),
    ("def f(path):\n    return path + other", "value:other", "path"),
    ("def f():\n    for n in all_of:\n        print(n)", "value:all_of call:print", "n"),
    ("def f():\n    global COUNT\n    COUNT = COUNT + 1", "value:COUNT", ""),
    ("def f(callback):\n    callback()\n    self.callback()", "call:callback", ""),
    ("[item.price for item in basket]", "value:basket value:price", "item"),
    ("with lock as held: held.go()", "value:lock call:go value:held", ""),
    ("raise NotFound", "value:NotFound", ""),
    ("match p:\n    case Point(x=0): pass", "value:Point", "x"),
    ("sorted(rows, key=lambda row: rank(row))", "call:rank value:rows", "row key"),
    (
        "from shop import price as cost\nfrom shop.base import Model as M\nimport zoo as z\n"
        "class Tea(M): total = cost()\nz.cost\nz.run()",
        "import:price call:price call:cost inherit:Model inherit:M value:z",
        "",
    ),
    ("from a import b as c\ndef f(c): return c", "import:b", "c"),
]
JAVASCRIPT = [
    ("const { tick } = await import('./x')", "import:tick", ""),
    ("emitter.on('x', this.tick.bind(this))", "value:tick call:bind call:on", ""),
    ("class A { handle = tick; @dec m() {} }", "value:tick call:dec", "handle m"),
    ("timer(tick)", "call:timer value:tick", ""),
    ("const table = { load: loadAll, save }", "value:loadAll value:save", "table load"),
    ("button.onclick = handle;", "value:handle value:onclick value:button", ""),
    ("module.exports = { start, stop: halt }", "value:start value:halt", "stop"),
    ("class A extends Base { m() { return this.help } }", "inherit:Base value:help", "A m"),
    ("class A extends lib.Base {}", "inherit:Base value:lib", ""),
    ("import main, { a as b } from './m'", "import:a import:main", "b"),
    ("export { a as b } from './m'", "re-export:a", "b"),
    ("export default start", "re-export:start", ""),
    ("const { read, write: put } = require('fs')", "import:read import:write call:require", "put"),
    ("function f(cb) { cb(); go(cb) }", "call:go", "cb"),
    ("const App = () => <Card title={text} />", "call:Card value:text", "title App"),
    ("new Store(reducer)", "call:Store value:reducer", ""),
    ("`${total(x)}`", "call:total value:x", ""),
    ("$(find)", "call:$ value:find", ""),
    (
        "import { price as cost } from './shop'; register(cost); till.cost();",
        "import:price value:price call:register value:cost",
        "",
    ),
    (
        "const { open: begin } = require('./files'); begin('x');",
        "import:open call:open call:begin",
        "",
    ),
    ("import { default as Shop } from './shop'; new Shop();", "call:Shop", ""),
]
TYPESCRIPT = [
    ("export { default as Order } from './x'", "re-export:Order", ""),
    ("function f(x: any): x is Order { return true }", "type:Order", "x f"),
    ("class A { constructor(private readonly svc: Service) {} }", "type:Service", "svc"),
    (
        "class Car extends Vehicle<Fuel> implements Sold, shop.Priced {}",
        "inherit:Vehicle inherit:Sold inherit:Priced type:Fuel",
        "Car",
    ),
    ("interface Car extends Vehicle {}", "inherit:Vehicle", "Car"),
    ("let f: (o: Order) => Receipt", "type:Order type:Receipt", "o f"),
    ("type Key = keyof Order | typeof settings", "type:Order value:settings", "Key"),
    ("@Injectable() class A { @Input name: Name }", "call:Injectable call:Input type:Name", "name"),
    ("export type { Order } from './order'", "re-export:Order", ""),
    ("import type { Order } from './order'", "import:Order", ""),
    ("list.map<Row>(toRow)", "call:map type:Row value:toRow", ""),
    ("function id<T>(x: T): T { return x }", "", "T x id"),
    ("const handlers: Record<string, Handler> = { tick: onTick }", "type:Handler value:onTick", ""),
    ("x as Order; y satisfies Bill", "type:Order type:Bill", ""),
    (
        "import type { Row as Line } from './rows'; let a: Line; class B implements Line {}",
        "import:Row type:Row type:Line inherit:Row",
        "",
    ),
]
RUBY = [
    ("validates :name, if: :active?\nobj.send(:tick)", "value:active? value:tick", ""),
    ("Foo.include(Bar)\ndef g(x) = x.tock", "inherit:Bar call:tock", "x"),
    ("def go\n  helper\nend", "call:helper", "go"),
    (
        "class Car < Vehicle::Base\n  include Sold\n  extend Shop::Priced\nend",
        "inherit:Base inherit:Sold inherit:Priced value:Vehicle",
        "Car",
    ),
    ("before_action :check, only: [:show]", "value:check value:show call:before_action", "only"),
    ("list.map(&:name)\non(&method(:tick))", "value:name value:tick call:method", ""),
    ("attr_reader :title\ndefine_method(:go) { }", "call:attr_reader", "title go"),
    ("alias_method :fresh, :old\nalias neu alt", "value:old value:alt", "fresh neu"),
    ("def f(a, b = fallback)\n  c = a\n  d.run(c)\nend", "call:fallback call:d call:run", "a c"),
    ("LIMIT = OTHER\nPoint = Struct.new(:x)", "value:OTHER value:Struct call:new", "LIMIT Point"),
    ("begin\nrescue Gone, Shop::Late => e\nend", "value:Gone value:Late", "e"),
    ("TABLE = { get: method(:fetch), put: Store }", "value:fetch value:Store", "get put"),
    ('puts "#{total} #{@rows.size}"', "call:total call:size", ""),
    ("rows.each { |row| show row }", "call:rows call:show", "row"),
    ("def set(v)\n  @price = v\n  $log << @@all\nend", "value:@price value:$log value:@@all", "v"),
    ("X, Y = tick, 2", "call:tick", "X Y"),
]
PHP = [
    (
        "<?php add_action('init', 'start'); call_user_func([Foo::class, 'tick']);",
        "value:start value:tick value:Foo",
        "",
    ),
    (
        "<?php class Car extends Vehicle implements Sold, \\Shop\\Priced { use Wheels; }",
        "inherit:Vehicle inherit:Sold inherit:Priced inherit:Wheels",
        "Car",
    ),
    (
        "<?php use Acme\\Failed as F; use function Acme\\tick;",
        "import:Acme import:Failed import:tick",
        "F",
    ),
    (
        "<?php function f(Order $o, ?Bill $b = NONE): Row { return new Paid($o); }",
        "type:Order type:Bill type:Row call:Paid value:NONE",
        "o b f",
    ),
    (
        "<?php array_map('tick', $x); usort($x, [$this, 'compare']); on(tock(...));",
        "value:tick value:compare call:tock value:x",
        "this",
    ),
    (
        "<?php #[Route('/x')] class A { private Name $n = self::FIRST; }",
        "call:Route type:Name value:FIRST",
        "n",
    ),
    (
        "<?php Foo::bar(); Foo::$count; Foo::LIMIT; $x instanceof Baz; $x->name;",
        "call:bar value:count value:LIMIT value:Foo value:Baz value:name value:x",
        "",
    ),
    (
        "<?php function f($id) { global $db; static $n; $row = $db->find($id); foreach ($row as $k "
        "=> $v) { save($v); } return function () use ($row) { return $row; }; }",
        "value:db call:find call:save",
        "id n row k v",
    ),
    (
        "<?php use Acme\\{Bill as Invoice, Row}; $a = new Invoice(); $b->Invoice();",
        "import:Bill call:Bill call:Invoice value:b",
        "",
    ),
    ("<?php try {} catch (Gone | Late $e) {}", "type:Gone type:Late", "e"),
    ("<?php echo Foo::class;", "value:Foo", "class"),
    (
        "<?php namespace Acme\\Shop; enum E: string implements Sold { case A = 'a'; }",
        "inherit:Sold",
        "Shop A E",
    ),
]
BASH = [
    ("for step in fetch build; do $step; done", "value:fetch value:build", ""),
    ("sudo -u x restart\ncomplete -F _tick cmd", "value:restart value:_tick", ""),
    ("trap cleanup EXIT\nexport -f helper", "call:trap value:cleanup value:helper", ""),
    ('run() { helper "$1"; }\nrun | filter', "call:helper call:run call:filter", ""),
    ('STEPS=(fetch build)\necho "$HOME"', "value:fetch value:build value:HOME", "STEPS"),
    ("trap 'stop; rm x' INT", "value:stop", ""),
    ("xargs -n1 process", "call:xargs value:process", ""),
]
LUA = [
    ("t = { [KEY] = handler, plain = other }", "value:KEY value:handler value:other", "plain"),
]
