(function_definition) @function
(struct_specifier name: (_) body: (_)) @struct
(union_specifier name: (_) body: (_)) @struct
(enum_specifier name: (_) body: (_)) @enum
(enumerator) @enumerator
(field_declaration) @field
(compound_statement) @block
(type_definition) @type
(declaration) @declaration
(declaration (storage_class_specifier "extern")) @ignored
[(preproc_def) (preproc_function_def)] @macro
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call)])
(preproc_include) @import
(comment) @comment
(function_definition declarator: [(identifier) (parenthesized_declarator)]) @_misread
(translation_unit (compound_statement) @_misread)
