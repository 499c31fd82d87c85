(function_declaration) @function
(method_declaration) @method
(func_literal) @local
(type_spec) @type
(type_spec type: (struct_type)) @struct
(type_spec type: (interface_type)) @interface
(type_alias) @type
(method_elem) @method
(field_declaration) @field
(const_spec) @constant
(var_spec) @variable
(call_expression function: [(identifier) @call (selector_expression field: (field_identifier) @call)])
(call_expression function: (index_expression operand: [(identifier) @call (selector_expression field: (field_identifier) @call)]))
(type_conversion_expression type: (generic_type type: [(type_identifier) @call (qualified_type name: (type_identifier) @call)]))
(import_spec) @import
(comment) @comment
