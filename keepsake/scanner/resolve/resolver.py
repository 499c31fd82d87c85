"""From an import as it is written to the files that it means."""

from collections.abc import Sequence
from functools import cached_property

from keepsake.scanner.resolve.c import IncludeImports
from keepsake.scanner.resolve.go import GoImports
from keepsake.scanner.resolve.load_paths import RubyImports, ShellImports
from keepsake.scanner.resolve.packages import PackageImports
from keepsake.scanner.resolve.php import PhpImports
from keepsake.scanner.resolve.project import ImportRule, ImportTarget, Project
from keepsake.scanner.resolve.python import PythonImports
from keepsake.scanner.resolve.rust import RustImports
from keepsake.scanner.resolve.scripts import ScriptImports
from keepsake.scanner.resolve.swift import SwiftImports

_JVM = frozenset({"java", "kotlin", "scala"})
_CSHARP = frozenset({"csharp"})


class Resolver:
    """Resolves the imports of one project; threads may share it."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def targets(self, importer: str, module: str, names: Sequence[str]) -> list[ImportTarget]:
        """The files that an import means, each once; nothing of what is not in the project."""
        rule = self._rules.get(self.project.files.get(importer, ""))
        if rule is None:
            return []
        sure: dict[str, bool] = {}
        for target in rule.targets(importer, module, names):
            sure[target.path] = sure.get(target.path, False) or target.sure
        return [ImportTarget(path, is_sure) for path, is_sure in sure.items()]

    def resolves(self, importer: str) -> bool:
        """Whether imports of the file's language are resolved."""
        return self.project.files.get(importer) in self._rules

    def words(self, path: str) -> set[str]:
        """The words by which what imports a file is looked up; scripts import files of any kind."""
        language = self.project.files.get(path, "")
        rule = self._rules.get(language, self._rules["javascript"])
        return {word for word in rule.words(path) if word}

    @cached_property
    def _rules(self) -> dict[str, ImportRule]:
        """By language of the importing file."""
        includes, scripts = IncludeImports(self.project), ScriptImports(self.project)
        jvm = PackageImports(self.project, _JVM)
        return {
            **dict.fromkeys(("python", "notebook"), PythonImports(self.project)),
            "go": GoImports(self.project),
            "rust": RustImports(self.project),
            "php": PhpImports(self.project),
            "csharp": PackageImports(self.project, _CSHARP),
            "swift": SwiftImports(self.project),
            "ruby": RubyImports(self.project),
            "bash": ShellImports(self.project),
            **dict.fromkeys(("c", "cpp"), includes),
            **dict.fromkeys(_JVM, jvm),
            **dict.fromkeys(("javascript", "typescript", "tsx", "vue", "svelte", "astro"), scripts),
        }
