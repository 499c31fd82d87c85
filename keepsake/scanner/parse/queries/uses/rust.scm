(identifier) @_value
(field_identifier) @_member
(scoped_identifier (identifier) @_member)
(type_identifier) @_type
[(function_item name: (_) @_name) (function_signature_item name: (_) @_name) (const_item name: (_) @_name) (static_item name: (_) @_name) (macro_definition name: (_) @_name) (enum_variant name: (_) @_name) (mod_item name: (_) @_name body: (_))]
[(struct_item name: (_) @_name) (union_item name: (_) @_name) (enum_item name: (_) @_name) (trait_item name: (_) @_name) (type_item name: (_) @_name) (associated_type name: (_) @_name) (field_declaration name: (_) @_name)]
[(lifetime (identifier) @_name) (label (identifier) @_name)]
[(use_declaration) (extern_crate_declaration)] @_in.import
(use_declaration (visibility_modifier) argument: (_) @_in.re-export)
[(use_as_clause alias: (identifier) @_name) (extern_crate_declaration alias: (identifier) @_name)]
(mod_item name: (_) @_import !body)
[(function_item) (function_signature_item) (closure_expression) (match_arm) (impl_item) (trait_item) (struct_item) (union_item) (enum_item) (type_item)] @_scope
(type_parameter name: (_) @_type_parameter)
[(parameter pattern: (identifier) @_local) (let_declaration pattern: (identifier) @_local) (for_expression pattern: (identifier) @_local) (closure_parameters (identifier) @_local) (const_parameter name: (_) @_local)]
[(tuple_pattern (identifier) @_local) (mut_pattern (identifier) @_local) (ref_pattern (identifier) @_local) (reference_pattern (identifier) @_local) (slice_pattern (identifier) @_local) (captured_pattern . (identifier) @_local) (field_pattern pattern: (identifier) @_local) (shorthand_field_identifier) @_local]
((match_pattern . (identifier) @_local) (#match? @_local "^[a-z_]"))
((tuple_struct_pattern type: (_) (identifier) @_local) (#match? @_local "^[a-z_]"))
(impl_item trait: [(type_identifier) @_inherit (scoped_type_identifier name: (_) @_inherit) (generic_type type: [(type_identifier) @_inherit (scoped_type_identifier name: (_) @_inherit)])])
(trait_item bounds: (trait_bounds [(type_identifier) @_inherit (scoped_type_identifier name: (_) @_inherit) (generic_type type: [(type_identifier) @_inherit (scoped_type_identifier name: (_) @_inherit)])]))
(attribute (identifier) @_derive arguments: (token_tree (identifier) @_inherit) (#eq? @_derive "derive"))
(use_as_clause path: [(identifier) @_renamed.from (scoped_identifier name: (identifier) @_renamed.from)] alias: (identifier) @_renamed.to)
(token_tree (string_literal (string_content) @_formatted))
