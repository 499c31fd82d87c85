(create_table) @table
(create_table (column_definitions (column_definition) @field))
(create_view) @view
(create_materialized_view) @view
[(create_function) (create_procedure)] @routine
(create_type) @type
(enum_elements enum_element: (literal) @enumerator)
(create_trigger) @trigger
(create_sequence) @variable
(create_schema) @module
(create_index column: (_)) @index
(invocation (object_reference) @call)
[(comment) (marginalia)] @comment
