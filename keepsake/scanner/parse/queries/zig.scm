(variable_declaration [(struct_declaration) (union_declaration) (opaque_declaration)]) @struct
(variable_declaration [(enum_declaration) (error_set_declaration)]) @enum
[(struct_declaration (container_field) @field) (union_declaration (container_field) @field) (enum_declaration (container_field) @enumerator)]
(error_set_declaration (identifier) @enumerator)
(function_declaration) @function
[(source_file (variable_declaration "const") @constant) (struct_declaration (variable_declaration "const") @constant) (union_declaration (variable_declaration "const") @constant) (enum_declaration (variable_declaration "const") @constant)]
[(source_file (variable_declaration "var") @variable) (struct_declaration (variable_declaration "var") @variable)]
(call_expression function: [(identifier) @call (field_expression member: (identifier) @call)])
((builtin_function (builtin_identifier) @_imports) @import (#eq? @_imports "@import"))
(comment) @comment
