(function_definition) @function
(class_specifier name: (_) body: (_)) @class
(struct_specifier name: (_) body: (_)) @struct
(union_specifier name: (_) body: (_)) @struct
(enum_specifier name: (_) body: (_)) @enum
(namespace_definition) @module
(type_definition) @type
(alias_declaration) @type
(field_declaration declarator: (function_declarator)) @method
(field_declaration_list (declaration declarator: (function_declarator)) @method)
[(preproc_def) (preproc_function_def)] @macro
(call_expression function: [(identifier) @call (template_function name: (identifier) @call)])
(call_expression function: (field_expression field: [(field_identifier) @call (template_method name: (field_identifier) @call) (dependent_name (template_method name: (field_identifier) @call))]))
(call_expression function: (qualified_identifier name: [(identifier) @call (template_function name: (identifier) @call)]))
(call_expression function: (qualified_identifier name: (qualified_identifier name: [(identifier) @call (template_function name: (identifier) @call)])))
(call_expression function: (qualified_identifier name: (qualified_identifier name: (qualified_identifier name: [(identifier) @call (template_function name: (identifier) @call)]))))
(new_expression type: [(type_identifier) @call (template_type name: (type_identifier) @call) (qualified_identifier name: [(type_identifier) @call (template_type name: (type_identifier) @call)])])
(preproc_include) @import
(comment) @comment
