[(function_item) (function_signature_item)] @function
(closure_expression) @local
(struct_item) @struct
(union_item) @struct
(enum_item) @enum
(enum_variant) @enumerator
(field_declaration) @field
(enum_variant body: (field_declaration_list (field_declaration) @component))
(trait_item) @trait
(impl_item) @scope
(impl_item trait: (_)) @shown
(mod_item) @module
(type_item) @type
(associated_type) @type
(macro_definition) @macro
[(const_item) (static_item)] @constant
(use_declaration (visibility_modifier)) @alias
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call) (scoped_identifier name: (identifier) @call) (generic_function function: [(identifier) @call (field_expression field: (field_identifier) @call) (scoped_identifier name: (identifier) @call)])])
(macro_invocation macro: [(identifier) @call (scoped_identifier name: (identifier) @call)])
[(use_declaration) (extern_crate_declaration)] @import
[(line_comment) (block_comment)] @comment
(attribute_item) @attribute
(mod_item !body) @import
(source_file (macro_invocation (token_tree) @_unread))
(source_file (expression_statement (macro_invocation (token_tree) @_unread)))
(declaration_list (macro_invocation (token_tree) @_unread))
