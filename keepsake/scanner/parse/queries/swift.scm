(class_declaration) @class
(class_declaration declaration_kind: "struct") @struct
(class_declaration declaration_kind: "enum") @enum
(class_declaration declaration_kind: "extension") @scope
(enum_entry) @enumerator
(protocol_declaration) @interface
[(function_declaration) (protocol_function_declaration)] @function
(init_declaration) @constructor
(lambda_literal) @local
(typealias_declaration) @type
(associatedtype_declaration) @type
(property_declaration (value_binding_pattern mutability: "let")) @val
(property_declaration (value_binding_pattern mutability: "var")) @var
(protocol_property_declaration) @property
(subscript_declaration) @method
(deinit_declaration) @method
[(computed_property) (willset_didset_block)] @local
(call_expression . [(simple_identifier) @call (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @call))])
(import_declaration) @import
[(comment) (multiline_comment)] @comment
(macro_declaration) @macro
