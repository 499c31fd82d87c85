(formal_parameters (identifier) @_local)
[(class_declaration name: (identifier) @_name) (class name: (identifier) @_name) (field_definition property: (_) @_name)]
(class_heritage [(identifier) @_inherit (member_expression property: (_) @_inherit)])
(decorator [(identifier) @call (member_expression property: (_) @call)])
(import_specifier "default" alias: (identifier) @_imported.default)
(export_specifier name: (identifier) @_shown.default "default")
