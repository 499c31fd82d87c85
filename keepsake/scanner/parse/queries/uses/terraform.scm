(variable_expr (identifier) @_value)
(get_attr (identifier) @_member)
