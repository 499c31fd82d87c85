[(class_declaration) (record_declaration)] @class
(record_declaration (parameter_list (parameter) @component))
(struct_declaration) @struct
(record_declaration "struct") @struct
(interface_declaration) @interface
(enum_declaration) @enum
(enum_member_declaration) @enumerator
(delegate_declaration) @type
(namespace_declaration) @module
[(method_declaration) (local_function_statement)] @method
[(operator_declaration) (conversion_operator_declaration) (destructor_declaration)] @method
(constructor_declaration) @constructor
[(lambda_expression) (anonymous_method_expression)] @local
[(property_declaration) (indexer_declaration)] @property
[(field_declaration) (event_field_declaration) (event_declaration)] @field
(field_declaration (modifier "const")) @constant
(using_directive name: (_)) @alias
(invocation_expression function: [(identifier) @call (generic_name (identifier) @call) (member_access_expression name: [(identifier) @call (generic_name (identifier) @call)]) (conditional_access_expression (member_binding_expression name: [(identifier) @call (generic_name (identifier) @call)]))])
(object_creation_expression type: [(identifier) @call (generic_name (identifier) @call) (qualified_name name: [(identifier) @call (generic_name (identifier) @call)])])
(using_directive) @import
(comment) @comment
[(namespace_declaration name: (_) @_package) (file_scoped_namespace_declaration name: (_) @_package)]
