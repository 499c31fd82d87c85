(chunk (return_statement (expression_list (identifier) @_exported)))
(function_declaration) @function
(assignment_statement (variable_list . name: (_) .) (expression_list . value: (function_definition) .)) @function
(field name: (identifier) value: (function_definition)) @function
(function_definition) @local
((chunk (variable_declaration (assignment_statement (variable_list name: (identifier)) (expression_list value: (_) @_given))) @variable) (#not-match? @_given "^(require\\b|function\\b)"))
(function_call name: [(identifier) @call (dot_index_expression field: (identifier) @call) (method_index_expression method: (identifier) @call)])
((function_call name: (identifier) @_requires) @import (#any-of? @_requires "require" "dofile" "loadfile"))
(comment) @comment
