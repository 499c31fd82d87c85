(identifier) @_value
(alias) @_type
(dot right: (identifier) @_member)
(unary_operator operator: "@" operand: (call target: (identifier) @_in.name))
((unary_operator operator: "@" operand: (call target: (identifier) @_says (arguments (binary_operator left: [(identifier) @_in.name (call target: (identifier) @_in.name) (binary_operator left: (call target: (identifier) @_in.name))])))) (#any-of? @_says "type" "typep" "opaque" "spec" "callback" "macrocallback"))
((unary_operator operator: "@" operand: (call target: (identifier) @_says (arguments . (alias) @_inherit))) (#eq? @_says "behaviour"))
((call target: (identifier) @_defines (arguments . (alias) @_renamed.from (keywords (pair key: (keyword) @_as value: (alias) @_renamed.to)))) (#eq? @_defines "alias") (#match? @_as "^as:"))
((call target: (identifier) @_in.name) (#any-of? @_in.name "defmodule" "defprotocol" "defimpl" "def" "defp" "defdelegate" "defguard" "defguardp" "defn" "defnp" "defmacro" "defmacrop" "defstruct" "defexception" "use" "import" "alias" "require"))
((call target: (identifier) @_defines (arguments . [(identifier) @_in.name (call target: (identifier) @_in.name) (binary_operator left: [(identifier) @_in.name (call target: (identifier) @_in.name)])])) (#any-of? @_defines "def" "defp" "defmacro" "defmacrop" "defguard" "defguardp" "defdelegate" "defn" "defnp"))
((call target: (identifier) @_defines (arguments . (alias) @_name)) (#any-of? @_defines "defmodule" "defprotocol"))
((call target: (identifier) @_defines (arguments . (alias) @_inherit)) (#any-of? @_defines "use" "defimpl"))
((call target: (identifier) @_defines) @_in.import (#any-of? @_defines "import" "alias" "require"))
