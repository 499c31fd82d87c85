(simple_identifier) @_value
(type_identifier) @_type
(navigation_suffix suffix: (simple_identifier) @_member)
[(function_declaration name: (simple_identifier) @_name) (protocol_function_declaration name: (simple_identifier) @_name) (parameter external_name: (_) @_name) (enum_entry name: (simple_identifier) @_name) (value_argument_label (simple_identifier) @_name)]
[(class_declaration name: (type_identifier) @_name) (protocol_declaration name: (_) @_name) (typealias_declaration . name: (type_identifier) @_name) (associatedtype_declaration name: (type_identifier) @_name)]
[(class_body (property_declaration name: (pattern bound_identifier: (_) @_name))) (enum_class_body (property_declaration name: (pattern bound_identifier: (_) @_name))) (protocol_property_declaration name: (pattern bound_identifier: (_) @_name))]
(import_declaration) @_in.import
((import_declaration (modifiers (attribute (user_type (type_identifier) @_exports)))) @_in.re-export (#eq? @_exports "_exported"))
(attribute (user_type (type_identifier) @call))
[(function_declaration) (init_declaration) (deinit_declaration) (subscript_declaration) (lambda_literal) (computed_getter) (computed_setter) (switch_entry) (class_declaration) (protocol_declaration) (typealias_declaration)] @_scope
(type_parameter (type_identifier) @_type_parameter)
[(pattern bound_identifier: (simple_identifier) @_local) (property_declaration name: (pattern (pattern (simple_identifier) @_local))) (if_statement bound_identifier: (_) @_local) (guard_statement bound_identifier: (_) @_local) (while_statement bound_identifier: (_) @_local) (parameter name: (simple_identifier) @_local) (lambda_parameter name: (simple_identifier) @_local)]
(inheritance_specifier inherits_from: (user_type (type_identifier) @_inherit))
(macro_declaration . (simple_identifier) @_name)
