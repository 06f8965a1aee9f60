"""What a refusal holds of: this prompt, this model or this credential."""

from domain.answers import wording as words
from domain.answers.outcome import Outcome, Scope
from domain.answers.reading import Answer


def scope_of(answer: Answer, outcome: Outcome) -> Scope | None:
    """What the answer holds of, where its outcome may hold of more than one thing (ADR 17)."""
    names_model = answer.says(words.MODEL_PROSE) or answer.coded(words.MODEL_CODES)
    if outcome is Outcome.QUOTA:
        return "model" if names_model else None
    if outcome is Outcome.FORMAT:
        is_of_prompt = answer.status == 413 or answer.says(words.ABILITY_PROSE)
        return "prompt" if is_of_prompt or _refuses_prompt(answer) else None
    if outcome is not Outcome.PERMISSION:
        return None
    if answer.coded(words.SHUT_CODES) or answer.says(words.SHUT_PROSE):
        return "credential"
    if _refuses_prompt(answer) and answer.status != 429:
        return "prompt"
    if names_model or answer.status == 429:
        return "model"
    names_credential = answer.coded(words.CREDENTIAL_CODES) or answer.says(words.CREDENTIAL_PROSE)
    return "credential" if names_credential or answer.status == 401 else "model"


def _refuses_prompt(answer: Answer) -> bool:
    return answer.coded(words.PROMPT_CODES) or answer.says(words.PROMPT_PROSE)
