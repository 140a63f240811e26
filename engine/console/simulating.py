"""`playbook simulate`: what a playbook would do with many deals, before anybody is contacted. Nothing is written."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from engine.console.desk import FINE, Desk, Refused
from engine.console.options import looking_at, now_option
from engine.console.output import day, form_of, give, table_for_csv_only
from engine.core.plural import count

if TYPE_CHECKING:
    from engine.authoring.workspace import Workspace
    from engine.core.conditions import Condition
    from engine.core.durations import Instant
    from engine.core.experiment import Experiment, Metric
    from engine.core.world import World
    from engine.simulation.behaviour import Behaviour
    from engine.simulation.choosing import Chosen
    from engine.simulation.question import Simulation, Subject, Way
    from engine.simulation.tally import Tally
    from engine.simulation.workers import Workers

_FORMATS = ("text", "json", "csv")
_ENDINGS = (".json", ".csv", ".txt", ".md", "")
_REPLICATES = 20
_YEAR = 365  # days
_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)  # between which every date lies
_YEARS = "years go from 1900 to 2199"


_DAYS = {"since": "--since", "until": "--until", "begins": "--from"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """The options of one command."""

    playbooks: tuple[str, ...] = ()
    experiment: str = ""
    deals: int | None = None
    team: str = ""
    since: date | None = None
    until: date | None = None
    begins: date | None = None
    behaviour: str | None = None
    replicates: int | None = None
    seed: int = 1
    weeks: int | None = None
    history: bool = False
    fast: bool = False
    workers: int = 1
    scheduler: str | None = None
    state: Path | None = None
    form: str = "text"
    table: str | None = None

    @staticmethod
    def of(options: Mapping[str, Any], output: Path | None) -> _Asked:
        """From what click read; the dates are read here. Raises Refused."""
        days = {name: day(options[name], option) for name, option in _DAYS.items()}
        suggested = _form(output)
        return _Asked(**{**options, **days, "form": options["form"] or suggested})


@dataclass(kw_only=True, slots=True)
class _Cast:
    """The deals that are played, in words too."""

    subjects: tuple[Subject, ...]
    words: str
    remarks: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


@click.command(
    epilog="Examples: playbook simulate four-week-check-in --deals 500    playbook simulate --experiment timing"
    "    playbook simulate loss-review --history    playbook simulate --fit --output playbooks/behaviours/ours.yaml",
)  # fmt: skip
@click.argument("playbooks", nargs=-1)
@click.option("--experiment", default="", metavar="NAME", help="The arms of this experiment, against its control.")
@click.option("--deals", type=click.IntRange(1, 1_000_000), help="So many made deals (default: the losses you have).")
@click.option("--team", default="", help="Only losses of this team.")
@click.option("--since", help="Only deals lost on this day or later: 2026-01-01.")
@click.option("--until", help="Only deals lost on this day or earlier: 2026-12-31.")
@click.option("--from", "begins", help="The first day on which made deals are lost (default: today).")
@click.option("--behaviour", metavar="NAME", help="How reps and customers behave: a file, or its name in "
              "playbooks/behaviours (default: example).")  # fmt: skip
@click.option("--replicates", type=click.IntRange(1, 10_000), help=f"How often all is played (default: {_REPLICATES}).")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Another seed, other luck.")
@click.option("--weeks", type=click.IntRange(1, 520), help="How long each deal is followed (default: 52, or as long as "
              "the metrics of the experiment look).")  # fmt: skip
@click.option("--history", is_flag=True, help="What it would have planned over last year's losses if nobody answered.")
@click.option("--fit", "fitting", is_flag=True, help="Write a behaviour from your own history instead.")
@click.option(
    "--fast",
    is_flag=True,
    help="Estimate replies, opt-outs, wins and actions of one playbook that ends with the first reply and opt-out.",
)
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes on this machine.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask cluster instead: tcp://host:8786.")
@click.option("--state", "--resume", type=click.Path(path_type=Path, dir_okay=False),
              help="Keep what is finished in this file, and go on from there.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(_FORMATS), help="How to show it (default: as --output ends).")
@click.option("--table", help="csv: which table (default: the first).")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it into this file.")
@now_option
@click.pass_obj
def simulate(desk: Desk, /, fitting: bool, output: Path | None, now: str | None, **options: Any) -> int:
    """Play many deals through playbooks, with reps and customers who behave as a file says.

    It tells the work per person and week, and what follows from the assumptions; it does not tell what customers will
    do. Several playbooks are compared with the same deals and the same luck. Nobody is contacted, nothing is written.
    """
    desk.now_text = now or desk.now_text
    if fitting:
        from engine.console.fitting_behaviour import fit_behaviour

        _refuse_beside_fit()
        return fit_behaviour(desk, options["behaviour"], output)
    asked = _Asked.of(options, output)
    table_for_csv_only(asked.table, asked.form)
    _refuse_contradictions(asked)
    if asked.deals is not None:
        desk.go_by_files()
    give(desk, _answer(desk, asked), output)
    return FINE


def _refuse_beside_fit() -> None:
    """Raises Refused for an option that --fit would pass over."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in ("fitting", "behaviour", "output", "now"):
            told = parameter.opts[0] if parameter.opts[0].startswith("-") else "a playbook"
            raise Refused(
                f"{told} does not go with --fit", "--fit reads the whole history; --behaviour says what to keep"
            )


def _form(output: Path | None) -> str:
    if output is not None and output.suffix.lower() not in _ENDINGS:
        raise Refused(f"a simulation cannot be written as {output.suffix}", "name it .json, .csv, .txt or .md")
    return form_of(output)


def _refuse_contradictions(asked: _Asked) -> None:
    if bool(asked.playbooks) == bool(asked.experiment):
        raise Refused(
            "say what is to be simulated" if not asked.experiment else "the arms of an experiment name their playbooks",
            "name one playbook or several, or an --experiment",
        )
    if asked.deals is not None and (asked.history or asked.team or asked.since or asked.until):
        raise Refused("made deals have no history", "leave --deals out, or --history, --team, --since and --until")
    if asked.begins is not None and asked.deals is None:
        raise Refused("--from goes with --deals", "real losses enter on the day on which they were lost")
    if asked.fast and (asked.experiment or len(asked.playbooks) > 1):
        raise Refused("--fast estimates one playbook: several do not meet the same luck there", "leave --fast out")
    if asked.fast and (asked.scheduler or asked.workers > 1 or asked.history or asked.state):
        raise Refused("--fast is seconds' work of one process", "leave out --workers, --scheduler, --state, --history")
    if asked.scheduler is not None and asked.workers > 1:
        raise Refused("either --workers or --scheduler", "a cluster has workers of its own")


def _workers(desk: Desk, asked: _Asked) -> Workers:
    from engine.simulation.workers import alone, cluster, processes

    if asked.scheduler is not None:
        return cluster(asked.scheduler)
    if asked.workers == 1:
        return alone
    return processes(asked.workers, lambda: desk.say("finishing the running pieces"))


# --- asking and answering -------------------------------------------------------------------------------------------


def _answer(desk: Desk, asked: _Asked) -> str:
    from engine.console.simulated_report import About, simulated_report
    from engine.simulation.planned import detections
    from engine.simulation.question import Simulation
    from engine.simulation.summary import summed_up

    experiment = _experiment(desk, asked.experiment) if asked.experiment else None
    ways = _ways_of_arms(desk.workspace, experiment) if experiment else _ways(desk, asked.playbooks)
    behaviour, shown = _behaviour(desk, asked)
    alone = not any(chances for _, chances in behaviour.chances())
    now = _asked_at(desk, asked)
    cast = _cast(desk, asked, ways, experiment, now)
    question = Simulation(
        world=desk.world, ways=ways, subjects=cast.subjects, behaviour=behaviour, seed=asked.seed,
        replicates=1 if alone else asked.replicates or _REPLICATES, metrics=_metrics(experiment),
    )  # fmt: skip
    question = replace(question, weeks=_weeks(question, asked.weeks))
    _refuse_beyond_all_years(desk, question)
    tallies = _estimate(question) if asked.fast else _play(desk, question, _workers(desk, asked), asked.state, now)
    about = About(
        deals=cast.words, alone=alone, fast=asked.fast, remarks=tuple(cast.remarks),
        behaviour="while nobody acts and nobody answers" if alone else f"with the behaviour of {shown}",
        facts={"behaviour": behaviour.name, "experiment": experiment.name if experiment else None, **cast.facts},
    )  # fmt: skip
    found = detections(question, tallies, experiment) if experiment and len(ways) > 1 else ()
    report = simulated_report(summed_up(question, tallies), about, found, brief=asked.form == "text")
    return _rendered(desk, report, asked)


def _weeks(question: Simulation, wanted: int | None) -> int:
    """How long each deal is followed. Raises Refused where the window of a metric would be cut off."""
    from engine.simulation.planned import longest, weeks_needed

    needed = weeks_needed(question)
    if wanted is not None and wanted < needed:
        told = f"{count(wanted, 'week')} are too short for the experiment: it counts {longest(question.metrics).name}"
        raise Refused(told, f"--weeks {needed}, or leave --weeks out")
    return max(question.weeks, needed) if wanted is None else wanted


def _refuse_beyond_all_years(desk: Desk, question: Simulation) -> None:
    from engine.simulation.question import WEEK

    last = max(start.at for subject in question.subjects for start in subject.starts) + question.weeks * WEEK
    if (day := desk.local(last, "%Y-%m-%d")) > _LAST.isoformat():
        raise Refused(f"the deals would be followed until {day}", f"{_YEARS}: begin earlier, or ask for fewer --weeks")


def _behaviour(desk: Desk, asked: _Asked) -> tuple[Behaviour, str]:
    from engine.console.behaviours import chosen_behaviour
    from engine.simulation.behaviour import NOBODY

    if asked.history and asked.behaviour is None:
        return NOBODY, ""
    return chosen_behaviour(desk, asked.behaviour)


def _rendered(desk: Desk, report: Any, asked: _Asked) -> str:
    from engine.console.report_files import report_csv, report_json
    from engine.console.report_text import report_text
    from engine.console.tables import terminal_width

    if asked.form == "json":
        scope = {"team": asked.team or None, "since": _text(asked.since), "until": _text(asked.until)}
        return report_json(report, scope)
    if asked.form == "csv":
        names, table = [one.name for one in report.tables], asked.table
        chosen = next((one for one in report.tables if one.name == (table or names[0])), None)
        if chosen is None:
            raise Refused(f"a simulation has no table {table!r}", f"now it has {', '.join(names)}")
        if table is None:
            desk.say(f"this is the table {chosen.name}; --table has also {', '.join(names[1:])}")
        return report_csv(chosen)
    return report_text(report, (), terminal_width())


def _text(found: date | None) -> str | None:
    return found.isoformat() if found else None


def _play(
    desk: Desk, question: Simulation, workers: Workers, state: Path | None, now: Instant
) -> list[list[Tally]]:  # fmt: skip
    from engine.simulation.saving import OtherQuestion
    from engine.simulation.simulating import played_out
    from engine.simulation.workers import NoCluster

    with ExitStack() as stack:
        told = None
        if sys.stderr.isatty():
            bar = stack.enter_context(click.progressbar(length=question.lives, label="lives", file=sys.stderr))
            told = bar.update
        try:
            return played_out(question, workers, state, told, desk.say, now)
        except OtherQuestion as error:
            raise Refused(error.message, "name another file, or delete that one") from None
        except NoCluster as error:
            again = f"what is finished stands in {state}: say the same command again"
            hint = again if state is not None else "say it again with --state FILE, which keeps what is finished"
            raise Refused(error.message, f"{error.hint}; {hint}" if error.hint else hint) from None
        except OSError as error:
            raise Refused(f"{state} cannot be written: {error.strerror or error}", "check the folder") from None
        except KeyboardInterrupt:
            if state is not None:
                desk.say(f"what is finished stands in {state}: the same command goes on from there")
            raise click.Abort from None


def _estimate(question: Simulation) -> list[list[Tally]]:
    from engine.experiments.statistics.recursion import LibraryMissing
    from engine.simulation.estimate import NotEstimable, estimated

    try:
        return estimated(question)
    except NotEstimable as error:
        raise Refused(f"this cannot be estimated: {error.message}", "leave --fast out: it is played in full") from None
    except LibraryMissing as error:
        raise Refused("--fast needs the numpy library", error.hint) from None


# --- which playbooks ------------------------------------------------------------------------------------------------


def _ways(desk: Desk, names: Sequence[str]) -> tuple[Way, ...]:
    if len(set(names)) < len(names):
        raise Refused("a playbook is named twice", "an experiment can compare a playbook with itself, by `params`")
    return tuple(_way(desk.workspace, name, _usable(desk, name)) for name in names)


def _usable(desk: Desk, name: str) -> str:
    from engine.runner.lookup import listed_names, nearest

    known = desk.workspace.playbooks
    if name in known:
        return name
    if (desk.folder / "playbooks" / f"{name}.yaml").is_file():
        raise Refused(f"the playbook {name!r} has errors", "`playbook validate` tells which; mend them, then go on")
    raise Refused(f"there is no playbook {name!r}", nearest(name, known) or listed_names(known))


def _way(workspace: Workspace, label: str, name: str, params: Any = None, weight: float = 1.0) -> Way:
    from engine.authoring.workspace import revision_content
    from engine.core.building.revision import revision_from, revision_hash
    from engine.core.building.teams import teams_of
    from engine.simulation.question import Way

    revisions = {}
    for team in ("", *teams_of(workspace.contents[name])):
        content = revision_content(workspace, name, team, params or {})
        revisions[team] = revision_from(content, revision_hash(content))
    return Way(name=label, playbook=name, revisions=revisions, weight=weight)


def _experiment(desk: Desk, name: str) -> Experiment:
    from engine.runner.lookup import listed_names, nearest

    known = desk.workspace.experiments
    if name not in known:
        hint = nearest(name, known) or listed_names(known) or "write one into playbooks/experiments"
        raise Refused(f"there is no experiment {name!r} that can be used", hint)
    return known[name]


def _ways_of_arms(workspace: Workspace, experiment: Experiment) -> tuple[Way, ...]:
    """The control first."""
    arms = [experiment.arms[name] for name in (experiment.control, *experiment.others)]
    return tuple(_way(workspace, arm.name, arm.playbook, arm.params, arm.weight) for arm in arms)


def _metrics(experiment: Experiment | None) -> tuple[Metric, ...]:
    if experiment is None:
        return ()
    return (experiment.primary, *experiment.secondary, *experiment.guardrails)


# --- which deals ----------------------------------------------------------------------------------------------------


def _cast(desk: Desk, asked: _Asked, ways: Sequence[Way], experiment: Experiment | None, now: Instant) -> _Cast:
    if asked.deals is not None:
        return _made(desk.world, asked, ways, date.fromisoformat(desk.local(now, "%Y-%m-%d")))
    return _real(desk, asked, ways, experiment.condition if experiment else None, now)


def _asked_at(desk: Desk, asked: _Asked) -> Instant:
    """Now; where a state is gone on with, when it was begun: what begins today began on another day then."""
    import time

    from engine.simulation.saving import asked_first

    if asked.state is not None and not desk.now_text and (begun := asked_first(asked.state)) is not None:
        return begun
    if asked.deals is None:
        return looking_at(desk, None)
    return desk.instant(desk.now_text) if desk.now_text else int(time.time())


def _made(world: World, asked: _Asked, ways: Sequence[Way], today: date) -> _Cast:
    from engine.simulation.making import SPREAD, made_deals

    assert asked.deals is not None
    first = asked.begins or today
    if not _FIRST <= first <= _LAST - timedelta(days=SPREAD - 1):
        raise Refused(f"no deals can be lost over a year from {first.isoformat()}", _YEARS)
    playbooks = [one.playbook for way in ways for one in way.revisions.values()]
    return _Cast(
        subjects=made_deals(world, playbooks, asked.deals, asked.seed, first),
        words=f"{count(asked.deals, 'made deal')}, lost over a year from {first.isoformat()},",
        remarks=["Made deals are taken whatever `enrol` says: their fields are filled at random."],
        facts={"made": asked.deals, "from": first.isoformat()},
    )


def _real(desk: Desk, asked: _Asked, ways: Sequence[Way], condition: Condition | None, now: Instant) -> _Cast:
    from engine.simulation.choosing import Period, lost_deals

    today = date.fromisoformat(desk.local(now, "%Y-%m-%d"))
    since = asked.since or (today - timedelta(days=_YEAR) if asked.history else None)
    period = Period(team=asked.team, since=since, until=asked.until or today)
    playbooks = {} if condition is not None else desk.workspace.playbooks
    chosen = lost_deals(desk.store, desk.world, ways, period, now, condition, playbooks)
    if not chosen.subjects:
        raise Refused(_nothing(chosen, asked), "--deals 500 plays made deals")
    deals = sum(len(one.starts) for one in chosen.subjects)
    until = asked.until or today
    whose = f" of {asked.team}" if asked.team else ""
    when = f"from {since.isoformat()} to {until.isoformat()}" if since else f"up to {until.isoformat()}"
    words = f"{count(deals, 'loss', 'losses')}{whose} of your own, lost {when},"
    facts = {"losses": deals, "come_back": chosen.come_back,
             "left_out": dict(sorted(chosen.left_out.items()))}  # fmt: skip
    return _Cast(subjects=chosen.subjects, words=words, remarks=_remarks(chosen, ways), facts=facts)


def _nothing(chosen: Chosen, asked: _Asked) -> str:
    if not chosen.left_out:
        return "no deal was lost in that time" + (f" in the team {asked.team!r}" if asked.team else "")
    why, deals = chosen.left_out.most_common(1)[0]
    return f"no loss can be played: of {chosen.left_out.total():,}, {deals:,} because {why}"


def _remarks(chosen: Chosen, ways: Sequence[Way]) -> list[str]:
    told = ["Each enters on the day of its loss, with what is known of it today."]
    if chosen.come_back:
        since = "has been won back or reopened since; it is" if chosen.come_back == 1 else (
            "have been won back or reopened since; they are")  # fmt: skip
        told.append(f"{chosen.come_back:,} of them {since} played as a loss all the same.")
    if chosen.left_out:
        left = chosen.left_out.total()
        whys = "; ".join(f"{deals:,}: {why}" for why, deals in chosen.left_out.most_common(3))
        which = ways[0].name if len(ways) == 1 else "none of the playbooks" if len(ways) > 2 else "neither playbook"
        verb = "would not take" if len(ways) == 1 else "would take"
        told.append(f"{count(left, 'loss is', 'losses are')} left out: {which} {verb} {'it' if left == 1 else 'them'} "
                    f"({whys}).")  # fmt: skip
    for name, earlier in sorted(chosen.earlier.items()):
        told.append(
            f"{count(earlier.total(), 'of these losses', 'of these losses')} would go to a playbook that stands before "
            f"{name} in playbook.toml ({', '.join(sorted(earlier))}); here they are played as if it were not there."
        )
    return told


COMMANDS = {"simulate": simulate}
