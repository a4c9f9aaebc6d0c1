"""What became of a file with the answers so far, for all steps to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.errors import ChoiceError
from ui.wizard.draft import Draft

if TYPE_CHECKING:
    import pandas as pd

    from layers.sources.importer import Imported
    from layers.sources.plain import PlainTable

__all__ = ["Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One attempt at a file.

    Attributes
    ----------
    draft : Draft
    imported : Imported or None
        The checked table, if it came so far.
    error : exception or None
        Why it did not.
    question : ChoiceError or None
        The error, where it is a question.
    plain : PlainTable or None
        The file as it stands, where it could be read but not understood.
    """

    draft: Draft
    imported: Imported | None = None
    error: BaseException | None = None
    question: ChoiceError | None = None
    plain: PlainTable | None = None

    @property
    def read_as(self) -> tuple[str, str, str] | None:
        """Format, encoding, sheet or layer, once the file could be read."""
        if self.imported is not None:
            report = self.imported.report
            return report.format, report.encoding, report.layer
        return None if self.plain is None else (self.plain.format, self.plain.encoding, self.plain.layer)

    @property
    def cells(self) -> pd.DataFrame | None:
        """Cells in the columns of the file, as far as they are known."""
        if self.plain is not None:
            return self.plain.source
        if self.imported is None:
            return None
        from layers.sources.rows import OWN_COLUMNS

        back = {name: column for column, name in self.imported.renamed.items()}
        own = [*OWN_COLUMNS, self.imported.table.geometry.name]
        return self.imported.table.drop(columns=own, errors="ignore").rename(columns=back)

    @property
    def roles(self) -> dict[str, str]:
        """Role → column of the file, as found and as said."""
        if self.imported is not None:
            back = {name: column for column, name in self.imported.renamed.items()}
            return {role: back.get(name, name) for role, name in self.imported.roles.items()}
        if self.plain is None:
            return {}
        from layers.sources.columns import find_roles

        columns = [str(column) for column in self.plain.source.columns]
        return find_roles(columns, {role: name for role, name in self.stated.items() if name in columns})

    @property
    def stated(self) -> dict[str, str]:
        """Role → column as the person or their mapping said."""
        answers = self.draft.answers
        said = {key.partition("=")[2]: column for key, column in answers.items() if key.startswith("column=")}
        return said | {role: answers[role] for role in ("lon", "lat") if role in answers}
