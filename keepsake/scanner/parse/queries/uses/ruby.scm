(identifier) @_call
(constant) @_value
[(simple_symbol) (bare_symbol)] @_member
(pair key: (simple_symbol) @_name)
(call method: (identifier) @_defines arguments: (argument_list (simple_symbol) @_name) (#match? @_defines "^attr(_accessor|_reader|_writer)?$"))
(call method: (identifier) @_defines arguments: (argument_list . (simple_symbol) @_name) (#match? @_defines "^(define_method|define_singleton_method|alias_method)$"))
[(method name: (_) @_name) (singleton_method name: (_) @_name) (alias name: (_) @_name)]
(alias alias: (identifier) @_member)
[(class name: [(constant) @_name (scope_resolution name: (_) @_name)]) (module name: [(constant) @_name (scope_resolution name: (_) @_name)]) (assignment left: [(constant) @_name (left_assignment_list (constant) @_name)])]
[(method) (singleton_method) (block) (do_block) (lambda)] @_scope
[(assignment left: (identifier) @_local) (operator_assignment left: (identifier) @_local) (left_assignment_list (identifier) @_local) (exception_variable (identifier) @_local) (for pattern: (identifier) @_local)]
[(method_parameters (identifier) @_local) (block_parameters (identifier) @_local) (lambda_parameters (identifier) @_local) (destructured_parameter (identifier) @_local)]
[(optional_parameter name: (_) @_local) (keyword_parameter name: (_) @_local) (splat_parameter name: (_) @_local) (hash_splat_parameter name: (_) @_local) (block_parameter name: (_) @_local)]
(superclass [(constant) @_inherit (scope_resolution name: (constant) @_inherit)])
(call method: (identifier) @_mixes arguments: (argument_list [(constant) @_inherit (scope_resolution name: (constant) @_inherit)]) (#match? @_mixes "^(include|extend|prepend)$"))
[(instance_variable) (class_variable) (global_variable)] @_member
