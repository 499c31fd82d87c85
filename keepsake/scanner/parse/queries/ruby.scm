(class) @class
(module) @module
[(method) (singleton_method)] @method
(call method: (identifier) @call)
(call !receiver method: (identifier) @_require (#match? @_require "^(require|require_relative|load|autoload)$")) @import
(comment) @comment
