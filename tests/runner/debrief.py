"""A questionnaire with every type of question, and what a good answer to it is."""

from engine.core.model import Action
from engine.core.questionnaires import read_questionnaire, with_reasons
from engine.core.roster import Person, Roster
from engine.core.values import Literal
from engine.runner.answering import Asked, Given
from engine.store.base import ActionRow

REASONS = {
    "should_have_won": {"title": "We should have won", "reasons": {"priced_out": {"title": "Priced out"},
                                                                   "wrong_level": {"title": "Wrong level, too low"}}},
    "should_not_have_pursued": {"title": "We should not have pursued it"},
}  # fmt: skip
DEBRIEF = read_questionnaire(
    with_reasons(
        {
            "questionnaire": "debrief",
            "title": "What the customer tells us",
            "answered_by": "customer",
            "questions": {
                "reason": {"ask": "Why did we lose?", "type": "reason", "required": True},
                "fit": {"ask": "How well did we fit?", "type": "scale", "required": True},
                "winner": {"ask": "Who won?", "type": "text"},
                "open": {"ask": "May we call again?", "type": "yes_no"},
                "size": {"ask": "How big was the gap?", "type": "number"},
                "when": {"ask": "When do they choose again?", "type": "date"},
                "who": {"ask": "Who of us knows them?", "type": "person"},
                "stage": {"ask": "Where was it lost?", "type": "choice", "values": {"early": "Early", "late": "Late"}},
                "missed": {"ask": "Whom did we miss?", "type": "choices", "values": ["buyer", "user", "boss"]},
            },
        },
        REASONS,
    )
)
ROSTER = Roster(people={"kim": Person(id="kim"), "noor": Person(id="noor")})
GOOD = {"reason": "priced_out, wrong_level", "fit": "4"}
WRONG_LEVEL = {"primary": "wrong_level", "also": [], "branch": "should_have_won"}
KEPT = {"reason": {"primary": "priced_out", "also": ["wrong_level"], "branch": "should_have_won"}, "fit": 4}


def asked(given=None):
    row = ActionRow(**dict.fromkeys(ActionRow.__dataclass_fields__, ""))
    declared = Action(name="ask", place=1, kind="call", title=Literal(content=""), assign=Literal(content="owner"))
    return Asked(row=row, declared=declared, questionnaire=DEBRIEF, given=Given(answers=given or {}))
