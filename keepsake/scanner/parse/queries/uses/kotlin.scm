(identifier) @_value
(user_type (identifier) @_type)
[(navigation_expression (identifier) @_member .) (callable_reference (identifier) @_member .)]
[(class_declaration name: (_) @_name) (object_declaration name: (_) @_name) (function_declaration name: (_) @_name) (type_alias type: (identifier) @_name) (enum_entry (identifier) @_name) (class_parameter (identifier) @_name ":") (value_argument (identifier) @_name "=")]
[(class_body (property_declaration (variable_declaration (identifier) @_name))) (enum_class_body (property_declaration (variable_declaration (identifier) @_name)))]
(package_header) @_in.name
(import) @_in.import
(import (identifier) @_name)
(annotation [(user_type (identifier) @call) (constructor_invocation (user_type (identifier) @call))])
[(function_declaration) (lambda_literal) (anonymous_function) (secondary_constructor) (getter) (setter) (class_declaration) (type_alias)] @_scope
(type_parameter (identifier) @_type_parameter)
[(variable_declaration (identifier) @_local) (parameter (identifier) @_local ":") (catch_block (identifier) @_local ":")]
(delegation_specifier [(user_type (identifier) @_inherit) (constructor_invocation (user_type (identifier) @_inherit)) (explicit_delegation (user_type (identifier) @_inherit))])
(import (qualified_identifier (identifier) @_renamed.from .) (identifier) @_renamed.to)
((string_content) @_mark . (string_content) @_interpolated (#eq? @_mark "$") (#not-match? @_interpolated "^this"))
