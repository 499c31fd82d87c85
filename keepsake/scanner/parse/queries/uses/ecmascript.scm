[(identifier) (shorthand_property_identifier)] @_value
[(property_identifier) (private_property_identifier)] @_member
[(pair key: (property_identifier) @_name) (pair_pattern key: (property_identifier) @_name) (method_definition name: (_) @_name)]
[(function_declaration name: (identifier) @_name) (generator_function_declaration name: (identifier) @_name) (function_expression name: (identifier) @_name) (generator_function name: (identifier) @_name)]
(import_statement) @_in.import
[(import_specifier alias: (identifier) @_name) (namespace_import (identifier) @_name) (namespace_export (identifier) @_name)]
(export_specifier name: (identifier) @_re-export)
(export_specifier alias: (identifier) @_name)
(export_specifier name: (identifier) @_default alias: (identifier) @_re-export (#eq? @_default "default"))
(export_statement value: (identifier) @_re-export)
(variable_declarator name: (object_pattern [(shorthand_property_identifier_pattern) @_import (pair_pattern key: (property_identifier) @_import)]) value: (call_expression function: (identifier) @_require) (#eq? @_require "require"))
(variable_declarator name: (object_pattern [(shorthand_property_identifier_pattern) @_import (pair_pattern key: (property_identifier) @_import)]) value: (await_expression (call_expression function: (import))))
[(function_declaration) (function_expression) (arrow_function) (method_definition) (generator_function) (generator_function_declaration)] @_scope
(variable_declarator name: (identifier) @_local)
(variable_declarator name: (identifier) @_name value: [(arrow_function) (function_expression) (generator_function) (class)])
[(array_pattern (identifier) @_local) (object_pattern (shorthand_property_identifier_pattern) @_local) (pair_pattern value: (identifier) @_local) (rest_pattern (identifier) @_local)]
[(assignment_pattern left: (identifier) @_local) (object_assignment_pattern left: (shorthand_property_identifier_pattern) @_local)]
[(arrow_function parameter: (identifier) @_local) (catch_clause parameter: (identifier) @_local) (for_in_statement left: (identifier) @_local)]
(import_specifier name: (identifier) @_renamed.from alias: (identifier) @_renamed.to (#not-eq? @_renamed.from "default"))
(variable_declarator name: (object_pattern (pair_pattern key: (property_identifier) @_renamed.from value: (identifier) @_renamed.to)) value: (call_expression function: (identifier) @_require) (#eq? @_require "require"))
(variable_declarator name: (object_pattern (pair_pattern key: (property_identifier) @_renamed.from value: (identifier) @_renamed.to)) value: (await_expression (call_expression function: (import))))
(export_specifier name: (identifier) @_shown.from alias: (identifier) @_shown.to (#not-eq? @_shown.from "default"))
(export_statement "default" declaration: (_ name: (_) @_shown.default))
(export_statement "default" value: [(identifier) @_shown.default (function_expression name: (identifier) @_shown.default) (class name: (_) @_shown.default)])
(assignment_expression left: (member_expression object: (identifier) @_module property: (property_identifier) @_exports) right: [(identifier) @_shown.default (function_expression name: (identifier) @_shown.default) (class name: (_) @_shown.default)] (#eq? @_module "module") (#eq? @_exports "exports"))
(import_clause (identifier) @_imported.default)
(variable_declarator name: (identifier) @_imported.default value: (call_expression function: (identifier) @_require) (#eq? @_require "require"))
