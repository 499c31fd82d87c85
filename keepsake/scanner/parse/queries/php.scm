(class_declaration) @class
(anonymous_class) @anonymous
(interface_declaration) @interface
(trait_declaration) @trait
(enum_declaration) @enum
(enum_case) @enumerator
(namespace_definition body: (_)) @module
(function_definition) @function
(method_declaration) @method
[(anonymous_function) (arrow_function)] @local
(const_declaration) @constant
((function_call_expression function: (name) @_define arguments: (arguments . (argument (string) @constant))) (#eq? @_define "define"))
(property_declaration) @property
(program (expression_statement (assignment_expression left: (variable_name)) @variable))
(namespace_definition body: (compound_statement (expression_statement (assignment_expression left: (variable_name)) @variable)))
(property_promotion_parameter) @promoted
(function_call_expression function: [(name) @call (qualified_name (name) @call)])
(member_call_expression name: (name) @call)
(nullsafe_member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(object_creation_expression [(name) @call (qualified_name (name) @call)])
(namespace_use_declaration) @import
[(include_expression) (include_once_expression) (require_expression) (require_once_expression)] @import
(comment) @comment
(namespace_definition name: (_) @_package)
