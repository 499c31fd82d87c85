(jsx_attribute . (property_identifier) @_name)
(jsx_closing_element name: (_) @_in.name)
[(jsx_opening_element name: (identifier) @_name (#match? @_name "^[a-z]")) (jsx_self_closing_element name: (identifier) @_name (#match? @_name "^[a-z]"))]
