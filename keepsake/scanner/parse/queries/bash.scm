(function_definition) @function
(command name: (command_name (word) @call))
(command name: (command_name (word) @_source) (#match? @_source "^(source|[.])$")) @import
(comment) @comment
