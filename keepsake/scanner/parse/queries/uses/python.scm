(identifier) @_value
(attribute attribute: (identifier) @_member)
(type) @_in.type
(type (string (string_content) @_words.type))
(class_definition superclasses: (argument_list) @_in.type)
(class_definition superclasses: (argument_list (subscript subscript: (string (string_content) @_words.type))))
(call function: [(list_splat [(identifier) @call (attribute attribute: (identifier) @call)]) (parenthesized_expression [(identifier) @call (attribute attribute: (identifier) @call)])])
(class_definition superclasses: (argument_list [(identifier) @_inherit (attribute attribute: (identifier) @_inherit) (subscript value: [(identifier) @_inherit (attribute attribute: (identifier) @_inherit)])]))
[(import_statement) (import_from_statement)] @_in.import
(future_import_statement) @_in.name
(aliased_import alias: (identifier) @_name)
(assignment left: (identifier) @_all right: [(list (string (string_content) @_words.re-export)) (tuple (string (string_content) @_words.re-export))] (#eq? @_all "__all__"))
(augmented_assignment left: (identifier) @_all right: [(list (string (string_content) @_words.re-export)) (tuple (string (string_content) @_words.re-export))] (#eq? @_all "__all__"))
[(function_definition name: (identifier) @_name) (class_definition name: (identifier) @_name)]
[(keyword_argument name: (identifier) @_name) (keyword_pattern . (identifier) @_name)]
(type_alias_statement left: (type [(identifier) @_name (generic_type . (identifier) @_name)]))
(_ type_parameters: (type_parameter (type (identifier) @_type_parameter)))
[(function_definition) (lambda) (list_comprehension) (set_comprehension) (dictionary_comprehension) (generator_expression)] @_scope
[(global_statement (identifier) @_outer) (nonlocal_statement (identifier) @_outer)]
(parameters [(identifier) @_local (typed_parameter . (identifier) @_local)])
(lambda_parameters (identifier) @_local)
[(default_parameter name: (identifier) @_local) (typed_default_parameter name: (identifier) @_local)]
[(list_splat_pattern (identifier) @_local) (dictionary_splat_pattern (identifier) @_local)]
[(assignment left: (identifier) @_local) (augmented_assignment left: (identifier) @_local) (named_expression name: (identifier) @_local)]
[(pattern_list (identifier) @_local) (tuple_pattern (identifier) @_local) (list_pattern (identifier) @_local)]
[(for_statement left: (identifier) @_local) (for_in_clause left: (identifier) @_local)]
(as_pattern_target [(identifier) @_local (tuple (identifier) @_local)])
(case_pattern (dotted_name . (identifier) @_local .))
(import_from_statement name: (aliased_import name: (dotted_name (identifier) @_renamed.from .) alias: (identifier) @_renamed.to))
