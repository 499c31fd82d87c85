"""The kinds of symbols, and which of them are data rather than code."""

KINDS = {
    "function": "a function of a module, or one in another",
    "method": "a function of a type or an object",
    "constructor": "what makes an object of a type",
    "class": "a class, an object or a record",
    "struct": "a structure or a union",
    "interface": "an interface or a protocol",
    "trait": "a trait",
    "enum": "an enumeration",
    "component": "a component of a user interface that a whole file is",
    "type": "another name for a type, a type variable or a delegate",
    "module": "a module, a namespace or a schema that holds what is in it",
    "macro": "a macro",
    "resource": "what a configuration declares: a resource, a data source or a provider",
    "table": "a table",
    "view": "a view",
    "index": "an index of a table",
    "trigger": "a trigger",
    "section": "a heading of a document with what is below it",
    "chunk": "some lines of a text",
    "alias": "another name of what is defined elsewhere",
    "constant": "a name that keeps its value",
    "variable": "a variable of a file, a module or an environment",
    "field": "data of a type: a member, an attribute, a column",
    "property": "data of a type that is reached through accessors, or a key of an object",
    "enumerator": "a value of an enumeration",
}
"""Each with what it means in any language."""
DATA = frozenset({"alias", "constant", "variable", "field", "property", "enumerator"})
"""Where names are alike, code is looked for. Of these only what has a documentation is embedded."""
