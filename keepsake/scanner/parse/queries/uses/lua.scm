(identifier) @_value
[(dot_index_expression field: (identifier) @_member) (method_index_expression method: (identifier) @_member)]
((field name: (identifier) @_name) @_field (#not-match? @_field "^\\["))
(function_declaration name: [(identifier) @_name (dot_index_expression field: (identifier) @_name) (method_index_expression method: (identifier) @_name)])
(assignment_statement (variable_list name: (dot_index_expression field: (identifier) @_name)) (expression_list value: (function_definition)))
(chunk (variable_declaration (assignment_statement (variable_list name: (identifier) @_name))))
[(function_declaration) (function_definition) (for_statement)] @_scope
(parameters (identifier) @_local)
(block (variable_declaration [(variable_list name: (identifier) @_local) (assignment_statement (variable_list name: (identifier) @_local))]))
(for_generic_clause (variable_list name: (identifier) @_local))
(for_numeric_clause name: (identifier) @_local)
