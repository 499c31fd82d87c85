"""What the service answers, as models: of memory, of code, of jobs, for operators."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Something that the service answers; unchangeable, and open to fields that are not known."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)
