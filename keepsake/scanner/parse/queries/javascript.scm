[(class_declaration) (class)] @class
[(function_declaration) (generator_function_declaration)] @function
(method_definition) @method
(variable_declarator name: (identifier) value: [(arrow_function) (function_expression) (generator_function)]) @function
(assignment_expression left: (_) right: [(arrow_function) (function_expression) (generator_function)]) @function
(pair key: [(property_identifier) (string)] value: [(arrow_function) (function_expression)]) @method
(field_definition property: (_) value: [(arrow_function) (function_expression)]) @method
(call_expression function: [(identifier) @call (member_expression property: (_) @call)])
(new_expression constructor: [(identifier) @call (member_expression property: (_) @call)])
(import_statement) @import
(export_statement source: (string)) @import
(call_expression function: (identifier) @_require arguments: (arguments . (string)) (#eq? @_require "require")) @import
(comment) @comment
(call_expression function: (import) arguments: (arguments . (string))) @import
