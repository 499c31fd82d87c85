[(class_declaration) (record_declaration)] @class
(struct_declaration) @struct
(interface_declaration) @interface
(enum_declaration) @enum
(delegate_declaration) @type
[(namespace_declaration) (file_scoped_namespace_declaration)] @module
[(method_declaration) (local_function_statement)] @method
(constructor_declaration) @constructor
(property_declaration) @property
(invocation_expression function: [(identifier) @call (generic_name (identifier) @call) (member_access_expression name: [(identifier) @call (generic_name (identifier) @call)]) (conditional_access_expression (member_binding_expression name: [(identifier) @call (generic_name (identifier) @call)]))])
(object_creation_expression type: [(identifier) @call (generic_name (identifier) @call) (qualified_name name: [(identifier) @call (generic_name (identifier) @call)])])
(using_directive) @import
(comment) @comment
[(namespace_declaration name: (_) @_package) (file_scoped_namespace_declaration name: (_) @_package)]
