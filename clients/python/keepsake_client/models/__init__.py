"""What the service answers, as models: of memory, of code, of jobs, for operators.

Fields that a newer service adds are kept (`model_extra`) and break nothing.
"""
