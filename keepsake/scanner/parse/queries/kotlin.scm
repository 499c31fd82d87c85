(class_declaration) @class
(class_declaration "interface") @interface
(class_declaration (modifiers (class_modifier "enum"))) @enum
(enum_entry) @enumerator
[(object_declaration) (companion_object)] @class
(object_literal) @anonymous
(function_declaration) @function
[(lambda_literal) (anonymous_function) (anonymous_initializer) (getter) (setter)] @local
(secondary_constructor) @constructor
(type_alias) @type
(property_declaration "val") @val
(property_declaration "var") @var
(property_declaration (modifiers (property_modifier "const"))) @constant
(class_parameter ["val" "var"]) @property
(call_expression . [(identifier) @call (navigation_expression (identifier) @call .)])
(binary_expression left: (binary_expression left: [(identifier) @call (navigation_expression (identifier) @call .)] "<" right: (identifier)) ">" right: (parenthesized_expression))
(import) @import
[(line_comment) (block_comment)] @comment
(package_header (qualified_identifier) @_package)
