(name) @_value
(variable_name (name) @_name)
(variable_name) @_value
((variable_name) @_name (#eq? @_name "$this"))
[(property_element name: (variable_name) @_name) (property_promotion_parameter name: (variable_name) @_name)]
[(function_definition) (method_declaration) (anonymous_function) (arrow_function)] @_scope
(global_declaration (variable_name) @_outer)
[(simple_parameter name: (variable_name) @_local) (variadic_parameter name: (variable_name) @_local) (catch_clause name: (variable_name) @_local) (static_variable_declaration name: (variable_name) @_local)]
[(assignment_expression left: [(variable_name) @_local (subscript_expression . (variable_name) @_local)]) (reference_assignment_expression left: (variable_name) @_local) (augmented_assignment_expression left: (variable_name) @_local) (list_literal (variable_name) @_local)]
[(foreach_statement . (_) . [(variable_name) @_local (by_ref (variable_name) @_local) (pair (variable_name) @_local) (pair (by_ref (variable_name) @_local))]) (anonymous_function_use_clause [(variable_name) @_local (by_ref (variable_name) @_local)])]
(scoped_property_access_expression name: (variable_name) @_member)
(class_constant_access_expression (name) (name) @_name (#eq? @_name "class"))
[(class_declaration name: (_) @_name) (interface_declaration name: (_) @_name) (trait_declaration name: (_) @_name) (enum_declaration name: (_) @_name) (enum_case name: (_) @_name) (function_definition name: (_) @_name) (method_declaration name: (_) @_name) (const_element . (name) @_name) (argument name: (name) @_name)]
(namespace_definition name: (_) @_in.name)
(namespace_use_declaration) @_in.import
(namespace_use_clause alias: (name) @_name)
[(named_type [(name) @_type (qualified_name (name) @_type)])]
[(base_clause [(name) @_inherit (qualified_name (name) @_inherit)]) (class_interface_clause [(name) @_inherit (qualified_name (name) @_inherit)]) (use_declaration [(name) @_inherit (qualified_name (name) @_inherit)])]
(attribute [(name) @call (qualified_name (name) @call)])
((argument [(string (string_content) @_member) (encapsed_string (string_content) @_member)]) (#match? @_member "^[A-Za-z_][A-Za-z0-9_]*$"))
((array_creation_expression . (array_element_initializer [(variable_name) (class_constant_access_expression) (name)]) . (array_element_initializer [(string (string_content) @_member) (encapsed_string (string_content) @_member)]) .) (#match? @_member "^[A-Za-z_][A-Za-z0-9_]*$"))
(namespace_use_clause [(name) @_renamed.from (qualified_name (name) @_renamed.from)] alias: (name) @_renamed.to)
