(name) @_value
(variable_name (name) @_name)
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
