"""``openbook generate`` and ``openbook ask --model`` with a server of the API, as a person runs them."""

import json
from pathlib import Path

from fake_openai import Reply, event, fault, piece, serving, spoken

RENT = "How much is the rent?"


def test_the_text_is_shown_and_no_control_character_drives_the_terminal(run_alone) -> None:
    with serving(spoken("Hel", "lo \x1b[31m", "你\u202e!")) as fake:
        done = run_alone("generate", fake.url, "Greet me.", "--system", "Be brief.", "--max-tokens", "9", "--seed", "3")
    assert (done.code, done.out, done.err) == (0, "Hello \ufffd[31m你\ufffd!\n", "")
    (body,) = fake.asked
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert (body["max_tokens"], body["seed"], "logprobs" in body) == (9, 3, False)


def test_json_holds_every_token_with_its_probability(run) -> None:
    entries = [{"token": "Yes", "logprob": -0.25, "top_logprobs": [{"token": "Yes", "logprob": -0.25}]}]
    with serving(Reply([piece("Yes", entries, "stop")])) as fake:
        done = run("generate", f"{fake.url}#tiny", "-", "--json", stdin="Is it so?")
    token = {"id": -1, "text": "Yes", "logprob": -0.25, "alternatives": [["Yes", -0.25]]}
    assert done.json == {"model": f"{fake.url}#tiny", "text": "Yes", "finish": "end", "tokens": [token]}
    assert fake.asked[0]["messages"] == [{"role": "user", "content": "Is it so?"}]


def test_why_the_text_ends_is_said_where_nobody_asked_for_it(run) -> None:
    counted = event(choices=[], usage={"prompt_tokens": 7, "completion_tokens": 2})
    for word, line in (
        ("stop", ""),
        ("length", "the model's context is full, so the text ends here\n"),
        ("content_filter", "the server ended the text: content_filter\n"),
    ):
        with serving(Reply([piece("Yes"), piece("!", finish=word), counted])) as fake:
            done = run("generate", fake.url, "x")
            assert (done.code, done.out, done.err) == (0, "Yes!\n", line)


def test_alternatives_are_shown_for_each_token(run) -> None:
    entries = [{"token": "Yes\n", "logprob": -0.25, "top_logprobs": [{"token": "Yes\n", "logprob": -0.25}]}]
    with serving(Reply([piece("Yes\n", entries), piece("!", finish="stop")])) as fake:
        done = run("generate", fake.url, "x", "--alternatives", "3")
    assert done.out.splitlines() == [r"'Yes\n'          0.779   of 'Yes\n' 0.779", "'!'                  -   of -"]
    assert fake.asked[0]["top_logprobs"] == 3


def test_stop_and_schema_reach_the_model(run, tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"type": "object"}')
    with serving(spoken("one", " two")) as fake:
        done = run("generate", fake.url, "x", "--stop", "tw", "--schema", "schema.json")
    assert (done.code, done.out) == (1, "one \n")
    assert fake.asked[0]["response_format"]["json_schema"]["schema"] == {"type": "object"}


def test_what_does_not_match_the_schema_is_shown_and_said(run, tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"year": {"type": "integer"}}, "required": ["year"]}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    for reply, arguments, why in (
        ('{"year": "1987"}', (), "at $.year: '1987' is not of type 'integer'): try another model"),
        ("It was in 1987.", (), "it is no JSON: It was in 1987.): try another model"),
        ('{"year"', ("--max-tokens", "1"), 'it is no JSON: {"year"): allow more --max-tokens than 1'),
        ('{"year": NaN}', (), 'it is no JSON: {"year": NaN}): try another model'),
    ):
        with serving(spoken(reply)) as fake:
            done = run("generate", fake.url, "When?", "--schema", "schema.json", *arguments)
        assert (done.code, done.out) == (1, reply + "\n")
        assert done.err == f"openbook: the output does not match schema.json ({why}\n"
    with serving(spoken('{"year": "x"}'), spoken('{"year": 1987}')) as fake:
        done = run("generate", fake.url, "When?", "--schema", "schema.json", "--json")
        assert (done.code, done.json["mismatch"]) == (1, "at $.year: 'x' is not of type 'integer'")
        done = run("generate", fake.url, "When?", "--schema", "schema.json", "--json")
        assert (done.code, done.json["text"], done.json["mismatch"], done.err) == (0, '{"year": 1987}', "", "")


def test_what_is_wrong_is_one_line(run, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "kind.json").write_text('{"type": "strin"}')
    with serving(fault(404, "no such model"), models=("a", "b")) as fake:
        for arguments, said in (
            (("nothing", "x"), "names no model: use writer"),
            ((f"{fake.url}", "x"), "offers a, b: add #MODEL"),
            ((f"{fake.url}#c", "x"), "no such model"),
            ((f"{fake.url}#c", "x", "--top-p", "0"), "top_p must be above 0"),
            ((f"{fake.url}#c", "x", "--schema", "list.json"), "holds no JSON schema"),
            ((f"{fake.url}#c", "x", "--schema", "kind.json"), "this is no JSON schema (at $.type: 'strin' is not"),
        ):
            done = run("generate", *arguments)
            assert (done.code, len(done.err.splitlines())) == (2, 1)
            assert said in done.err


def test_a_draft_is_kept_where_a_passage_backs_it(run, notes: Path) -> None:
    draft = "The rent is 950 euros a month [1]. The landlord is called Ming."
    with serving(spoken(*draft.split(" The"))) as plain, serving(spoken(draft)) as fake:
        done = run("ask", RENT, str(notes), "--model", f"{fake.url}#tiny")
        assert run("ask", RENT, str(notes), "--model", f"{plain.url}#tiny").code == 0
    assert done.code == 0
    assert "The rent is 950 euros a month. [1]" in done.out
    assert "~~The landlord is called Ming.~~ (not backed)" in done.out
    (body,) = fake.asked
    assert body["temperature"] == 0
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "950 euros a month, due on the third" in body["messages"][1]["content"]


def test_an_answer_with_a_draft_says_so_in_its_trace_and_its_replay(run, notes: Path, tmp_path: Path) -> None:
    with serving(spoken("The rent is 950 euros a month [1].")) as fake:
        done = run("ask", RENT, str(notes), "--model", fake.url, "--json")
    assert done.json["trace"]["models"]["writer"] == f"{fake.url}#tiny, temperature 0, 600 tokens"
    (tmp_path / "answer.json").write_text(json.dumps(done.json))
    replayed = run("replay", "answer.json", "--json").json
    assert replayed["first"] == "write"
    assert any("the writer was another" in why for why in replayed["why"])


def test_nothing_is_asked_where_the_documents_hold_no_answer(run, notes: Path) -> None:
    with serving(spoken("Rembrandt.")) as fake:
        assert run("ask", "Who painted The Night Watch?", str(notes), "--model", f"{fake.url}#tiny").code == 3
    assert fake.asked == []


def test_a_model_that_fails_is_one_line(run, notes: Path) -> None:
    with serving(Reply([event(error={"message": "out of memory"})])) as fake:
        done = run("ask", RENT, str(notes), "--model", f"{fake.url}#tiny")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == "openbook: the server stopped: out of memory"
    assert run("ask", RENT, str(notes), "--model", "gpt").code == 2
