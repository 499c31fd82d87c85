[(class_definition) (object_definition)] @class
(trait_definition) @trait
(enum_definition) @enum
(type_definition) @type
[(function_definition) (function_declaration)] @function
(call_expression function: [(identifier) @call (field_expression field: (identifier) @call)])
(call_expression function: (generic_function function: [(identifier) @call (field_expression field: (identifier) @call)]))
(instance_expression [(type_identifier) @call (generic_type type: (type_identifier) @call) (stable_type_identifier (type_identifier) @call)])
(import_declaration) @import
[(comment) (block_comment)] @comment
[(package_clause name: (_) @_package) (package_object name: (_) @_package)]
