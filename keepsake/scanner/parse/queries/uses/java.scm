(identifier) @_value
(type_identifier) @_type
[(field_access field: (identifier) @_member) (method_reference (_) (identifier) @_member) (scoped_identifier (identifier) @_member)]
[(class_declaration name: (_) @_name) (record_declaration name: (_) @_name) (interface_declaration name: (_) @_name) (annotation_type_declaration name: (_) @_name) (enum_declaration name: (_) @_name) (enum_constant name: (_) @_name) (annotation_type_element_declaration name: (_) @_name)]
[(method_declaration name: (_) @_name) (constructor_declaration name: (_) @_name) (compact_constructor_declaration name: (_) @_name)]
[(field_declaration declarator: (variable_declarator name: (_) @_name)) (constant_declaration declarator: (variable_declarator name: (_) @_name)) (record_declaration parameters: (formal_parameters (formal_parameter name: (_) @_name)))]
[(element_value_pair key: (_) @_name) (labeled_statement . (identifier) @_name) (break_statement (identifier) @_name) (continue_statement (identifier) @_name)]
(package_declaration) @_in.name
(import_declaration) @_in.import
[(marker_annotation name: [(identifier) @call (scoped_identifier name: (identifier) @call)]) (annotation name: [(identifier) @call (scoped_identifier name: (identifier) @call)])]
[(method_declaration) (constructor_declaration) (compact_constructor_declaration) (lambda_expression) (static_initializer) (class_declaration) (record_declaration) (interface_declaration)] @_scope
(type_parameter (type_identifier) @_type_parameter)
[(local_variable_declaration declarator: (variable_declarator name: (_) @_local)) (formal_parameter name: (_) @_local) (spread_parameter (variable_declarator name: (_) @_local)) (catch_formal_parameter name: (_) @_local) (enhanced_for_statement name: (_) @_local) (resource name: (_) @_local) (instanceof_expression name: (_) @_local)]
[(lambda_expression parameters: (identifier) @_local) (inferred_parameters (identifier) @_local) (type_pattern (identifier) @_local) (record_pattern_component (identifier) @_local)]
[(superclass [(type_identifier) @_inherit (generic_type . [(type_identifier) @_inherit (scoped_type_identifier (type_identifier) @_inherit .)]) (scoped_type_identifier (type_identifier) @_inherit .)])
 (super_interfaces (type_list [(type_identifier) @_inherit (generic_type . [(type_identifier) @_inherit (scoped_type_identifier (type_identifier) @_inherit .)]) (scoped_type_identifier (type_identifier) @_inherit .)]))
 (extends_interfaces (type_list [(type_identifier) @_inherit (generic_type . [(type_identifier) @_inherit (scoped_type_identifier (type_identifier) @_inherit .)]) (scoped_type_identifier (type_identifier) @_inherit .)]))]
(object_creation_expression type: [(type_identifier) @_inherit (generic_type . (type_identifier) @_inherit) (scoped_type_identifier (type_identifier) @_inherit .)] (class_body))
