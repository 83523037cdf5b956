"""``openbook agent``: a request carried out with tools, by a plan made before anything is read."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson


def agent(
    task: Annotated[
        str,
        typer.Argument(
            help="What is to be done, in plain words; `-` reads it from standard input.", show_default=False
        ),
    ] = "",
    docs: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE", help="Folders, files or pages to ask and search; repeatable.", show_default=False
        ),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The folder that files are read from and written to.", show_default=False),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="A host that pages may be fetched from, as *.example.org; repeatable.",
            show_default=False,
        ),
    ] = None,
    tools: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only these of the tools there are.", show_default=False)
    ] = None,
    mcp: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERVER",
            help="An MCP server whose tools may be used: a command, an address or a file; repeatable.",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What may be done, asked for or refused (TOML).", show_default=False),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Let a language model plan: onnx:FOLDER, torch:FOLDER, or http(s)://HOST:PORT/v1#MODEL.",
            show_default=False,
        ),
    ] = None,
    stepwise: Annotated[
        bool, typer.Option("--stepwise", help="Let the model choose each call as it goes; it announces a plan first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Allow what a person would be asked about.")] = False,
    dry: Annotated[bool, typer.Option("--dry", help="Show the plan and do nothing.")] = False,
    journal: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write down what is done, so that a stopped run can go on.", show_default=False
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the last unfinished run of the journal.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Carry out a request with tools: documents, arithmetic, dates, units, files, pages.

    The plan is made from your words alone, before anything is read, by rules or by --model. Text from documents, files
    and pages can be quoted, calculated with and written down; it never chooses a file, an address or a further step.

    Writing and sending is asked for on a terminal; elsewhere it is refused without --yes.

    Exit code: 0 done, 1 something was refused or failed, 3 not in these documents, 2 bad usage or input.
    """
    from openbook.agent.events import Event
    from openbook.agent.world import World
    from openbook.cli.agent_approval import approving, hint
    from openbook.cli.agent_model import events_of, opened_model, policy_of, reading_with
    from openbook.cli.agent_plan import made_plan
    from openbook.cli.agent_runs import journalled, wanted_run
    from openbook.cli.agent_setting import Setting, open_tools
    from openbook.cli.agent_told import as_data, exit_code
    from openbook.cli.show_agent import Shown, show_plan
    from openbook.cli.typed import print_json, read_question

    given = Setting(
        read_question(task),
        tuple(docs or ()),
        str(root.absolute()) if root else None,
        tuple(host or ()),
        tuple(name.strip() for name in tools.split(",") if name.strip()) if tools is not None else None,
        str(policy.absolute()) if policy else None,
        model,
        stepwise,
        tuple(mcp or ()),
    )
    with journalled(journal, resume=resume, dry=dry) as kept:
        setting, plan, of_run = wanted_run(kept, given, resume=resume)
        planner = opened_model(setting)
        with open_tools(setting) as opened:
            held = policy_of(setting, opened)
            if plan is None and (dry or not setting.stepwise):
                plan = made_plan(setting, opened, planner)
            if dry and plan is not None:
                print_json({"task": setting.task, **as_data(plan, ())}) if as_json else show_plan(plan)
                raise typer.Exit
            world = World(
                {tool.name: tool for tool in opened.tools},
                held,
                reading_with(planner),
                approving(yes=yes),
                journal=of_run(plan),
            )
            shown = None if as_json else Shown(opened.roots, hint(yes=yes))
            events: list[Event] = []
            for event in events_of(setting.task, plan, planner, world):
                events.append(event)
                if shown:
                    shown.show(event)
            later = world.journal.revisions() if world.journal else ()
    if as_json:
        run = world.journal.run if world.journal else None
        print_json({"task": setting.task, "run": run, **as_data(plan, events, later)})
    raise typer.Exit(exit_code(events))
