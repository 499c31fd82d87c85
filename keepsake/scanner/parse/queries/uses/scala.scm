(identifier) @_value
(type_identifier) @_type
(field_expression field: (identifier) @_member)
(infix_expression operator: (identifier) @_call)
[(class_definition name: (_) @_name) (object_definition name: (_) @_name) (trait_definition name: (_) @_name) (enum_definition name: (_) @_name) (simple_enum_case name: (_) @_name) (full_enum_case name: (_) @_name) (function_definition name: (_) @_name) (function_declaration name: (_) @_name) (type_definition name: (_) @_name) (given_definition name: (_) @_name) (class_parameter name: (_) @_name)]
[(template_body [(val_definition pattern: (identifier) @_name) (var_definition pattern: (identifier) @_name) (val_declaration name: (_) @_name) (var_declaration name: (_) @_name)]) (interpolated_string_expression interpolator: (_) @_name) (arguments (assignment_expression left: (identifier) @_name))]
(package_clause) @_in.name
(import_declaration) @_in.import
(export_declaration) @_in.re-export
[(arrow_renamed_identifier alias: (identifier) @_name) (as_renamed_identifier alias: (identifier) @_name)]
(annotation name: (type_identifier) @call)
[(function_definition) (function_declaration) (lambda_expression) (case_clause) (for_expression) (class_definition) (trait_definition) (type_definition)] @_scope
(type_parameters name: (identifier) @_type_parameter)
[(val_definition pattern: (identifier) @_local) (var_definition pattern: (identifier) @_local) (parameter name: (_) @_local) (binding name: (_) @_local) (lambda_expression parameters: (identifier) @_local) (enumerator . (identifier) @_local) (typed_pattern pattern: (identifier) @_local) (capture_pattern name: (_) @_local)]
((tuple_pattern (identifier) @_local) (#match? @_local "^[a-z_]"))
((case_class_pattern pattern: (identifier) @_local) (#match? @_local "^[a-z_]"))
((case_clause pattern: (identifier) @_local) (#match? @_local "^[a-z_]"))
[(extends_clause [(type_identifier) @_inherit (stable_type_identifier (type_identifier) @_inherit) (generic_type type: [(type_identifier) @_inherit (stable_type_identifier (type_identifier) @_inherit)])])
 (derives_clause [(type_identifier) @_inherit (stable_type_identifier (type_identifier) @_inherit)])
 (given_definition return_type: [(type_identifier) @_inherit (generic_type type: (type_identifier) @_inherit)])]
(instance_expression [(type_identifier) @_inherit (generic_type type: (type_identifier) @_inherit)] (template_body))
[(arrow_renamed_identifier name: (identifier) @_renamed.from alias: (identifier) @_renamed.to) (as_renamed_identifier name: (identifier) @_renamed.from alias: (identifier) @_renamed.to)]
