(identifier) @_value
[(_ type: (_) @_in.type) (_ returns: (_) @_in.type) (type_argument_list) @_in.type (as_expression right: (_) @_in.type) (is_expression right: (_) @_in.type)]
[(member_access_expression name: [(identifier) @_member (generic_name . (identifier) @_member)]) (member_binding_expression name: [(identifier) @_member (generic_name . (identifier) @_member)])]
[(class_declaration name: (_) @_name) (struct_declaration name: (_) @_name) (record_declaration name: (_) @_name) (interface_declaration name: (_) @_name) (enum_declaration name: (_) @_name) (delegate_declaration name: (_) @_name) (enum_member_declaration name: (_) @_name)]
[(method_declaration name: (_) @_name) (constructor_declaration name: (_) @_name) (destructor_declaration name: (_) @_name) (property_declaration name: (_) @_name) (event_declaration name: (_) @_name) (local_function_statement name: (_) @_name)]
[(field_declaration (variable_declaration (variable_declarator name: (_) @_name))) (event_field_declaration (variable_declaration (variable_declarator name: (_) @_name))) (record_declaration (parameter_list (parameter name: (_) @_name))) (class_declaration (parameter_list (parameter name: (_) @_name)))]
[(namespace_declaration name: (_) @_in.name) (file_scoped_namespace_declaration name: (_) @_in.name) (argument name: (_) @_name) (attribute_argument name: (_) @_name) (labeled_statement . (identifier) @_name)]
(using_directive) @_in.import
(using_directive name: (_) @_name)
(attribute name: [(identifier) @call (qualified_name name: (identifier) @call)])
[(method_declaration) (constructor_declaration) (local_function_statement) (lambda_expression) (anonymous_method_expression) (accessor_declaration) (class_declaration) (struct_declaration) (record_declaration) (interface_declaration) (delegate_declaration)] @_scope
(type_parameter name: (_) @_type_parameter)
(type_parameter_constraints_clause . (identifier) @_name)
[(variable_declarator name: (identifier) @_local) (parameter name: (identifier) @_local) (implicit_parameter) @_local (foreach_statement left: (identifier) @_local) (catch_declaration name: (_) @_local) (declaration_pattern name: (_) @_local) (declaration_expression name: (_) @_local)]
(base_list [(identifier) @_inherit (generic_name . (identifier) @_inherit) (qualified_name name: [(identifier) @_inherit (generic_name . (identifier) @_inherit)]) (primary_constructor_base_type type: [(identifier) @_inherit (generic_name . (identifier) @_inherit)])])
(using_directive name: (identifier) @_renamed.to [(identifier) @_renamed.from (qualified_name name: (identifier) @_renamed.from)] .)
