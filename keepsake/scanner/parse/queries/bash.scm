(function_definition) @function
(declaration_command "export" [(variable_assignment name: (variable_name)) (variable_name)] @shell_variable)
(declaration_command "readonly" [(variable_assignment name: (variable_name)) (variable_name)] @constant)
(declaration_command ["declare" "typeset"] . (word) @_flag (variable_assignment name: (variable_name)) @constant (#match? @_flag "^-[a-zA-Z]*r"))
(declaration_command ["declare" "typeset"] . (word) @_flag (variable_assignment name: (variable_name)) @shell_variable (#match? @_flag "^-[a-zA-Z]*x"))
((command name: (command_name) @_alias argument: [(concatenation . (word) @alias) (word) @alias]) (#eq? @_alias "alias"))
(command name: (command_name (word) @call))
(command name: (command_name (word) @_source) (#match? @_source "^(source|[.])$")) @import
(comment) @comment
