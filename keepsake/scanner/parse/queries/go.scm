(function_declaration) @function
(method_declaration) @method
(type_spec type: (struct_type)) @struct
(type_spec type: (interface_type)) @interface
(type_spec type: [(type_identifier) (qualified_type) (pointer_type) (array_type) (slice_type) (map_type) (channel_type) (function_type) (generic_type)]) @type
(type_alias) @type
(method_elem) @method
(source_file (const_declaration (const_spec) @constant))
(call_expression function: [(identifier) @call (selector_expression field: (field_identifier) @call)])
(call_expression function: (index_expression operand: [(identifier) @call (selector_expression field: (field_identifier) @call)]))
(type_conversion_expression type: (generic_type type: [(type_identifier) @call (qualified_type name: (type_identifier) @call)]))
(import_spec) @import
(comment) @comment
