"""``openbook eval``: how good a text, a judge or an answer is, measured."""

import typer

from openbook.cli import eval_ask, eval_judge, eval_judge_audit, eval_position, eval_reasoning, eval_text

app = typer.Typer(no_args_is_help=True, help="Measure texts, judges and answers.")

app.command(name="text", help=eval_text.text.__doc__)(eval_text.text)
app.command(name="judge-audit", help=eval_judge_audit.judge_audit.__doc__)(eval_judge_audit.judge_audit)
app.command(name="ask", help=eval_ask.ask.__doc__)(eval_ask.ask)
app.command(name="position", help=eval_position.position.__doc__)(eval_position.position)
app.command(name="judge", help=eval_judge.judge.__doc__)(eval_judge.judge)
app.command(name="reasoning", help=eval_reasoning.reasoning.__doc__)(eval_reasoning.reasoning)
