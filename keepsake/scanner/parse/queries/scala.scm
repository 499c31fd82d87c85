[(class_definition) (object_definition)] @class
(package_object) @module
(class_definition "case" class_parameters: (class_parameters (class_parameter) @component))
(class_parameter ["val" "var"]) @property
(trait_definition) @trait
(enum_definition) @enum
[(simple_enum_case) (full_enum_case)] @enumerator
(type_definition) @type
(given_definition) @given
[(function_definition) (function_declaration)] @function
[(block) (lambda_expression) (case_block)] @block
[(val_definition) (val_declaration)] @val
[(var_definition) (var_declaration)] @var
(instance_expression (template_body) @anonymous)
(call_expression function: [(identifier) @call (field_expression field: (identifier) @call)])
(call_expression function: (generic_function function: [(identifier) @call (field_expression field: (identifier) @call)]))
(instance_expression [(type_identifier) @call (generic_type type: (type_identifier) @call) (stable_type_identifier (type_identifier) @call)])
(import_declaration) @import
[(comment) (block_comment)] @comment
[(package_clause name: (_) @_package) (package_object name: (_) @_package)]
