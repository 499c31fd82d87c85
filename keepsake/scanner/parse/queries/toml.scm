[(table) (table_array_element)] @property
(document (pair) @property)
[(table (pair) @property) (table_array_element (pair) @property)]
(comment) @comment
