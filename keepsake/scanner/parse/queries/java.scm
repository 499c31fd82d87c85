[(class_declaration) (record_declaration)] @class
[(interface_declaration) (annotation_type_declaration)] @interface
(enum_declaration) @enum
(method_declaration) @method
[(constructor_declaration) (compact_constructor_declaration)] @constructor
(method_invocation name: (identifier) @call)
(object_creation_expression type: [(type_identifier) @call (generic_type . (type_identifier) @call) (scoped_type_identifier (type_identifier) @call .)])
(import_declaration) @import
[(line_comment) (block_comment)] @comment
(package_declaration [(scoped_identifier) (identifier)] @_package)
