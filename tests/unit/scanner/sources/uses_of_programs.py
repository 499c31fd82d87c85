"""Small sources with the uses that they show, as `kind:name`, and names that are none.

In Go, Rust, Java, C, C++, C#, Kotlin, Swift, Scala and SQL.
"""

GO = [
    (
        "package p\nvar _ Reader = (*File)(nil)\nfunc f() { s.hook = Server.tick }",
        "type:Reader value:tick value:hook",
        "",
    ),
    ('package p\nvar table = []Command{{"a", run}}', "type:Command value:run", "table p"),
    (
        'package p\nfunc f() { http.HandleFunc("/", index) }',
        "call:HandleFunc value:index value:http",
        "f",
    ),
    (
        "package p\nfunc f() { s := Server{Handler: mux, cron: tick}; s.go_ = stop }",
        "type:Server value:Handler value:mux value:cron value:tick value:stop",
        "s",
    ),
    (
        "package p\nfunc (s *Server) F(o shop.Order) (Bill, error) { return s.help, nil }",
        "type:Server type:Order type:Bill value:help value:shop",
        "F s o",
    ),
    (
        "package p\ntype Car struct { Vehicle; *shop.Sold; name Name }",
        "inherit:Vehicle inherit:Sold type:Name",
        "Car name",
    ),
    (
        "package p\ntype Car interface { Vehicle; Drive(Road) }",
        "inherit:Vehicle type:Road",
        "Car Drive",
    ),
    ('package p\nimport q "github.com/acme/queue"', "import:queue", "q github"),
    ("package p\nfunc f() { defer mu.Unlock(); go loop() }", "call:Unlock call:loop", ""),
    ("package p\nfunc Map[T any](in []T, f func(T) Row) {}", "type:Row", "T in"),
    ("package p\nvar ErrGone = errors.New(text)", "call:New value:text value:errors", "ErrGone"),
    ("package p\nfunc f() { cb := s.onTick; run(cb) }", "value:onTick call:run", "cb"),
]
RUST = [
    (
        "impl From<Order> for Bill { }\nfn f() { thread::spawn(tick); sort_by(Order::id); }",
        "inherit:From type:Order type:Bill value:tick value:id",
        "",
    ),
    ("fn f() { list.iter().map(Self::helper).for_each(show) }", "value:helper value:show", "f"),
    ("static T: &[Handler] = &[tick, tock];", "type:Handler value:tick value:tock", ""),
    ("struct A { f: Order } impl Show for A {}", "type:Order inherit:Show type:A", "f"),
    ("trait Car: Vehicle + shop::Sold {}", "inherit:Vehicle inherit:Sold", "Car"),
    ("#[derive(Debug, Clone)] struct A;", "inherit:Debug inherit:Clone", ""),
    ("use shop::{Order, Bill as B};", "import:shop import:Order import:Bill", "B"),
    ("pub use shop::Order;", "re-export:Order", ""),
    ("mod prices;", "import:prices", ""),
    (
        "fn f(o: &dyn Sold) -> impl Show { let s = Row { key: make, open }; s }",
        "type:Sold type:Show type:Row value:key value:make value:open",
        "o s",
    ),
    ('fn f() { println!("{}", total(o)); }', "call:println value:total", ""),
    ("macro_rules! m { () => { helper() } }", "value:helper", "m"),
    (
        "fn f(x: Option<u8>) { match x { Some(n) => go(n), None => stop(LIMIT) } }",
        "call:go call:stop value:LIMIT value:Some",
        "n x",
    ),
    ("fn id<T: Show>(x: T) -> T { x }", "type:Show", "T x"),
    (
        'fn f(n: u8) { println!("{LIMIT:?} {n} {{none}} {TOTAL} {0} {}", 1); }',
        "value:LIMIT value:TOTAL call:println",
        "n none 0",
    ),
    (
        "use shop::{Price as Cost, open as begin};\nfn f(c: Cost) -> u8 { begin(c); c.begin() }",
        "import:Price type:Price type:Cost import:open call:open call:begin",
        "",
    ),
]
JAVA = [
    (
        "class A { void f() { run(this::helper, Foo::bar, Foo::new); } }",
        "call:run value:helper value:Foo value:bar",
        "f",
    ),
    (
        "class Car extends Vehicle<Fuel> implements Sold, shop.Priced {}",
        "inherit:Vehicle inherit:Sold inherit:Priced type:Fuel",
        "Car",
    ),
    ("interface Car extends Vehicle {}", "inherit:Vehicle", "Car"),
    (
        "@Entity @Table(name = NAME) class A { @Id long key; }",
        "call:Entity call:Table call:Id value:NAME",
        "key name",
    ),
    (
        "import shop.prices.Price;\nimport static shop.Tax.rate;",
        "import:Price import:shop import:Tax import:rate",
        "",
    ),
    (
        "class A { Handler h = onTick; Bill f(Order o) throws Late { return o.bill; } }",
        "type:Handler value:onTick type:Bill type:Order type:Late value:bill",
        "h o",
    ),
    (
        "class A { void f() { on(new Listener() { public void go() {} }); } }",
        "inherit:Listener",
        "",
    ),
    (
        "class A { Object f(Object o) { return o instanceof Order ? (Bill) o : Kind.NONE; } }",
        "type:Order type:Bill value:NONE value:Kind",
        "o",
    ),
    (
        "class A<T extends Row> { T f(List<T> rows) { return rows.get(0); } }",
        "type:Row type:List call:get",
        "T rows",
    ),
    ("class A { void f() { int size = size(); use(size); } }", "call:size call:use", ""),
    (
        "package a.shop; record P(int x) implements Q { int y() { return x + 1; } }",
        "inherit:Q value:x",
        "shop a",
    ),
]
C = [
    (
        "typedef int (*cb_t)(order_t *);\nstatic cb_t all[] = { tick, &tock };",
        "type:order_t type:cb_t value:tick value:tock",
        "all",
    ),
    (
        "void init() { create(1, serverCron, NULL); on(&stop); }",
        "call:create value:serverCron value:stop",
        "init",
    ),
    (
        'static struct cmd table[] = { {"get", getCommand}, { .proc = setCommand } };',
        "type:cmd value:getCommand value:setCommand value:proc",
        "table",
    ),
    ("int (*hook)(int) = handler;", "value:handler", "hook"),
    ("void f(struct row *s) { s->cb = tick; g = tock; }", "value:tick value:tock value:g", "s"),
    ("#define RUN(x) helper(x)\n#if defined(DEBUG)\n#endif", "call:helper value:DEBUG", "RUN"),
    (
        "size_t f(order_t *o) { return (bill_t)o ? sizeof(row_t) : LIMIT; }",
        "type:order_t type:bill_t value:row_t value:LIMIT",
        "o f",
    ),
    ("int proto(order_t *o);", "type:order_t", "proto o"),
    ("enum e { A = FIRST };", "value:FIRST", "A"),
    ("void f(void) { int n = 1, *p; use(n); p = &total; }", "call:use value:total", "n p"),
]
CPP = [
    (
        "class Car : public Vehicle<Fuel>, private shop::Sold {};",
        "inherit:Vehicle inherit:Sold type:Fuel",
        "Car",
    ),
    (
        "void f() { sort(a.begin(), a.end(), compare); run(&Car::drive); }",
        "call:begin value:compare value:drive value:Car",
        "f",
    ),
    (
        "Bill Car::pay(const Order& o) { return helper_; }",
        "type:Bill type:Order value:helper_",
        "pay o",
    ),
    ("A::A(int n) : Base(n), hook_(tick) {}", "value:Base value:tick value:hook_", "n"),
    ("template <typename T> T id(T x) { return x; }", "", "T x id"),
    (
        "using shop::Order; using Bill = Row<Key>;",
        "import:Order import:shop type:Row type:Key",
        "Bill",
    ),
    ("void f() { try {} catch (const Late& e) { throw Gone(1); } }", "type:Late call:Gone", "e"),
    ("auto f = [](int q) { return q + limit; };", "value:limit", "q"),
    ("Row* r = new Row(make);", "call:Row value:make", ""),
    (
        "int shop::Till::count = limit;\nconst char* Till::names[] = {first};\nMap Till::all;",
        "value:limit value:first value:Till type:Map",
        "count names all",
    ),
]
CSHARP = [
    ("class A { object F(object o) { return o as Cast; } }", "type:Cast", "o"),
    ("record P(Order O) : Base(O), ISold;", "type:Order inherit:Base inherit:ISold", ""),
    (
        "class A { void F() { Run(Helper, this.Other, nameof(Third)); Done += OnDone; } }",
        "call:Run value:Helper value:Other value:Third value:OnDone value:Done",
        "F",
    ),
    (
        "class Car<T> : Vehicle<Fuel>, Shop.ISold where T : Row {}",
        "inherit:Vehicle inherit:ISold type:Fuel type:Row",
        "Car T",
    ),
    (
        "[Serializable, Shop.Table(typeof(Key))] class A { [Id] public Name N { get; } }",
        "call:Serializable call:Table call:Id type:Key type:Name",
        "N",
    ),
    ("using Acme.Json; using J = Acme.Text;", "import:Json import:Acme import:Text", "J"),
    (
        "class A { Bill F(Order o, List<Row> rows) { return o is Paid p ? (Bill)o : Kind.None; } }",
        "type:Bill type:Order type:List type:Row type:Paid value:None",
        "o p rows",
    ),
    ("class A { object o = new Row { Key = make }; }", "call:Row value:make value:Key", "o"),
    (
        "class A { void F() { foreach (Row r in rows) Use(r); } }",
        "type:Row value:rows call:Use",
        "r",
    ),
    (
        "namespace Acme.Shop { class A { Handler h = OnTick; } }",
        "type:Handler value:OnTick",
        "Shop",
    ),
    (
        "using Cost = Shop.Price;\nclass A : Cost { Cost Best() => new Cost(); }",
        "import:Price inherit:Price inherit:Cost call:Price type:Price",
        "",
    ),
]
KOTLIN = [
    (
        "fun f() { run(::helper, this::other, Foo::bar) }",
        "call:run value:helper value:other value:bar value:Foo",
        "f",
    ),
    (
        "class Car(val a: Wheel) : Vehicle<Fuel>(a), Sold {\n}",
        "type:Wheel inherit:Vehicle inherit:Sold type:Fuel",
        "Car",
    ),
    ("import shop.prices.Price as P", "import:Price import:shop", "P"),
    (
        "@Entity class A {\n  @Id val key: Key = make\n}",
        "call:Entity call:Id type:Key value:make",
        "key",
    ),
    (
        "fun Order.total(tax: Rate): Bill = this.sum",
        "type:Order type:Rate type:Bill value:sum",
        "tax",
    ),
    ("val l = object : Listener {\n  override fun on() {}\n}", "inherit:Listener", "on l"),
    (
        "fun f(x: Any) = when (x) {\n  is Row -> LIMIT\n  else -> x as Bill\n}",
        "type:Row type:Bill value:LIMIT",
        "x",
    ),
    ("fun f() {\n  val n = make\n  use(n, key = n)\n}", "value:make call:use", "n key"),
    (
        "import shop.price as cost\nfun f(n: Int) = cost() + till.cost",
        "import:price call:price call:cost",
        "n",
    ),
    (
        'fun f(n: Int) = "$total of $n and \\$none, $größe-x ${rest.of}"',
        "value:total value:größe value:rest value:of",
        "n none x",
    ),
]
SWIFT = [
    ("protocol P { associatedtype T: Order }", "type:Order", "T"),
    ("b.on(self, action: #selector(onTap))", "value:onTap call:on", "action"),
    ("class Car: Vehicle<Fuel>, Sold {\n}", "inherit:Vehicle inherit:Sold type:Fuel", "Car"),
    ("extension Car: Priced {}", "inherit:Priced type:Car", ""),
    (
        "func f() { run(helper, self.other, Foo.bar) }",
        "call:run value:helper value:other value:bar value:Foo",
        "f",
    ),
    ("import Shop", "import:Shop", ""),
    (
        "@Wrapped(fallback) class A {\n  @State var n: Name? = make\n}",
        "call:Wrapped call:State type:Name value:make",
        "n",
    ),
    (
        "func f(_ o: Order, at p: Place = home) -> Bill { return o.bill }",
        "type:Order type:Place type:Bill value:home value:bill",
        "o p at",
    ),
    ("func f() {\n  if let n = found { use(n, key: n) }\n}", "value:found call:use", "n key"),
    ("protocol Sold: Priced { func pay() -> Bill }", "inherit:Priced type:Bill", "pay Sold"),
]
SCALA = [
    (
        "class Car(a: Wheel) extends Vehicle[Fuel](a) with Sold",
        "type:Wheel inherit:Vehicle inherit:Sold type:Fuel",
        "Car",
    ),
    (
        "object A { list.map(helper).foreach(show _); def f = Foo.bar }",
        "value:helper value:show value:bar value:Foo call:map",
        "f",
    ),
    ("import shop.{Order, Bill => B}", "import:shop import:Order import:Bill", "B"),
    ("given shown: Show[Order] = make", "inherit:Show type:Order value:make", "shown"),
    (
        "object A { val n: Name = make; def f(o: Order): Bill = o.bill }",
        "type:Name value:make type:Order type:Bill value:bill",
        "n o",
    ),
    (
        "object A { x match { case Row(k) => use(k); case LIMIT => y } }",
        "type:Row call:use value:LIMIT value:y",
        "k",
    ),
    (
        "@deprecated class A { val l = new Listener { def on() = 1 } }",
        "call:deprecated inherit:Listener",
        "on",
    ),
    (
        "import shop.{price => cost, Row as Line}\nobject A { def f(l: Line) = cost(1) }",
        "import:price call:price call:cost type:Row type:Line",
        "",
    ),
]
SQL = [
    (
        "CREATE VIEW v AS SELECT f(x) FROM orders o JOIN bills ON o.id = bills.id;",
        "call:f value:orders value:bills value:x",
        "v",
    ),
    ("CREATE TABLE a (m mood, c int REFERENCES other(id));", "type:mood value:other", "a m"),
    (
        "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION stamp();",
        "call:stamp value:a",
        "t",
    ),
    ("INSERT INTO shop.a (x) VALUES (1);", "value:a value:x", ""),
    (
        'SELECT Id FROM Orders JOIN "LINES" USING (id)',
        "value:orders value:lines value:id",
        "Orders",
    ),
]
ELIXIR = [
    (
        "defmodule A do\n  @behaviour Shop.Till\n  @type row :: Order.t()\n"
        "  @callback total(integer) :: Sum.t()\n  @spec open(Bill.t()) :: :ok\n"
        "  def open(b), do: b\nend",
        "inherit:Till type:Order type:Sum type:Bill",
        "behaviour callback spec row total open Shop.Till",
    ),
    (
        "defmodule A do\n"
        "  def f(x), do: not ready?(x) and !Till.open?(x) and run(&Cart.add(&1, x))\n"
        "  @limit 3\n  def g, do: @limit\nend",
        "call:ready? call:open? type:Till call:run type:Cart call:add value:limit",
        "",
    ),
    (
        "alias Shop.Price, as: Cost\ndefmodule A do\n  def f, do: Cost.of(%Shop.Row{})\nend",
        "import:Price type:Price type:Cost type:Row call:of",
        "Shop.Price Shop.Row",
    ),
]
