(variable_name) @_value
[(variable_assignment name: (variable_name) @_name) (for_statement variable: (variable_name) @_name)]
((command argument: (word) @_member) (#match? @_member "^[A-Za-z_][A-Za-z0-9_-]*$"))
((for_statement (word) @_member) (#match? @_member "^[A-Za-z_][A-Za-z0-9_-]*$"))
((array (word) @_member) (#match? @_member "^[A-Za-z_][A-Za-z0-9_-]*$"))
(command name: (command_name (word) @_evaluates) argument: [(raw_string) (string)] @_words.value (#match? @_evaluates "^(trap|eval)$"))
