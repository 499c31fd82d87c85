(namespace_identifier) @_value
(qualified_identifier name: (identifier) @_member)
[(class_specifier name: (type_identifier) @_name body: (_)) (alias_declaration name: (_) @_name) (namespace_definition name: (_) @_in.name) (concept_definition name: (_) @_name)]
[(function_declarator declarator: (qualified_identifier name: [(identifier) @_name (qualified_identifier name: [(identifier) @_name (qualified_identifier name: (identifier) @_name)])])) (init_declarator declarator: (qualified_identifier name: (identifier) @_name))]
(reference_declarator (field_identifier) @_name)
(using_declaration) @_in.import
[(lambda_expression) (template_declaration)] @_scope
[(type_parameter_declaration (type_identifier) @_type_parameter) (optional_type_parameter_declaration name: (_) @_type_parameter)]
[(reference_declarator (identifier) @_local) (structured_binding_declarator (identifier) @_local)]
(base_class_clause [(type_identifier) @_inherit (template_type name: (_) @_inherit) (qualified_identifier name: [(type_identifier) @_inherit (template_type name: (type_identifier) @_inherit) (qualified_identifier name: [(type_identifier) @_inherit (template_type name: (type_identifier) @_inherit)])])])
