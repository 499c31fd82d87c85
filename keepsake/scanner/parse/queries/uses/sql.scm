(object_reference name: (identifier) @_value)
(field name: (identifier) @_member)
(column [(identifier) @_member (_ (identifier) @_member)])
(_ custom_type: (object_reference name: (identifier) @_type))
[(create_table (object_reference name: (identifier) @_name)) (create_view (keyword_view) (object_reference name: (identifier) @_name)) (create_materialized_view (keyword_view) (object_reference name: (identifier) @_name)) (create_type (object_reference name: (identifier) @_name)) (create_function (keyword_function) . (object_reference name: (identifier) @_name)) (create_trigger (keyword_trigger) . (object_reference name: (identifier) @_name))]
(create_trigger (keyword_execute) (object_reference) @call)
