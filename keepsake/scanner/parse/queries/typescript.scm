(abstract_class_declaration) @class
(interface_declaration) @interface
(enum_declaration) @enum
(enum_body [(property_identifier) (string) (enum_assignment)] @enumerator)
(type_alias_declaration) @type
[(internal_module) (module)] @module
(ambient_declaration) @ambient
(ambient_declaration "declare" @prefix)
(export_statement (decorator) @attribute)
(function_signature) @function
[(method_signature) (abstract_method_signature)] @method
(property_signature) @property
(required_parameter (accessibility_modifier)) @promoted
(required_parameter "readonly") @promoted
(public_field_definition name: (_)) @field
(public_field_definition name: (_) value: [(arrow_function) (function_expression)]) @method
(class_body (decorator) @attribute)
(variable_declarator value: [(as_expression (object (pair key: [(property_identifier) (string)]) @property)) (satisfies_expression (object (pair key: [(property_identifier) (string)]) @property))])
