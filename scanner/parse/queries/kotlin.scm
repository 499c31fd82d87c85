(class_declaration) @class
(class_declaration "interface") @interface
(class_declaration (modifiers (class_modifier "enum"))) @enum
(object_declaration) @class
(function_declaration) @function
(type_alias) @type
(call_expression . [(identifier) @call (navigation_expression (identifier) @call .)])
(import) @import
[(line_comment) (block_comment)] @comment
