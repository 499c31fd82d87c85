(export_statement !source (export_clause (export_specifier name: (identifier) @_exported)))
(export_statement value: (identifier) @_exported)
(export_statement) @export
(export_statement ["export" "default"] @prefix)
(export_specifier alias: (_)) @alias
(export_statement (namespace_export (identifier) @alias))
(assignment_expression left: (member_expression object: (identifier) @_module property: (property_identifier) @_exports) right: [(identifier) @_exported (object [(shorthand_property_identifier) @_exported (pair value: (identifier) @_exported)])] (#eq? @_module "module") (#eq? @_exports "exports"))
(assignment_expression left: (member_expression object: (identifier) @_module) right: (identifier) @_exported (#eq? @_module "exports"))
(assignment_expression left: (member_expression object: (member_expression object: (identifier) @_module property: (property_identifier) @_exports)) right: (identifier) @_exported (#eq? @_module "module") (#eq? @_exports "exports"))
(export_statement "default" value: [(arrow_function) (function_expression !name) (generator_function !name)] @default_function)
(export_statement "default" value: (class !name) @default_class)
(export_statement "default" value: [(object) (array) (call_expression) (new_expression)] @default_constant)

