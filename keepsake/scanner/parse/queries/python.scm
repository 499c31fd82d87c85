(function_definition) @function
(class_definition) @class
(class_definition superclasses: (argument_list [(identifier) @_base (attribute attribute: (identifier) @_base)]) (#match? @_base "(Enum|Flag|Choices)$")) @enum_class
(lambda) @local
(expression_statement (assignment left: [(identifier) (pattern_list) (tuple_pattern) (list_pattern)]) @variable)
(named_expression) @variable
((expression_statement (assignment left: (identifier) right: (call function: [(identifier) @_made (attribute attribute: (identifier) @_made)])) @class) (#any-of? @_made "namedtuple" "NamedTuple" "TypedDict" "make_dataclass"))
((expression_statement (assignment left: (identifier) right: (call function: [(identifier) @_made (attribute attribute: (identifier) @_made)])) @enum_class) (#any-of? @_made "Enum" "IntEnum" "StrEnum" "Flag" "IntFlag"))
((expression_statement (assignment left: (identifier) right: (call function: [(identifier) @_made (attribute attribute: (identifier) @_made)])) @type) (#any-of? @_made "TypeVar" "ParamSpec" "TypeVarTuple" "NewType" "TypeAliasType"))
((expression_statement (assignment left: (identifier) type: (type [(identifier) @_made (attribute attribute: (identifier) @_made)])) @type) (#eq? @_made "TypeAlias"))
(type_alias_statement) @type
(module (expression_statement [(assignment left: (identifier) @_all right: [(list (string (string_content) @_exported)) (tuple (string (string_content) @_exported))]) (augmented_assignment left: (identifier) @_all right: [(list (string (string_content) @_exported)) (tuple (string (string_content) @_exported))])]) (#eq? @_all "__all__"))
(decorator) @attribute
(call function: [(identifier) @call (attribute attribute: (identifier) @call)])
(decorator [(identifier) @call (attribute attribute: (identifier) @call)])
[(import_statement) (import_from_statement) (future_import_statement)] @import
