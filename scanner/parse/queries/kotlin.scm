(class_declaration) @class
(object_declaration) @class
(function_declaration) @function
(type_alias) @type
(call_expression . [(identifier) @call (navigation_expression (identifier) @call .)])
(import) @import
[(line_comment) (block_comment)] @comment
