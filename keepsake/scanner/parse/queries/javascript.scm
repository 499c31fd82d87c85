(field_definition property: (_)) @field
(field_definition property: (_) value: [(arrow_function) (function_expression)]) @method
