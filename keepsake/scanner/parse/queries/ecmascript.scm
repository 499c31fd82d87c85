(class_declaration) @class
(class) @value_class
[(function_declaration) (generator_function_declaration)] @function
[(function_expression) (generator_function)] @value_function
(arrow_function) @local
[(if_statement) (for_statement) (for_in_statement) (while_statement) (do_statement) (try_statement) (switch_statement)] @block
(method_definition) @method
(lexical_declaration kind: "const" (variable_declarator) @constant)
(lexical_declaration kind: "let" (variable_declarator) @variable)
(variable_declaration (variable_declarator) @variable)
(variable_declarator name: (identifier) value: [(arrow_function) (function_expression) (generator_function)]) @function
(variable_declarator name: (identifier) value: (class)) @class
((variable_declarator name: (identifier) value: (call_expression function: [(identifier) @_wrapper (member_expression property: (property_identifier) @_wrapper)])) @function (#any-of? @_wrapper "memo" "forwardRef"))
((variable_declarator value: (call_expression function: (identifier) @_require)) @ignored (#eq? @_require "require"))
((variable_declarator value: (member_expression object: (call_expression function: (identifier) @_require))) @ignored (#eq? @_require "require"))
(variable_declarator value: (object (pair key: [(property_identifier) (string)]) @property))
(variable_declarator value: (call_expression arguments: (arguments . (object (pair key: [(property_identifier) (string)]) @property))))
(assignment_expression left: (member_expression) right: (object (pair key: [(property_identifier) (string)]) @property))
(export_statement value: (object (pair key: [(property_identifier) (string)]) @property))
(pair key: [(property_identifier) (string)] value: [(arrow_function) (function_expression) (generator_function)]) @method
((assignment_expression left: [(identifier) (member_expression)] @_to right: [(arrow_function) (function_expression) (generator_function)]) @function (#not-eq? @_to "module.exports"))
((assignment_expression left: (member_expression) @_to right: (class)) @class (#not-eq? @_to "module.exports"))
((assignment_expression left: (member_expression) @_to right: [(arrow_function) (function_expression !name)] @default_function) (#eq? @_to "module.exports"))
((assignment_expression left: (member_expression) @_to right: (class !name) @default_class) (#eq? @_to "module.exports"))
((expression_statement . (assignment_expression left: (member_expression) @_to)) @export (#match? @_to "^(module[.])?exports([.]|$)"))
((assignment_expression left: (member_expression object: (_) @_to)) @constant (#any-of? @_to "exports" "module.exports"))
((assignment_expression left: (member_expression object: (_) @_to) right: (identifier)) @ignored (#any-of? @_to "exports" "module.exports"))
((program (expression_statement (assignment_expression left: (member_expression object: [(identifier) (member_expression)] @_to)) @property)) (#not-match? @_to "^(module|module[.]exports|exports|this)$"))
(call_expression function: [(identifier) @call (member_expression property: (_) @call)])
(new_expression constructor: [(identifier) @call (member_expression property: (_) @call)])
(import_statement) @import
(export_statement source: (string)) @import
(call_expression function: (identifier) @_require arguments: (arguments . (string)) (#eq? @_require "require")) @import
(comment) @comment
(call_expression function: (import) arguments: (arguments . (string))) @import
