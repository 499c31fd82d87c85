((config_file (body (block (identifier) @_block) @resource)) (#any-of? @_block "resource" "data" "provider" "ephemeral" "check"))
((config_file (body (block (identifier) @_block) @variable)) (#any-of? @_block "variable" "output"))
((config_file (body (block (identifier) @_block) @module)) (#eq? @_block "module"))
((config_file (body (block (identifier) @_block (body (attribute) @variable)))) (#eq? @_block "locals"))
(config_file (body (attribute) @variable))
(function_call (identifier) @call)
((block (identifier) @_block (body (attribute (identifier) @_source (expression (literal_value (string_lit)))) @import)) (#eq? @_block "module") (#eq? @_source "source"))
(comment) @comment
