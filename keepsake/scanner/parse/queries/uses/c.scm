(identifier) @_value
(field_identifier) @_member
(type_identifier) @_type
(preproc_arg) @_words.value
[(function_declarator declarator: (identifier) @_name) (_ declarator: (field_identifier) @_name) (_ declarator: (type_identifier) @_name) (enumerator name: (_) @_name)]
[(preproc_def name: (_) @_name) (preproc_function_def name: (_) @_name) (preproc_params (identifier) @_name)]
[(struct_specifier name: (type_identifier) @_name body: (_)) (union_specifier name: (type_identifier) @_name body: (_)) (enum_specifier name: (type_identifier) @_name body: (_))]
(function_definition) @_scope
(_ declarator: (identifier) @_local)
