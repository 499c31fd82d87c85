"""The languages: which files they have, which grammar reads them, how their names are written.

A new language takes a line in `LANGUAGES`; `detection` says how its files are told. To have symbols
it also takes:

- its grammar's wheel in `pyproject.toml`,
- a query `queries/NAME.scm` that captures definitions by kind, `call`, `import` and `comment`,
- a query `queries/uses/NAME.scm` that says what names mean by their places (`uses.py`),
- a rule in `keepsake.scanner.resolve`, without which its imports lead to no file,
- a reader in `import_readers._READERS`, unless it imports like Java: `import a.b.C`,
- an entry in `definition_name._FIELDS`, where its grammar keeps a name in an unusual field,
- a higher `PARSER_VERSION`, so that the next scan parses everything again,
- a sample in `tests/unit/scanner/sources`, and what is to be found in it beside the others.
"""

import re
from dataclasses import dataclass

from keepsake.scanner.parse import visibility
from keepsake.scanner.parse.visibility import Exported

PARSER_VERSION = "19"
"""Part of every parsed blob's id: raising it makes the next scan parse everything again."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language. Without a grammar its files are read as sections or chunks."""

    name: str
    extensions: tuple[str, ...]
    grammar: str = ""
    """`module:function` of the grammar's wheel."""
    query: str = ""
    """Names of files in `queries`, separated by spaces."""
    uses: str = ""
    """Names of files in `queries/uses`; one of the language's own name if left out."""
    files: str = ""
    """Names of whole files, and patterns of such names, separated by spaces."""
    commands: str = ""
    """What its scripts name after `#!`, without a version, separated by spaces."""
    aliases: str = ""
    """What editors, notebooks and attributes call it besides, in lower case."""
    separator: str = "."
    exported: Exported = visibility.unhidden
    export_word: bool = False
    """Top-level definitions are hidden unless `export` stands before them or names them."""
    capitals: bool = False
    """A variable whose name is in capitals is a constant, by custom."""
    docstrings: bool = False
    """Documentation stands inside the body, not in comments before it."""

    @property
    def used_names(self) -> list[str]:
        """The files in `queries/uses` that say what the places of names mean."""
        return (self.uses or self.name).split()


LANGUAGES: tuple[Language, ...] = (
    Language("python", (".py", ".pyi", ".pyw", ".pyx", ".pxd", ".pxi", ".bzl", ".bazel", ".star",
                        ".wsgi", ".py3", ".gyp", ".gypi", ".smk", ".xsh", ".tac"),
             "tree_sitter_python:language", "python",
             files="BUILD WORKSPACE BUCK SConstruct SConscript wscript Snakefile Tiltfile DEPS "
             ".pythonrc .pythonstartup",
             commands="python pypy ipython uv pipx", aliases="cython starlark bazel sage",
             exported=visibility.without_underscore, capitals=True, docstrings=True),
    Language("javascript", (".js", ".jsx", ".mjs", ".cjs", ".es6", ".es", ".jsm", ".jsb", ".pac",
                            ".flow", ".ssjs", ".xsjs"),
             "tree_sitter_javascript:language", "ecmascript javascript exports jsx",
             uses="ecmascript javascript jsx", files="Jakefile",
             commands="node nodejs qjs gjs d8 rhino osascript zx", aliases="js jsx ecmascript es6",
             export_word=True),
    Language("typescript", (".ts", ".mts", ".cts"),
             "tree_sitter_typescript:language_typescript", "ecmascript typescript exports",
             uses="ecmascript typescript",
             commands="deno bun bunx ts-node tsx tsimp swc-node", aliases="ts", export_word=True),
    Language("tsx", (".tsx",), "tree_sitter_typescript:language_tsx",
             "ecmascript typescript exports jsx", uses="ecmascript typescript jsx",
             export_word=True),
    Language("go", (".go",), "tree_sitter_go:language", "go", commands="gorun yaegi",
             aliases="golang", exported=visibility.capital),
    Language("rust", (".rs",), "tree_sitter_rust:language", "rust",
             commands="rust-script cargo rustc", aliases="rs", separator="::",
             exported=visibility.pub),
    Language("java", (".java", ".jav", ".jsh"), "tree_sitter_java:language", "java",
             commands="java jshell jbang", exported=visibility.public),
    Language("c", (".c", ".h"), "tree_sitter_c:language", "c", commands="tcc",
             exported=visibility.not_static),
    Language("cpp", (".cc", ".cpp", ".cxx", ".c++", ".cppm", ".ixx", ".hh", ".hpp", ".hxx", ".h++",
                     ".ipp", ".inl", ".tcc", ".tpp", ".txx", ".ino", ".cu", ".cuh", ".hip"),
             "tree_sitter_cpp:language", "cpp", uses="c cpp", commands="cling root",
             aliases="c++ c++11 c++14 c++17 c++20 c++23 cuda arduino", separator="::",
             exported=visibility.not_static),
    Language("csharp", (".cs", ".csx", ".cake"), "tree_sitter_c_sharp:language", "csharp",
             commands="dotnet-script csi csharp", aliases="c# cs", exported=visibility.public),
    Language("ruby", (".rb", ".rake", ".gemspec", ".ru", ".podspec", ".rbw", ".rbi", ".thor",
                      ".jbuilder", ".builder", ".rabl"),
             "tree_sitter_ruby:language", "ruby",
             files="Rakefile Gemfile Podfile Vagrantfile Guardfile Capfile Thorfile Fastfile "
             "Appfile Deliverfile Matchfile Scanfile Snapfile Gymfile Pluginfile Dangerfile "
             "Brewfile Berksfile Puppetfile Appraisals Buildfile Steepfile Mavenfile Cheffile "
             "Sakefile Jarfile .irbrc .pryrc .simplecov",
             commands="ruby jruby truffleruby rake macruby rbx irb", aliases="rb jruby",
             separator="::", exported=visibility.without_underscore),
    Language("php", (".php", ".phtml", ".php3", ".php4", ".php5", ".php7", ".php8", ".phps",
                     ".ctp"),
             "tree_sitter_php:language_php", "php", files=".php_cs .php-cs-fixer.dist artisan",
             commands="php hhvm", separator="::"),
    Language("kotlin", (".kt", ".kts", ".ktm"), "tree_sitter_kotlin:language", "kotlin",
             commands="kotlin kotlinc kscript", aliases="kt"),
    Language("swift", (".swift",), "tree_sitter_swift:language", "swift", commands="swift swiftc"),
    Language("scala", (".scala", ".sc", ".sbt"), "tree_sitter_scala:language", "scala",
             commands="scala scala-cli amm"),
    Language("bash", (".sh", ".bash", ".zsh", ".ksh", ".dash", ".bats", ".ebuild", ".eclass",
                      ".command", ".zsh-theme", ".envrc"),
             "tree_sitter_bash:language", "bash",
             files=".bashrc .bash_profile .bash_login .bash_logout .bash_aliases .bash_functions "
             ".profile .zshrc .zshenv .zprofile .zlogin .zlogout .kshrc .xprofile .xinitrc "
             ".xsession .envrc bashrc zshrc PKGBUILD APKBUILD",
             commands="sh bash dash zsh ksh ksh93 mksh pdksh ash rbash bats busybox",
             aliases="shell shell-script sh zsh ksh shellscript"),
    Language("sql", (".sql", ".ddl", ".dml", ".pgsql", ".psql", ".plsql", ".mysql", ".pks", ".pkb",
                     ".hql"),
             "tree_sitter_sql:language", "sql", commands="psql sqlite3 mysql",
             aliases="plpgsql plsql tsql postgresql mysql sqlite sqlpl hiveql"),
    Language("notebook", (".ipynb",), aliases="jupyter-notebook jupyter"),
    Language("vue", (".vue",)),
    Language("svelte", (".svelte",)),
    Language("astro", (".astro",)),
    Language("markdown", (".md", ".markdown", ".mdx", ".mkd", ".mdown", ".qmd", ".rmd"),
             aliases="gfm md rmarkdown"),
    Language("restructuredtext", (".rst", ".rest"), aliases="rst"),
    Language("text", (".txt", ".adoc", ".asciidoc", ".org", ".tex"),
             files="README LICENSE NOTICE README.* LICENSE.* LICENSE-* NOTICE.* COPYING AUTHORS "
             "CHANGES CHANGELOG CONTRIBUTORS CODEOWNERS"),
    Language("json", (".json", ".jsonl", ".json5", ".jsonc", ".geojson", ".webmanifest",
                      ".code-workspace", ".avsc"),
             files=".eslintrc .babelrc .prettierrc .jshintrc .swcrc",
             aliases="json5 jsonc"),
    Language("yaml", (".yaml", ".yml", ".cff", ".sls"), "tree_sitter_yaml:language", "yaml",
             files=".clang-format .clang-tidy .yamllint",
             aliases="yml"),
    Language("toml", (".toml",), "tree_sitter_toml:language", "toml", files="Pipfile"),
    Language("ini", (".ini", ".cfg", ".conf", ".properties", ".editorconfig"),
             files=".gitconfig .npmrc .flake8 .pylintrc .coveragerc", aliases="dosini cfg conf"),
    Language("xml", (".xml", ".xsd", ".plist", ".xsl", ".xslt", ".csproj", ".vbproj", ".fsproj",
                     ".props", ".targets", ".nuspec", ".wsdl", ".xaml", ".pom")),
    Language("html", (".html", ".htm", ".jinja", ".jinja2", ".j2", ".hbs", ".mustache", ".ejs",
                      ".erb", ".twig", ".njk", ".liquid", ".cshtml", ".xhtml"),
             aliases="xhtml html+django html+erb jinja"),
    Language("css", (".css", ".scss", ".sass", ".less", ".styl"), aliases="scss sass less"),
    Language("make", (".mk", ".mak"), files="Makefile GNUmakefile makefile Makefile.* Kbuild",
             commands="make gmake", aliases="makefile"),
    Language("cmake", (".cmake",), files="CMakeLists.txt"),
    Language("docker", (".dockerfile", ".containerfile"),
             files="Dockerfile Containerfile Dockerfile.* Containerfile.*", aliases="dockerfile"),
    Language("groovy", (".groovy", ".gradle", ".gvy", ".nf"), files="Jenkinsfile Jenkinsfile.*",
             commands="groovy nextflow", aliases="gradle"),
    Language("protobuf", (".proto",), aliases="proto protocol-buffer protocol-buffers"),
    Language("graphql", (".graphql", ".gql", ".graphqls")),
    Language("lua", (".lua", ".rockspec", ".nse", ".wlua"), "tree_sitter_lua:language", "lua",
             files=".luacheckrc", commands="lua luajit texlua", exported=visibility.not_local),
    Language("perl", (".pl", ".pm", ".t", ".psgi", ".perl"), files="Makefile.PL cpanfile",
             commands="perl", aliases="perl5 cperl"),
    Language("r", (".r",), files=".Rprofile", commands="rscript r", aliases="r splus"),
    Language("elixir", (".ex", ".exs"), "tree_sitter_elixir:language", "elixir",
             commands="elixir iex", exported=visibility.not_defp),
    Language("erlang", (".erl", ".hrl", ".escript", ".app.src"), files="rebar.config",
             commands="escript"),
    Language("haskell", (".hs", ".hsc", ".lhs"), commands="runhaskell runghc stack"),
    Language("clojure", (".clj", ".cljs", ".cljc", ".edn"), commands="bb clojure clj"),
    Language("dart", (".dart",), commands="dart", exported=visibility.without_underscore),
    Language("zig", (".zig", ".zon"), "tree_sitter_zig:language", "zig",
             exported=visibility.pub_or_member),
    Language("terraform", (".tf", ".tfvars", ".hcl", ".nomad", ".tofu"), "tree_sitter_hcl:language",
             "terraform", aliases="hcl opentofu"),
    Language("tcl", (".tcl", ".tm"), commands="tclsh wish expect"),
    Language("powershell", (".ps1", ".psm1", ".psd1"), commands="pwsh powershell", aliases="ps1"),
    Language("objective-c", (".m", ".mm"), aliases="objc objective-c++ objcpp"),
    Language("julia", (".jl",), commands="julia"),
    Language("ocaml", (".ml", ".mli"), commands="ocaml ocamlrun"),
)  # fmt: skip

_PLAIN = frozenset(
    ["markdown", "restructuredtext", "text", "json", "ini", "xml", "html", "css", "make", "cmake",
     "docker"]
)  # fmt: skip
CODE = sorted(language.name for language in LANGUAGES if language.name not in _PLAIN)
"""Languages whose files use names: one that was not read may use any of them."""
CASELESS = frozenset(["sql"])
"""Languages in which case makes no difference in names: their uses are kept in lower case."""
BY_NAME = {language.name: language for language in LANGUAGES}
OTHER = "other"
_CPP = re.compile(
    rb"^[ \t]*(template[ \t]*<|(inline[ \t]+)?namespace\b[\w: \t]*(\{|\r?$)"
    rb"|(enum[ \t]+)?class[ \t]+([A-Z_]+[ \t]+)?\w+[ \t]*(final[ \t]*)?([:{]|\r?$)"
    rb"|(public|private|protected)[ \t]*:|using[ \t]+\w+|\w[\w ]*\boperator\b)",
    re.MULTILINE,
)


def grammar_language(language: str, text: bytes) -> str:
    """The language whose grammar reads a text: a C header may hold what only C++ has."""
    return "cpp" if language == "c" and _CPP.search(text) else language
