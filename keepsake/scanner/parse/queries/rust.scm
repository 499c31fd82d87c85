[(function_item) (function_signature_item)] @function
(struct_item) @struct
(union_item) @struct
(enum_item) @enum
(trait_item) @trait
(impl_item) @scope
(mod_item body: (_)) @module
(type_item) @type
(macro_definition) @macro
[(const_item) (static_item)] @constant
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call) (scoped_identifier name: (identifier) @call) (generic_function function: [(identifier) @call (field_expression field: (field_identifier) @call) (scoped_identifier name: (identifier) @call)])])
(macro_invocation macro: [(identifier) @call (scoped_identifier name: (identifier) @call)])
[(use_declaration) (extern_crate_declaration)] @import
[(line_comment) (block_comment)] @comment
(attribute_item) @attribute
(mod_item !body) @import
