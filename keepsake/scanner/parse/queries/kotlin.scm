(class_declaration) @class
(class_declaration "interface") @interface
(class_declaration (modifiers (class_modifier "enum"))) @enum
(object_declaration) @class
(function_declaration) @function
(type_alias) @type
(call_expression . [(identifier) @call (navigation_expression (identifier) @call .)])
(binary_expression left: (binary_expression left: [(identifier) @call (navigation_expression (identifier) @call .)] "<" right: (identifier)) ">" right: (parenthesized_expression))
(import) @import
[(line_comment) (block_comment)] @comment
(package_header (qualified_identifier) @_package)
