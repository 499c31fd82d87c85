(function_definition) @function
(class_specifier name: (_) body: (_)) @class
(class_specifier body: (field_declaration_list "{" @hide_rest))
(access_specifier ["private" "protected"]) @hide_rest
(access_specifier "public") @show_rest
(struct_specifier name: (_) body: (_)) @struct
(union_specifier name: (_) body: (_)) @struct
(enum_specifier name: (_) body: (_)) @enum
(enumerator) @enumerator
(namespace_definition) @module
(namespace_alias_definition) @alias
(lambda_expression) @local
(compound_statement) @block
(type_definition) @type
(alias_declaration) @type
(concept_definition) @type
(field_declaration) @field
(declaration) @declaration
(declaration (storage_class_specifier "extern")) @ignored
(friend_declaration (declaration) @ignored)
[(preproc_def) (preproc_function_def)] @macro
(call_expression function: [(identifier) @call (template_function name: (identifier) @call)])
(call_expression function: (field_expression field: [(field_identifier) @call (template_method name: (field_identifier) @call) (dependent_name (template_method name: (field_identifier) @call))]))
(call_expression function: (qualified_identifier name: [(identifier) @call (template_function name: (identifier) @call)]))
(call_expression function: (qualified_identifier name: (qualified_identifier name: [(identifier) @call (template_function name: (identifier) @call)])))
(call_expression function: (qualified_identifier name: (qualified_identifier name: (qualified_identifier name: [(identifier) @call (template_function name: (identifier) @call)]))))
(new_expression type: [(type_identifier) @call (template_type name: (type_identifier) @call) (qualified_identifier name: [(type_identifier) @call (template_type name: (type_identifier) @call)])])
(preproc_include) @import
(comment) @comment
(function_definition declarator: [(identifier) (field_identifier) (qualified_identifier name: (identifier))]) @_misread
((function_definition !type declarator: (function_declarator declarator: [(identifier) @_macro (field_identifier) @_macro (function_declarator declarator: (identifier) @_macro)])) @_misread (#match? @_macro "^[A-Z][A-Z0-9_]+$"))
(template_declaration ["template" (template_parameter_list) (requires_clause)] @attribute)
