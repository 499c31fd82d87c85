(type_identifier) @_type
[(class_declaration name: (_) @_name) (abstract_class_declaration name: (_) @_name) (class name: (_) @_name) (interface_declaration name: (_) @_name) (type_alias_declaration name: (_) @_name) (enum_declaration name: (_) @_name)]
[(public_field_definition name: (_) @_name) (property_signature name: (_) @_name) (method_signature name: (_) @_name) (abstract_method_signature name: (_) @_name) (function_signature name: (_) @_name) (index_signature name: (_) @_name)]
[(enum_body (property_identifier) @_name) (enum_assignment name: (property_identifier) @_name)]
[(internal_module name: (_) @_in.name) (module name: (_) @_in.name)]
(export_statement "=" (identifier) @_re-export)
(type_parameter name: (type_identifier) @_type_parameter)
[(class_declaration) (abstract_class_declaration) (interface_declaration) (type_alias_declaration) (function_signature) (method_signature) (abstract_method_signature) (construct_signature) (call_signature) (function_type)] @_scope
[(required_parameter pattern: (identifier) @_local) (optional_parameter pattern: (identifier) @_local)]
(decorator [(identifier) @call (member_expression property: (_) @call)])
(extends_clause value: [(identifier) @_inherit (member_expression property: (_) @_inherit)])
[(implements_clause [(type_identifier) @_inherit (generic_type name: [(type_identifier) @_inherit (nested_type_identifier name: (_) @_inherit)]) (nested_type_identifier name: (_) @_inherit)])
 (extends_type_clause type: [(type_identifier) @_inherit (generic_type name: [(type_identifier) @_inherit (nested_type_identifier name: (_) @_inherit)]) (nested_type_identifier name: (_) @_inherit)])]
(import_specifier name: (identifier) @_what alias: (identifier) @_imported.default (#eq? @_what "default"))
