[(class_declaration) (abstract_class_declaration) (class)] @class
(interface_declaration) @interface
(enum_declaration) @enum
(type_alias_declaration) @type
[(internal_module) (module)] @module
[(function_declaration) (generator_function_declaration) (function_signature)] @function
[(method_definition) (method_signature) (abstract_method_signature)] @method
(variable_declarator name: (identifier) value: [(arrow_function) (function_expression) (generator_function)]) @function
(assignment_expression left: (_) right: [(arrow_function) (function_expression) (generator_function)]) @function
(pair key: [(property_identifier) (string)] value: [(arrow_function) (function_expression)]) @method
(public_field_definition name: (_) value: [(arrow_function) (function_expression)]) @method
(call_expression function: [(identifier) @call (member_expression property: (_) @call)])
(new_expression constructor: [(identifier) @call (member_expression property: (_) @call)])
(import_statement) @import
(export_statement source: (string)) @import
(comment) @comment
(call_expression function: (identifier) @_require arguments: (arguments . (string)) (#eq? @_require "require")) @import
(call_expression function: (import) arguments: (arguments . (string))) @import
