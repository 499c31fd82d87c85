[(class_declaration) (record_declaration)] @class
(struct_declaration) @struct
(interface_declaration) @interface
(enum_declaration) @enum
(delegate_declaration) @type
[(namespace_declaration) (file_scoped_namespace_declaration)] @module
[(method_declaration) (local_function_statement)] @method
(constructor_declaration) @constructor
(property_declaration) @property
(invocation_expression function: [(identifier) @call (member_access_expression name: (identifier) @call)])
(object_creation_expression type: (identifier) @call)
(using_directive) @import
(comment) @comment
