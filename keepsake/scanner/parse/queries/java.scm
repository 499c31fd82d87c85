[(class_declaration) (record_declaration)] @class
(record_declaration parameters: (formal_parameters (formal_parameter) @component))
(object_creation_expression (class_body) @anonymous)
[(interface_declaration) (annotation_type_declaration)] @interface
(enum_declaration) @enum
(enum_constant) @enumerator
(method_declaration) @method
(annotation_type_element_declaration) @method
[(constructor_declaration) (compact_constructor_declaration)] @constructor
[(static_initializer) (lambda_expression)] @local
(field_declaration) @field
(field_declaration (modifiers "static" "final")) @constant
(field_declaration (modifiers "final" "static")) @constant
(constant_declaration) @constant
(method_invocation name: (identifier) @call)
(object_creation_expression type: [(type_identifier) @call (generic_type . (type_identifier) @call) (scoped_type_identifier (type_identifier) @call .)])
(import_declaration) @import
[(line_comment) (block_comment)] @comment
(package_declaration [(scoped_identifier) (identifier)] @_package)
