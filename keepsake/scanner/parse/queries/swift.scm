(class_declaration) @class
(class_declaration declaration_kind: "struct") @struct
(class_declaration declaration_kind: "enum") @enum
(class_declaration declaration_kind: "extension") @scope
(protocol_declaration) @interface
[(function_declaration) (protocol_function_declaration)] @function
(init_declaration) @constructor
(typealias_declaration) @type
(call_expression . [(simple_identifier) @call (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @call))])
(import_declaration) @import
[(comment) (multiline_comment)] @comment
