(create_table (object_reference) @_n) @table
(create_view (object_reference) @_n) @view
(create_materialized_view (object_reference) @_n) @view
(create_function (object_reference) @_n) @function
(create_type (object_reference) @_n) @type
(create_trigger (object_reference) @_n) @trigger
(create_index) @index
(invocation (object_reference) @call)
[(comment) (marginalia)] @comment
