[(identifier) (package_identifier)] @_value
(field_identifier) @_member
(type_identifier) @_type
(package_clause) @_in.name
(import_spec name: (_) @_name)
(import_spec path: (_) @_words.import)
[(function_declaration name: (_) @_name) (method_declaration name: (_) @_name) (type_spec name: (_) @_name) (type_alias name: (_) @_name) (field_declaration name: (_) @_name) (method_elem name: (_) @_name)]
(keyed_element key: (literal_element (identifier) @_member))
[(function_declaration) (method_declaration) (func_literal) (type_spec) (method_elem) (function_type)] @_scope
[(parameter_declaration name: (identifier) @_local) (variadic_parameter_declaration name: (identifier) @_local) (var_spec name: (identifier) @_local) (const_spec name: (identifier) @_local)]
[(short_var_declaration left: (expression_list (identifier) @_local)) (range_clause left: (expression_list (identifier) @_local)) (receive_statement left: (expression_list (identifier) @_local)) (type_switch_statement alias: (expression_list (identifier) @_local))]
(type_parameter_declaration name: (identifier) @_type_parameter)
(field_declaration !name type: [(type_identifier) @_inherit (qualified_type name: (_) @_inherit) (generic_type type: [(type_identifier) @_inherit (qualified_type name: (_) @_inherit)])])
(interface_type (type_elem . [(type_identifier) @_inherit (qualified_type name: (_) @_inherit)] .))
