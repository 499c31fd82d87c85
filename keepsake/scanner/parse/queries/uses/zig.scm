(identifier) @_value
(field_expression member: (identifier) @_member)
[(function_declaration name: (identifier) @_name) (container_field name: (identifier) @_name)]
[(source_file (variable_declaration . (identifier) @_name)) (struct_declaration (variable_declaration . (identifier) @_name))]
[(function_declaration) (block)] @_scope
(parameter name: (identifier) @_local)
(block (variable_declaration . (identifier) @_local))
(payload (identifier) @_local)
