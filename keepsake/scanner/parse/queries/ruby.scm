(class) @class
(module) @module
(singleton_class) @unhidden
[(method) (singleton_method)] @method
(assignment left: [(constant) (scope_resolution)]) @constant
(assignment left: (left_assignment_list (constant) @constant))
((assignment left: [(constant) (scope_resolution)] right: (call receiver: [(constant) (scope_resolution)] @_made method: (identifier) @_new)) @class (#match? @_made "(^|::)(Struct|Data|Class)$") (#any-of? @_new "new" "define"))
((assignment left: [(constant) (scope_resolution)] right: (call receiver: [(constant) (scope_resolution)] @_made method: (identifier) @_new)) @module (#match? @_made "(^|::)Module$") (#eq? @_new "new"))
((assignment left: [(constant) (scope_resolution)] right: (call receiver: (constant) @_made arguments: (argument_list (simple_symbol) @component))) (#any-of? @_made "Struct" "Data"))
((call !receiver method: (identifier) @_made arguments: (argument_list [(simple_symbol) (string)] @property)) (#match? @_made "^(attr|cattr|mattr|thread_mattr|class_attribute)(_accessor|_reader|_writer)?$|^class_attribute$|^delegated_type$"))
((call !receiver method: (identifier) @_made arguments: (argument_list . [(simple_symbol) (string)] @method)) (#any-of? @_made "define_method" "define_singleton_method"))
(alias name: (_) @alias)
((call !receiver method: (identifier) @_made arguments: (argument_list . [(simple_symbol) (string)] @alias)) (#any-of? @_made "alias_method" "alias_attribute"))
((identifier) @hide_rest (#any-of? @hide_rest "private" "protected"))
((identifier) @show_rest (#eq? @show_rest "public"))
((call !receiver method: (identifier) @_made arguments: (argument_list [(method) (singleton_method) (call)])) @hidden (#any-of? @_made "private" "protected" "private_class_method"))
((call !receiver method: (identifier) @_made arguments: (argument_list [(simple_symbol) (string)] @hide_name)) (#any-of? @_made "private" "protected" "private_class_method" "private_constant"))
(call method: (identifier) @call)
(call !receiver method: (identifier) @_require (#match? @_require "^(require|require_relative|load|autoload)$")) @import
(comment) @comment
